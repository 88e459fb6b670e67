import type { FactorTools } from "../../src/factors/factor";
import { now, userKey } from "../core/records";

/** What a kind gets, for one user, with what it asked for written down; nothing is encrypted but in name. */
export function toolsOf(user = userKey, at = now): { tools: FactorTools; asked: string[] } {
  const asked: string[] = [];
  const noting =
    (what: string) =>
    (text: string): string => {
      asked.push(`${what} ${text}`);
      return text;
    };
  const close = (how: string, text: string) => `new.${how}(${user}) ${text}`;
  const open = (how: string, closed: string) => {
    const [, own] = closed.split(`.${how}(${user}) `);
    if (own === undefined) throw new Error("It belongs elsewhere.");
    return own;
  };
  const sign = (...parts: readonly string[]) => `signed(${user}) ${parts.join()}`;
  const tools: FactorTools = {
    seal: async (text) => close("sealed", text),
    open: async (sealed) => open("sealed", noting("open")(sealed)),
    isCurrent: (sealed) => sealed.startsWith("new."),
    needsOldKey: (sealed) => sealed.startsWith("old."),
    wrap: (text) => close("wrapped", text),
    unwrap: (wrapped) => open("wrapped", noting("unwrap")(wrapped)),
    isWrapCurrent: (wrapped) => wrapped.startsWith("new."),
    wrapNeedsOldKey: (wrapped) => wrapped.startsWith("old."),
    sign,
    isSigned: (signature, ...parts) => signature === sign(...parts),
    slowHash: async (text, salt) => `hash(${user}) of ${noting("hash")(text)} with ${salt}`,
    strongOpens: async () => void noting("strong")("opens"),
    now: at,
  };
  return { tools, asked };
}
