import { statusOfCode } from "../../errors";
import type { Presentations } from "../../service/factors";
import { sendProblem } from "../answers/answers";
import type { HttpParts, KnownCaller } from "../caller";
import type { Fields } from "../input/body";
import type { NewKey } from "../input/fields";
import { takeOut } from "../session/challenges";
import type { HeldChallenge, Purpose } from "../session/state";
import { giveAllBack, pacesOf, takeAll } from "./paces";
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
  { input, fields }: { input: Input; fields: Fields },
  { purpose, again }: { purpose: Purpose; again?: Again | undefined },
  work: (caller: KnownCaller, input: object) => Promise<void>,
): Promise<void> {
  const { service } = parts;
  const { factors, budgets } = service;
  const { response } = input;
  const code = typeof input.code === "string" ? undefined : input.code;
  const answer = response?.added ?? (code && factors.challengeOf(code) !== undefined ? code : undefined);
  if (answer === undefined) return work(caller, input);
  const page = async (known: KnownCaller) => {
    const shown = await again?.(parts, known, fields);
    return shown === undefined ? {} : { page: shown };
  };
  const paces = pacesOf(caller, { each: "keys", together: "keysWithoutLogin" });
  const wait = service.ceremonies.wait(caller.access.record) || takeAll(budgets, paces);
  if (wait > 0) {
    const details = { reason: "too-soon", about: "page", retryAfterSeconds: wait } as const;
    return sendProblem(parts, caller, "TOO_MANY_ATTEMPTS", { ...details, ...(await page(caller)) });
  }
  const value = response ? factors.asked?.ceremony.challengeOf(response.added) : code && factors.challengeOf(code);
  const taken = await takeOut(parts, caller, value ?? "", purpose);
  const { held } = taken;
  if (held === undefined) {
    giveAllBack(budgets, paces);
    return sendProblem(parts, taken.caller, "KEY_CHALLENGE_EXPIRED", await page(taken.caller));
  }
  await work(taken.caller, {
    ...input,
    ...(code && { code: factors.answered(code, held) }),
    ...(response && { response: { ...response, held } satisfies AnsweredKey }),
  });
  // Only what was refused is counted.
  if (caller.res.statusCode !== statusOfCode.KEY_REFUSED) giveAllBack(budgets, paces);
}
