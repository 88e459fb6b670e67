import type { NoticeEvent } from "../../src/notices";

/** All that comes with every event. */
export const base = {
  userId: "3",
  scope: "user",
  at: new Date("2026-11-21T09:30:10Z"),
  ip: "203.0.113.9",
  userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
} as const;

const byScript = { userId: "3", scope: "user", at: base.at } as const;
const cancelPath = "/two-factor/recovery/cancel?token=abc";
const readyAt = new Date("2026-11-24T09:30:10Z");

/** What somebody hears of, each in every form that it has. */
export const told: readonly NoticeEvent[] = [
  { ...base, type: "enabled" },
  { ...base, type: "replaced" },
  { ...base, type: "disabled" },
  { ...byScript, type: "reset", reason: "lost phone", by: "staff-1" },
  { ...byScript, type: "factor-added", kind: "hotp-tokens", by: "staff-1" },
  { ...byScript, type: "factor-removed", kind: "hotp-tokens", by: "staff-1", reason: "lost" },
  { ...base, type: "recovery-codes-regenerated" },
  ...[9, 2, 1, 0].map((remaining) => ({ ...base, type: "recovery-code-used", remaining }) as const),
  ...[2, 1, 0].map((remaining) => ({ ...base, type: "recovery-codes-low", remaining }) as const),
  { ...base, type: "locked", round: 2, until: new Date("2026-11-21T09:31:20Z") },
  { ...base, type: "locked", round: 9 },
  { ...byScript, type: "unlocked", by: "staff-1" },
  { ...base, type: "password-suspected" },
  { ...base, type: "code-sending-limited" },
  { ...base, type: "browser-remembered", browser: "Firefox on Linux" },
  { ...base, type: "key-added", name: "Blue key" },
  { ...base, type: "key-removed", name: "Blue key" },
  { ...base, type: "key-suspicious", name: "Blue key" },
  { ...base, type: "recovery-requested", code: "ABCD-EFGH-2345-WXYZ", cancelPath },
  { ...base, type: "recovery-confirmed", readyAt, cancelPath },
  { ...byScript, type: "recovery-half-way", readyAt, cancelPath },
  { ...byScript, type: "recovery-ready", readyAt, cancelPath },
  { ...base, type: "recovery-code", code: "ABCD-EFGH-2345-WXYZ", cancelPath },
  { ...base, type: "recovery-cancelled", by: "the link in a mail" },
  { ...base, type: "recovery-finished" },
];

/** What nobody needs a mail about. */
export const untold: readonly NoticeEvent[] = [
  { ...base, type: "challenge-passed", method: "totp" },
  { ...base, type: "challenge-failed", attemptsRemaining: 2 },
  { ...base, type: "code-reused", method: "totp" },
  { ...base, type: "browser-used", browser: "Firefox on Linux" },
  { ...base, type: "browser-forgotten", browser: "Firefox on Linux" },
  { ...base, type: "browsers-forgotten" },
  { ...base, type: "code-sent" },
  { ...base, type: "code-delivery-failed" },
  { ...base, type: "setup-failed", attemptsRemaining: 4 },
  { ...base, type: "logged-out" },
  { ...base, type: "login-expired" },
  { ...base, type: "erased" },
  { ...base, type: "record-missing" },
  { ...base, type: "key-renamed", name: "blue key" },
  { ...base, type: "factor-adopted", kind: "totp" },
];
