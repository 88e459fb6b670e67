/** What the first set-up of somebody takes besides the password, as the host has answered. */
export type FirstEnrolmentDemand =
  | { is: "nothing" }
  | { is: "code" }
  | { is: "young-login"; withinSeconds: number; loginAt?: number };

const longestSeconds = 31_536_000;

/**
 * What the host's function answered, in one form.
 * @returns what is wrong with the answer, for the log, where it is none
 */
export function readFirstEnrolment(answer: unknown): FirstEnrolmentDemand | { wrong: string } {
  if (answer === "none") return { is: "nothing" };
  if (answer === "code") return { is: "code" };
  const demanded = '"none", "code" or { loginWithinSeconds }';
  if (typeof answer !== "object" || answer === null) return { wrong: `must answer ${demanded}.` };
  const { loginWithinSeconds: withinSeconds, loginAt, ...more } = answer as Record<string, unknown>;
  if (Object.keys(more).length > 0) return { wrong: `must answer ${demanded}, and nothing beside it.` };
  if (typeof withinSeconds !== "number" || !(withinSeconds > 0 && withinSeconds <= longestSeconds)) {
    return { wrong: `must answer ${demanded} with a number of seconds above 0.` };
  }
  if (loginAt === undefined) return { is: "young-login", withinSeconds };
  const at = loginAt instanceof Date ? loginAt.getTime() / 1000 : loginAt;
  if (typeof at !== "number" || !Number.isFinite(at))
    return { wrong: "must give loginAt as a Date or in Unix seconds." };
  return { is: "young-login", withinSeconds, loginAt: at };
}

/** Of a clock that is set back a login is not the younger for it. */
export const isYoung = (loginAt: number, withinSeconds: number, now: number): boolean =>
  Math.abs(now - loginAt) <= withinSeconds;
