import { hasFactor, type GateDecision } from "../../core/gate";
import { epochOf } from "../../core/proof";
import { randomToken } from "../../crypto/random";
import { noFirstDemand } from "../../options/host-user";
import { sendLoginExpired } from "../answers/answers";
import type { SessionState } from "./state";
import { hostAnswer, type HttpParts, type KnownCaller, type Underway } from "../caller";
import { claimsOf } from "../facts";

/**
 * A login that owes its proof for too long ends for real: by the host's own logout. What we kept of it goes too, so
 * whoever is still signed in after that (a host without a session login) begins anew, and no loop arises.
 * @returns whether that happened and was answered
 */
export async function expireIfOverdue(parts: HttpParts, caller: KnownCaller, decision: GateDecision): Promise<boolean> {
  if (!owes(decision) || !isOverdue(parts, caller)) return false;
  await endLogin(parts, caller);
  return true;
}

/** When a login that owes its proof ends, in Unix seconds; `undefined`: it never owed one. */
const endOf = ({ settings }: HttpParts, { state: { owedSince } }: KnownCaller): number | undefined =>
  owedSince === undefined ? undefined : owedSince + settings.pendingLoginSeconds;

const isOverdue = (parts: HttpParts, caller: KnownCaller): boolean => caller.now >= (endOf(parts, caller) ?? Infinity);

/** By when this login has to be finished; `undefined`: it owes nothing. */
export function finishBy(parts: HttpParts, caller: KnownCaller): Date | undefined {
  const end = owes(caller.decided.own) ? endOf(parts, caller) : undefined;
  return end === undefined ? undefined : new Date(end * 1000);
}

/**
 * A session that outlived what it had proven does not set up: whoever stole it would, before the owner does, and be
 * the owner from then on. It ends, and the next login sets up. The cookie goes, or that login would end for it, too.
 * So ends one that had owed its proof for too long, and owes none any more since there is nothing to prove.
 * @returns whether that happened and was answered
 */
export async function endIfOutlived(parts: HttpParts, caller: KnownCaller): Promise<boolean> {
  const { subject, access, kept, req, res } = caller;
  if (!parts.service.access.isOutlived(subject, access, claimsOf(parts, caller))) {
    // Where the host says when it was made, that has just decided: whoever has nothing to prove has owed nothing since then.
    const isDecided = access.proof !== undefined || access.browser !== undefined || kept.loginAt !== undefined;
    if (isDecided || !isOverdue(parts, caller)) return false;
    await endLogin(parts, caller);
    return true;
  }
  parts.slots.remember.clear(req, res);
  await endLogin(parts, caller, "reset");
  return true;
}

/** By the host's own logout; and the answer that says so. */
export async function endLogin(parts: HttpParts, caller: KnownCaller, reason?: "reset"): Promise<void> {
  const { settings, service } = parts;
  const { req, res, subject, kept, origin } = caller;
  const ended = await kept.end(res, (usual) =>
    hostAnswer(settings, "endLogin", async () => (settings.endLogin ? settings.endLogin(req, res) : usual())),
  );
  if (ended.isNews) await service.announce(subject, origin, [{ type: "login-expired" }]);
  if (res.headersSent) return;
  await ended.save();
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
function withOwedSince({ state, decided, now }: KnownCaller): SessionState {
  const { owedSince } = state;
  if (!owes(decided.gate) || (owedSince !== undefined && owedSince <= now + clockSkewSeconds)) return state;
  return { ...state, owedSince: now };
}

/** The state with a name for a login that owes its proof, where nothing else tells it from another. */
function withName({ kept, decided }: KnownCaller, state: SessionState): SessionState {
  if (kept.id !== undefined || !kept.isLogin || !owes(decided.gate) || state.askedAs !== undefined) return state;
  return { ...state, askedAs: randomToken() };
}

/**
 * The state with the time from which a login was known, where the host may ask how old one is. Who has a factor is not
 * asked; but it can be reset or turned off, and this login is no new one then.
 */
export function withSeenAt({ settings }: HttpParts, { kept, now }: KnownCaller, state: SessionState): SessionState {
  const isAsked = settings.confirmFirstEnrolment !== noFirstDemand && kept.holdsMarks;
  return !isAsked || state.seenAt !== undefined ? state : { ...state, seenAt: now };
}

/** What a login owes, with all that is told of it later. */
export function withOwed(parts: HttpParts, caller: KnownCaller): SessionState {
  const state = withName(caller, withOwedSince(caller));
  return hasFactor(caller.facts) ? withSeenAt(parts, caller, state) : state;
}

/**
 * The state with the mark of a session that is let in by a remembered browser alone. The cookie is the visitor's to leave
 * out: without a mark, a session that was stolen with it would set up after a reset as if it were a new login.
 */
function withLetIn({ kept, state, access }: Pick<KnownCaller, "kept" | "state" | "access">): SessionState {
  if (!kept.holdsMarks || access.proof !== undefined || access.browser === undefined) return state;
  const epoch = epochOf(access.record);
  return state.letIn === epoch ? state : { ...state, letIn: epoch };
}

/** Once a session: the first request through the gate saves it; those at the same time leave that to the first. */
export async function markLetIn(
  { marks }: Underway,
  caller: Pick<KnownCaller, "kept" | "subject" | "state" | "access">,
): Promise<void> {
  const { kept, subject } = caller;
  const state = withLetIn(caller);
  if (state === caller.state) return;
  const key = `${kept.id} ${subject.key}`;
  if (kept.id !== undefined && marks.has(key)) return;
  marks.add(key);
  try {
    kept.write(state);
    await kept.save();
  } finally {
    marks.delete(key);
  }
}

/** What this login owes and what has let it in, for the session to keep. */
export const withLogin = (parts: HttpParts, caller: KnownCaller): SessionState =>
  withLetIn({ ...caller, state: withOwed(parts, caller) });

/** On our own routes, before any code is looked at. */
export async function keepLogin(parts: HttpParts, caller: KnownCaller): Promise<KnownCaller> {
  const state = withLogin(parts, caller);
  if (state === caller.state) return caller;
  caller.kept.write(state);
  await caller.kept.save();
  return { ...caller, state };
}
