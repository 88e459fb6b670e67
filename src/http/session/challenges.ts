import { epochOf } from "../../core/proof";
import { randomToken } from "../../crypto/random";
import type { Caller, HttpParts, KnownCaller } from "../caller";
import type { HeldChallenge, Purpose } from "./state";

/** Pages in several tabs have one each; what is older than these is asked anew. */
const mostHeld = 4;

/** Keeps what is being asked. The session is saved before the answer goes out. */
export function hold({ kept }: Caller, challenge: HeldChallenge): void {
  const { askedAs = kept.id === undefined ? randomToken() : undefined, ...state } = kept.read();
  kept.write({
    ...state,
    ...(askedAs !== undefined && { askedAs }),
    challenges: [...(state.challenges ?? []), challenge].slice(-mostHeld),
  });
}

/**
 * Takes the challenge that an answer names out of the session, and saves it, before anything of the answer is looked at.
 * @returns `held` absent: it was not asked for this, in this state of the record, or too long ago
 */
export async function takeOut(
  { service }: HttpParts,
  caller: KnownCaller,
  value: string,
  purpose: Purpose,
): Promise<{ caller: KnownCaller; held?: HeldChallenge }> {
  const { kept, state, access } = caller;
  const held = state.challenges?.find((one) => one.value === value);
  if (held === undefined) return { caller };
  const { challenges = [], ...rest } = state;
  const left = challenges.filter((one) => one !== held);
  const next = left.length === 0 ? rest : { ...rest, challenges: left };
  kept.write(next);
  await kept.save();
  const isGood = held.purpose === purpose && held.epoch === epochOf(access.record) && service.clock() < held.expiresAt;
  return { caller: { ...caller, state: next }, ...(isGood && { held }) };
}
