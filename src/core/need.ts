import type { TwoFactorRecord } from "./record";

/** What the host asks of a user now: a second factor, none unless one was chosen, or none whatever there is. */
export interface Need {
  is: "must" | "may" | "never";
  /** With `"may"`: from then on it is `"must"`. */
  from?: Date;
}

/**
 * What the host's predicate answered, in one form.
 * @param now Unix seconds
 * @returns what is wrong with the answer, for the log, where it is none
 */
export function readNeed(answer: unknown, now: number): Need | { wrong: string } {
  if (answer === true) return { is: "must" };
  if (answer === false || answer === "optional") return { is: "may" };
  if (answer === "never") return { is: "never" };
  if (typeof answer !== "object" || answer === null || Array.isArray(answer) || !Object.hasOwn(answer, "from")) {
    return { wrong: spoken(answer) };
  }
  const others = Object.keys(answer).filter((name) => name !== "from");
  if (others.length > 0) return { wrong: `an object that has "${others[0]?.slice(0, 40)}" beside "from".` };
  const { from } = answer as { from: unknown };
  if (!(from instanceof Date)) return { wrong: `{ from } with ${spoken(from)} Pass a Date: { from: new Date("…") }.` };
  if (Number.isNaN(from.getTime())) return { wrong: "{ from } with an invalid Date." };
  return from.getTime() <= now * 1000 ? { is: "must" } : { is: "may", from: new Date(from) };
}

/** A column that is empty, or was not loaded, looks the same to the predicate; the remedy is to say which is meant. */
function spoken(value: unknown): string {
  if (typeof value === "string") return `the text ${JSON.stringify(value.slice(0, 40))}.`;
  if (value === null || value === undefined || typeof value === "number") {
    return `${String(value)}. Write Boolean(user.column) or user.column === true, and see that the column is loaded.`;
  }
  return `${Array.isArray(value) ? "a list" : `a ${typeof value}`}.`;
}

/** A reset takes a factor away that was there: its time of grace is over (see `TwoFactorRecord.resetAt`). */
export const needAfterReset = (need: Need, record: TwoFactorRecord | undefined): Need =>
  need.from !== undefined && record?.resetAt !== undefined ? { is: "must" } : need;
