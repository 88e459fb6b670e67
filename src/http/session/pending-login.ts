import type { Request } from "express";
import type { GateDecision } from "../../core/gate";
import { sendLoginExpired } from "../answers/answers";
import { watchLogout } from "./dead-sessions";
import { hostSession, patiently } from "./host-session";
import { withLetIn } from "./let-in";
import { dropState, saveSession, writeState, type SessionState } from "./state";
import { claimsOf, hostAnswer, originOf, type HttpParts, type KnownCaller } from "../caller";

/**
 * A login that owes its proof for too long ends for real: by the host's own logout. What we kept of it goes too, so
 * whoever is still signed in after that (a host without a session login) begins anew, and no loop arises.
 * @returns whether that happened and was answered
 */
export async function expireIfOverdue(parts: HttpParts, caller: KnownCaller, decision: GateDecision): Promise<boolean> {
  const { settings } = parts;
  const { owedSince } = caller.state;
  if (!owes(decision) || owedSince === undefined || caller.now < owedSince + settings.pendingLoginSeconds) return false;
  await endLogin(parts, caller);
  return true;
}

/**
 * A session that outlived what it had proven does not set up: whoever stole it would, before the owner does, and be
 * the owner from then on. It ends, and the next login sets up. The cookie goes, or that login would end for it, too.
 * @returns whether that happened and was answered
 */
export async function endIfOutlived(parts: HttpParts, caller: KnownCaller): Promise<boolean> {
  const { subject, access, req, res } = caller;
  if (!parts.service.access.isOutlived(subject, access, claimsOf(parts, caller))) return false;
  parts.cookie.clear(req, res);
  await endLogin(parts, caller, "reset");
  return true;
}

/** By the host's own logout; and the answer that says so. */
async function endLogin(parts: HttpParts, caller: KnownCaller, reason?: "reset"): Promise<void> {
  const { settings, service } = parts;
  const { req, res, subject } = caller;
  watchLogout(req, res);
  const host = hostSession(req);
  const { sessionID } = host;
  dropState(req, settings.scope);
  try {
    await hostAnswer(settings, "endLogin", async () => (settings.endLogin ?? endHostLogin)(req, res));
  } catch (error) {
    // Still overdue: the next request tries again.
    if (host.session) writeState(req, subject, caller.state);
    throw error;
  }
  dropState(req, settings.scope);
  await service.announce(subject, originOf(req), [{ type: "login-expired" }]);
  if (res.headersSent) return;
  if (host.session && host.sessionID === sessionID) await saveSession(req);
  await sendLoginExpired(parts, caller, reason);
}

const owes = (decision: GateDecision): boolean => decision === "challenge" || decision === "locked";

/** Between the clocks of two processes there may be this much. */
const clockSkewSeconds = 60;

/**
 * The state with the clock of a pending login running: from the first time that a proof is seen to be owed, on whatever
 * route. Nothing is owed where the gate would let pass, though a page of ours may ask. Where the clock was set back since
 * then it begins now: else the login would be pending for as long again.
 */
export function withOwedSince({ state, decided, now }: KnownCaller): SessionState {
  const { owedSince } = state;
  if (!owes(decided.gate) || (owedSince !== undefined && owedSince <= now + clockSkewSeconds)) return state;
  return { ...state, owedSince: now };
}

/** What this login owes and what has let it in, for the session to keep. */
export const withLogin = (caller: KnownCaller): SessionState => withLetIn({ ...caller, state: withOwedSince(caller) });

/** On our own routes, before any code is looked at. */
export async function keepLogin(caller: KnownCaller): Promise<KnownCaller> {
  const state = withLogin(caller);
  if (state === caller.state) return caller;
  writeState(caller.req, caller.subject, state);
  await saveSession(caller.req);
  return { ...caller, state };
}

interface Endable {
  regenerate?: (done: (error?: unknown) => void) => void;
}

/** Passport's logout where there is one, then an empty session. */
async function endHostLogin(req: Request): Promise<void> {
  const { logout } = req as { logout?: (done: (error?: unknown) => void) => void };
  // Before passport 0.6 it took no callback, and calls none.
  if (typeof logout === "function" && logout.length === 0) Reflect.apply(logout, req, [() => undefined]);
  else if (typeof logout === "function") await patiently((done) => Reflect.apply(logout, req, [done]));
  const { session } = req as unknown as { session?: (Endable & Record<string, unknown>) | null };
  if (!session) return;
  if (typeof session.regenerate === "function") await patiently((done) => session.regenerate?.(done));
  else for (const name of Object.keys(session)) delete session[name];
}
