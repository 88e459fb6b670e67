import { TwoFactorOptionsError } from "../errors";

/** Something that the operator can put right; its message is all that is said. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
}

const deepest = 4;

/** What went wrong and why, in one line without a stack. Only a list of wrong options keeps its lines. */
export function whatFailed(error: unknown): string {
  if (isOptionsError(error)) return error.message;
  const words: string[] = [];
  for (let fault = error; fault !== undefined && words.length < deepest; fault = causeOf(fault)) {
    const said = messageOf(fault);
    if (said !== "" && !words.some((known) => known.includes(said))) words.push(said);
  }
  return printable(words.join(" ")) || "Something failed without saying what.";
}

/** Names come from users and browsers: on a terminal they must not be commands to it, nor be read backwards. */
export const printable = (text: string): string =>
  text
    .replace(/\s+/gu, " ")
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "\uFFFD")
    .trim();

// The app may use another copy of this library, whose classes are not ours.
const isOptionsError = (error: unknown): error is Error =>
  error instanceof Error && (error instanceof TwoFactorOptionsError || "problems" in error);

const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : undefined);

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === "string" ? error : `A ${typeof error} was thrown.`;
  if (error.message !== "") return error.message;
  // Node tries every address of a host name, and says nothing of them all together.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join("; ");
  return "code" in error ? String(error.code) : error.name;
}
