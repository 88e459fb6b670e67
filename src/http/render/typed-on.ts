import type { Page } from "./pages";
import type { TypedKind } from "./words";

/** What the form of a page asks for; `undefined` where that may be this or that. */
export function typedOn(page: Page): TypedKind | undefined {
  if (page.page === "setup") return { kind: "totp", length: page.otpLength };
  if (page.page !== "verify" && page.page !== "confirm") return undefined;
  const { accepts, otpLength: length } = page;
  if (page.withRecoveryCode === true) return { kind: "recovery", length };
  if (accepts.totp) return accepts.directCode ? undefined : { kind: "totp", length };
  if (accepts.directCode) return { kind: "message", length };
  return accepts.recoveryCode && accepts.others === undefined ? { kind: "recovery", length } : undefined;
}
