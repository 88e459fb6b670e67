import { pathOfThisSite } from "../options/path-of-site";

/** Each becomes the code of a process warning, with `TWO_FACTOR_` before it. */
type WarningKind =
  | "MOUNTED_ELSEWHERE"
  | "GUARDS_A_PART"
  | "HALF_TRANSLATED"
  | "GATE_BELOW_A_PATH"
  | "NOBODY_SEEN"
  | "OPEN_ROOT"
  | "RECOVERY_MAILBOX"
  | "LOGIN_AGE_UNKNOWN"
  | "PROXY_NOT_TRUSTED";

/** Tells the operator of a mistake that an app can run with: once an instance and kind, whatever visitors do. */
export type Warn = (kind: WarningKind, text: string) => void;

export function createWarn(): Warn {
  const told = new Set<WarningKind>();
  return (kind, text) => {
    if (told.has(kind)) return;
    told.add(kind);
    process.emitWarning(`express-two-factor: ${text}`, { code: `TWO_FACTOR_${kind}` });
  };
}

const longestShown = 80;

/** A path that a visitor may have written, fit for a log. */
export function shownPath(path: string): string {
  const plain = pathOfThisSite(path) === undefined ? "/…" : path.replaceAll(/[^\w./~-]/g, "_");
  return plain.length > longestShown ? `${plain.slice(0, longestShown)}…` : plain;
}
