import { sendingSeconds } from "../core/recovery";
import type { Subject } from "../core/user-id";
import type { EventOrigin, RecoveryMessage } from "../events";
import { isDone } from "./deliveries";
import type { RecoveryLinks } from "./recovery-links";
import type { ServiceParts } from "./service";

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

/** So long a mail may take until it counts as not sent; shorter than the right to send it lasts. */
const mailSeconds = sendingSeconds - 2;

export type Mailing =
  | { is: "sent" }
  /** The host's sender failed or hung. */
  | { is: "not-sent" }
  /** It has failed so often that it is not asked before. */
  | { is: "too-often"; seconds: number };

/** Hands the mails of recoveries to the host's sender. */
export function createRecoveryMails({ settings: { recovery }, paces }: ServiceParts, links: RecoveryLinks) {
  return async function mail(
    subject: Subject,
    { user, req, base }: Recipient,
    origin: EventOrigin,
    { type, id, code, readyAt }: RecoveryMail,
  ): Promise<Mailing> {
    // A sender that says that it failed may have sent all the same: the owner's mailbox is not to be filled by that.
    const seconds = paces.take("failedMails", subject);
    if (seconds > 0) return { is: "too-often", seconds };
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
    if (!(await isDone(mailSeconds, async () => recovery?.send(user, message, req as never))))
      return { is: "not-sent" };
    paces.giveBack("failedMails", subject);
    return { is: "sent" };
  };
}
