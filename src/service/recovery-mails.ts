import type { Subject } from "../core/user-id";
import type { EventOrigin, RecoveryMessage } from "../events";
import type { Settings } from "../options";
import { isDone } from "./deliveries";
import type { RecoveryLinks } from "./recovery-links";

/** To whom a mail goes, and where the pages are that it leads to. */
export interface Recipient {
  user: unknown;
  /** The request that it is about; absent for what time brings. */
  req?: unknown;
  /** The path below which our routes live. */
  base: string;
}

export interface RecoveryMail {
  type: RecoveryMessage["type"];
  /** The recovery that it is about. */
  id: string;
  code?: string;
  /** Unix seconds. */
  readyAt?: number | undefined;
}

/** So long a mail may take until it counts as not sent. */
export const mailSeconds = 10;

/** Hands the mails of recoveries to the host's sender. */
export function createRecoveryMails({ recovery }: Settings, links: RecoveryLinks) {
  /** @returns whether it went out in time */
  return function mail(
    subject: Subject,
    { user, req, base }: Recipient,
    origin: EventOrigin,
    { type, id, code, readyAt }: RecoveryMail,
  ): Promise<boolean> {
    const message: RecoveryMessage = Object.freeze({
      ...origin,
      userId: subject.id,
      scope: subject.scope,
      at: new Date(),
      type,
      ...(code !== undefined && { code }),
      ...(readyAt !== undefined && { readyAt: new Date(readyAt * 1000) }),
      cancelPath: `${base}${links.pathOf(subject, id)}`,
    });
    return isDone(mailSeconds, async () => recovery?.send(user, message, req as never));
  };
}
