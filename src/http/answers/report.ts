import type { TwoFactorError } from "../../errors";

/** Where `handleErrors` keeps a fault from the host's own error handler, the log is where its operator finds it. */
export function report(fault: TwoFactorError): void {
  // oxlint-disable-next-line no-console -- see above
  console.error(fault);
}
