import type { Factor } from "../factors/factor";
import type { Access } from "../service/access";
import type { HttpParts, KnownCaller } from "./caller";

export const isAny = ({ proof, browser }: Access): boolean => proof !== undefined || browser !== undefined;

/** Whether what the claims are worth opens the gate for this user. */
export function countsAs({ service }: HttpParts, access: Access, onlyKeys: boolean): boolean {
  if (!onlyKeys) return isAny(access);
  const { proof, browser } = access;
  return browser?.resistant === true || (proof !== undefined && service.factors.isResistant(proof.method));
}

/** What of a form is proof for this user: where only keys are, a code to fall back on, too, which leads to another key. */
export function takesOf({ service }: HttpParts, { onlyKeys, access, state, facts }: KnownCaller) {
  const { method } = state;
  const hasKey = service.factors.hasAsked(access.record);
  return (factor: Factor): boolean => {
    if (method !== undefined && state.stepUp === true && facts.proven) return factor.method === method;
    return !(onlyKeys && hasKey) || factor.ceremony !== undefined || factor.rank === "backup";
  };
}
