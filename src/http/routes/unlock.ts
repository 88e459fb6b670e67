import { unlockProgress, unlockTurn, withCodeGiven, type CodesGiven } from "../../core/unlocking";
import type { LaneLock } from "../../core/attempts";
import { randomToken } from "../../crypto/random";
import type { Presentations } from "../../service/factors";
import { sendLocked } from "../answers/refusals";
import type { HttpParts, KnownCaller } from "../caller";
import { codeAuthority } from "../facts";
import type { Page } from "../render/pages";
import { pacesOf, takeAll } from "./paces";
import type { UnlockResult } from "../../service/unlocking";

/**
 * A code under a lock: one of the three that unlock, where they are given in time. What is answered is the same whether
 * it was right or not, until the third.
 * @returns what the third right one has proven; `undefined` after an answer; `"not-locked"`: the lock has ended meanwhile
 */
export async function giveToUnlock(
  parts: HttpParts,
  caller: KnownCaller,
  presented: Presentations,
  lock: LaneLock,
  page: (caller: KnownCaller) => Page | undefined,
): Promise<Extract<UnlockResult, { is: "unlocked" }> | "not-locked" | undefined> {
  const { service } = parts;
  const { subject, access, state } = caller;
  const right = access.record?.unlocking;
  const turn = unlockTurn(state.unlocking, right, service.clock());
  const answer = (known: KnownCaller) => {
    const shown = page(known);
    return sendLocked(parts, known, lock, shown && { page: shown });
  };
  if (turn.is === "wait" || takeAll(service.paces, pacesOf(caller, looks)) > 0) {
    await answer(caller);
    return undefined;
  }
  const given = turn.given ?? { id: randomToken(6), at: [] };
  const at = service.clock();
  if (turn.is === "pretend") {
    await answer(await keepGiven(caller, withCodeGiven(given, at), right));
    return undefined;
  }
  const result = await service.unlocking.give(
    subject,
    codeAuthority(parts, caller, presented),
    given.id,
    caller.origin,
  );
  if (result.is === "unlocked") return result;
  if (result.is === "not-locked") return result.is;
  await answer(await keepGiven(caller, withCodeGiven(given, at), result.right));
  return undefined;
}

/** Strangers in their logins do not slow this one down. */
const looks = { each: "unlockLooks", together: "unlockLooksWithoutLogin" } as const;

async function keepGiven(
  caller: KnownCaller,
  unlocking: CodesGiven,
  right: CodesGiven | undefined,
): Promise<KnownCaller> {
  const { kept, access } = caller;
  const state = { ...caller.state, unlocking };
  kept.write(state);
  await kept.save();
  const record = access.record && { ...access.record, ...(right && { unlocking: right }) };
  return { ...caller, state, access: { ...access, record } };
}

/** A wrong code that was no try to unlock closes the way out as one that was: in this session, if it has begun it. */
export async function noteWrongCode({ service }: HttpParts, caller: KnownCaller): Promise<void> {
  const { state, access } = caller;
  const { given } = unlockProgress(state.unlocking, access.record?.unlocking, service.clock());
  if (state.unlocking === undefined || given === 0) return;
  await keepGiven(caller, withCodeGiven(state.unlocking, service.clock()), access.record?.unlocking);
}
