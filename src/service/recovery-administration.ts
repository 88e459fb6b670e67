import { RecordRefused } from "../core/record-text";
import { subjectOf, type Subject } from "../core/user-id";
import { TwoFactorError } from "../errors";
import { spoken, subjectOfKey } from "./administration";
import { withinSeconds } from "./patience";
import type { Recoveries } from "./recoveries";
import type { ServiceParts } from "./service";

const nobody = {};

type FindUser = (id: string) => unknown;

/** What the host threw, or that it has not answered. */
const reasonOf = (fault: unknown): unknown =>
  fault instanceof TwoFactorError && fault.cause !== undefined ? fault.cause : fault;

/** The store has failed for so many users one after another: it is down, and nobody else would be told either. */
const mostFailures = 3;

/** A record that is refused is there, and says nothing about others. */
const isOfStore = (fault: unknown): boolean =>
  fault instanceof TwoFactorError && fault.code === "STORE_UNAVAILABLE" && !(fault.cause instanceof RecordRefused);

/** The cause of a host's function is in its error; here the operator is told whom it is about. */
function warnAbout({ key }: Subject, fault: unknown): void {
  const { name, message, cause } = fault instanceof Error ? fault : new Error("it threw what is no error");
  const why = cause instanceof Error ? `: ${cause.name}: ${cause.message}` : "";
  process.emitWarning(`express-two-factor: tellRecoveries tries ${key} again next time (${name}: ${message}${why})`);
}

/** What somebody else does about recoveries: an operator, or time. */
export function createRecoveryAdministration({ records, settings }: ServiceParts, recoveries: Recoveries) {
  async function tell(subject: Subject, findUser: FindUser): Promise<boolean> {
    if (!(await recoveries.hasDue(subject))) return false;
    const user = await askFor(subject, findUser);
    // The account is gone, and its record was left behind.
    if (user === null || user === undefined) return false;
    return recoveries.tellDue(subject, { user, base: settings.path });
  }

  /** @throws TwoFactorError `MISCONFIGURED`, however it fails: that says nothing about the store */
  async function askFor({ id }: Subject, findUser: FindUser): Promise<unknown> {
    const seconds = settings.storeTimeoutSeconds;
    try {
      return await withinSeconds(seconds, "It", () => findUser(id));
    } catch (cause) {
      throw new TwoFactorError("MISCONFIGURED", "The host's recovery.findUser failed.", { cause: reasonOf(cause) });
    }
  }

  return {
    /** Stops a recovery that is under way; the second factor stays as it is. @returns whether there was one */
    cancelRecovery: (userId: unknown, { by = "the host" }: { by?: string } = {}): Promise<boolean> =>
      recoveries.cancel(subjectOf(settings.scope, userId), spoken("by", by), nobody),

    /**
     * Tells everybody whose recovery is half-way or ready and who was not told; each is told once, whichever process does it.
     * To be called at the start, and by a schedule. Who cannot be told, since `findUser` or a record fails, is warned about,
     * keeps nobody else from being told, and is tried next time.
     * @returns how many mails went out
     * @throws TwoFactorError `MISCONFIGURED` without `recovery.findUser`, or where the store cannot list its users;
     *   `STORE_UNAVAILABLE` where it is down
     */
    async tellRecoveries(): Promise<number> {
      const { recovery, scope } = settings;
      const findUser = recovery?.findUser;
      if (findUser === undefined) {
        throw new TwoFactorError(
          "MISCONFIGURED",
          "tellRecoveries needs the option recovery.findUser: whose mailbox is it?",
        );
      }
      let told = 0;
      let failures = 0;
      for await (const key of records.keys()) {
        const subject = subjectOfKey(key);
        if (subject?.scope !== scope) continue;
        try {
          if (await tell(subject, findUser)) told += 1;
          failures = 0;
        } catch (fault) {
          failures = isOfStore(fault) ? failures + 1 : 0;
          if (failures === mostFailures) throw fault;
          warnAbout(subject, fault);
        }
      }
      return told;
    },
  };
}
