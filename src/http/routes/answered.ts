import { statusOfCode } from "../../errors";
import type { Presentations } from "../../service/factors";
import { sendProblem } from "../answers/answers";
import type { HttpParts, KnownCaller } from "../caller";
import type { NewKey } from "../input/fields";
import { takeOut } from "../session/challenges";
import type { HeldChallenge, Purpose } from "../session/state";
import type { Again } from "./route";

/** What a request brings that answers a challenge. */
interface Input {
  /** A text where it is one that came by mail: that answers no challenge. */
  code?: Presentations | string | undefined;
  response?: NewKey;
}

/** A new key with what the session had asked for it. */
export interface AnsweredKey extends NewKey {
  held: HeldChallenge;
}

/**
 * The one place where answers of keys meet what was asked: before any of it is verified, and once.
 * @param work what is done with a request whose answers, if it has some, answer what this session was asked
 */
export async function withChallenge(
  parts: HttpParts,
  caller: KnownCaller,
  input: Input,
  { purpose, again }: { purpose: Purpose; again?: Again | undefined },
  work: (caller: KnownCaller, input: object) => Promise<void>,
): Promise<void> {
  const { factors, budgets } = parts.service;
  const { response } = input;
  const code = typeof input.code === "string" ? undefined : input.code;
  const answer = response?.added ?? (code && factors.challengeOf(code) !== undefined ? code : undefined);
  if (answer === undefined) return work(caller, input);
  const page = async (known: KnownCaller) => {
    const shown = await again?.(parts, known);
    return shown === undefined ? {} : { page: shown };
  };
  const pace = paceOf(caller);
  const wait = budgets.take("keys", pace);
  if (wait > 0) {
    const details = { reason: "too-soon", about: "page", retryAfterSeconds: wait } as const;
    return sendProblem(parts, caller, "TOO_MANY_ATTEMPTS", { ...details, ...(await page(caller)) });
  }
  const value = response ? factors.asked?.ceremony.challengeOf(response.added) : code && factors.challengeOf(code);
  const taken = await takeOut(parts, caller, value ?? "", purpose);
  const { held } = taken;
  if (held === undefined) {
    budgets.giveBack("keys", pace);
    return sendProblem(parts, taken.caller, "KEY_CHALLENGE_EXPIRED", await page(taken.caller));
  }
  await work(taken.caller, {
    ...input,
    ...(code && { code: factors.answered(code, held) }),
    ...(response && { response: { ...response, held } satisfies AnsweredKey }),
  });
  // Only what was refused is counted.
  if (caller.res.statusCode !== statusOfCode.KEY_REFUSED) budgets.giveBack("keys", pace);
}

/**
 * Each login has its own, so that nobody who knows the password can use up the owner's; a new one costs a login. Where
 * nothing tells logins apart, known browsers still have theirs.
 */
const paceOf = ({ subject, kept, access }: KnownCaller): { key: string } => ({
  key: `${subject.key} ${kept.id ?? access.lane ?? ""}`,
});
