import { epochOf } from "../../core/proof";
import type { SessionState } from "./state";
import type { KnownCaller, Underway } from "../caller";

/**
 * The state with the mark of a session that is let in by a remembered browser alone. The cookie is the visitor's to leave
 * out: without a mark, a session that was stolen with it would set up after a reset as if it were a new login.
 */
export function withLetIn({ kept, state, access }: Pick<KnownCaller, "kept" | "state" | "access">): SessionState {
  if (!kept.holdsMarks) return state;
  const epoch = epochOf(access.record);
  if (access.proof !== undefined || access.browser === undefined || state.letIn === epoch) return state;
  return { ...state, letIn: epoch };
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
