/** All that the gate's decision depends on. */
export interface GateFacts {
  /** What the host's predicate said. */
  need: boolean | "optional";
  /** An authenticator is set up and confirmed. */
  enrolled: boolean;
  /** Codes by mail or SMS serve this user. */
  directCodes: boolean;
  /** This session has a valid proof, or the request a remembered browser. */
  proven: boolean;
  locked: boolean;
  /** The identity provider proved too little, and the host wants no other proof (`onWeakAcr: "refuse"`). */
  refused?: boolean;
}

export type GateDecision = "pass" | "setup" | "challenge" | "locked" | "refused";

export function decideGate({ need, enrolled, directCodes, proven, locked, refused }: GateFacts): GateDecision {
  if (need === false || (need === "optional" && !enrolled)) return "pass";
  // Before `proven`: a browser remembered from another way of signing in is no way round.
  if (refused) return "refused";
  if (proven) return "pass";
  if (!enrolled && !directCodes) return "setup";
  return locked ? "locked" : "challenge";
}
