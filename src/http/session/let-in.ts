import { epochOf } from "../../core/proof";
import { saveSession, writeState, type SessionState } from "./state";
import { hostSession } from "./host-session";
import type { KnownCaller } from "../caller";

/**
 * The state with the mark of a session that is let in by a remembered browser alone. The cookie is the visitor's to leave
 * out: without a mark, a session that was stolen with it would set up after a reset as if it were a new login.
 */
export function withLetIn({ state, access }: Pick<KnownCaller, "state" | "access">): SessionState {
  const epoch = epochOf(access.record);
  if (access.proof !== undefined || access.browser === undefined || state.letIn === epoch) return state;
  return { ...state, letIn: epoch };
}

const marking = new Set<string>();

/** Once a session: the first request through the gate saves it; those at the same time leave that to the first. */
export async function markLetIn(caller: Pick<KnownCaller, "req" | "subject" | "state" | "access">): Promise<void> {
  const { req, subject } = caller;
  const state = withLetIn(caller);
  if (state === caller.state) return;
  const { sessionID } = hostSession(req);
  const key = `${sessionID} ${subject.key}`;
  if (sessionID !== undefined && marking.has(key)) return;
  marking.add(key);
  try {
    writeState(req, subject, state);
    await saveSession(req);
  } finally {
    marking.delete(key);
  }
}
