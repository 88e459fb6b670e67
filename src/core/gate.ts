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
}

export type GateDecision = "pass" | "setup" | "challenge" | "locked";

export function decideGate({ need, enrolled, directCodes, proven, locked }: GateFacts): GateDecision {
  if (need === false || proven) return "pass";
  if (need === "optional" && !enrolled) return "pass";
  if (!enrolled && !directCodes) return "setup";
  return locked ? "locked" : "challenge";
}
