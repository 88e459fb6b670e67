import type { RecoveryMessage, TwoFactorEvent } from "../events";

/** What mails are made of: events, and what a recovery sends to its owner alone. */
export type NoticeEvent = TwoFactorEvent | RecoveryMessage;
