import type { Need } from "./need";

/** What a user can prove. */
export interface Factors {
  /** An authenticator is set up and confirmed. */
  enrolled: boolean;
  /** Codes by mail or SMS serve this user. */
  directCodes: boolean;
  /** An identity provider has proven this user before, and the host still takes its word. */
  identityProvider: boolean;
}

/** All that the gate's decision depends on. */
export interface GateFacts extends Factors {
  need: Need["is"];
  /** This session has a valid proof, or the request a remembered browser. */
  proven: boolean;
  locked: boolean;
  /** The identity provider proved too little, and the host wants no other proof (`onWeakAcr: "refuse"`). */
  refused?: boolean;
  /** Proven by what is no proof for this user, who has nothing better yet, or has lost it: that sets up, and nothing else. */
  half?: boolean;
  /** A code from a mail has opened set-up for this session, after the waiting time of a recovery. */
  recovering?: boolean;
}

/** `"refused"`: only another sign-in, at the identity provider, helps. */
export type GateDecision = "pass" | "setup" | "challenge" | "locked" | "refused";

/** Whoever has one proves it before another is added. */
export const hasFactor = (facts: Factors): boolean => canTypeCode(facts) || facts.identityProvider;

/** There is a code that this user could type here. */
export const canTypeCode = ({ enrolled, directCodes }: Factors): boolean => enrolled || directCodes;

export interface Decisions {
  /** Behind the gate. */
  gate: GateDecision;
  /** On own routes. */
  own: GateDecision;
}

export const decide = (facts: GateFacts): Decisions => ({ gate: decideGate(facts), own: decideOwn(facts) });

/** Most requests end here: nothing else of the user has to be known. */
export const passesAsProven = (proven: boolean, refused: boolean | undefined): boolean => proven && refused !== true;

/** Who need not have a factor, and has none. */
export const passesUnasked = (need: Need["is"], enrolled: boolean): boolean =>
  need === "never" || (need === "may" && !enrolled);

/** Who would be asked for a proof if there were none. */
export const isAsked = (facts: GateFacts): boolean => decideGate({ ...facts, proven: false }) !== "pass";

/** For who has lost what they would prove: that sets up, and does nothing else. */
export const opensSetup = ({ recovering, need }: GateFacts): boolean => recovering === true && need !== "never";

export function decideGate(facts: GateFacts): GateDecision {
  const { need, enrolled, proven, locked, refused, half } = facts;
  if (passesUnasked(need, enrolled)) return "pass";
  // Before `proven`: a browser remembered from another way of signing in is no way round.
  if (refused) return "refused";
  if (passesAsProven(proven, refused)) return "pass";
  if (half) return "setup";
  if (!hasFactor(facts)) return "setup";
  if (!canTypeCode(facts)) return "refused";
  return locked ? "locked" : "challenge";
}

/**
 * On own routes everybody who has a factor is asked for it, whatever the predicate says of their addresses; and whom the
 * identity provider proved too little sets up nothing there that would pass elsewhere.
 */
export function decideOwn(facts: GateFacts): GateDecision {
  if (facts.refused && facts.need !== "never") return "refused";
  return decideGate(hasFactor(facts) ? { ...facts, need: "must" } : facts);
}
