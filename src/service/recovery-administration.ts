import { subjectOf } from "../core/user-id";
import { TwoFactorError } from "../errors";
import { spoken, subjectOfKey } from "./administration";
import type { Recoveries } from "./recoveries";
import type { ServiceParts } from "./service";

const nobody = {};

/** What somebody else does about recoveries: an operator, or time. */
export function createRecoveryAdministration({ records, settings }: ServiceParts, recoveries: Recoveries) {
  return {
    /** Stops a recovery that is under way; the second factor stays as it is. @returns whether there was one */
    cancelRecovery: (userId: unknown, { by = "the host" }: { by?: string } = {}): Promise<boolean> =>
      recoveries.cancel(subjectOf(settings.scope, userId), spoken("by", by), nobody),

    /**
     * Tells everybody whose recovery is half-way or ready and who was not told; each is told once, whichever process does it.
     * To be called at the start, and by a schedule.
     * @returns how many mails went out
     * @throws TwoFactorError `MISCONFIGURED` without `recovery.findUser`, or where the store cannot list its users
     */
    async tellRecoveries(): Promise<number> {
      const { recovery, scope, path: base } = settings;
      const findUser = recovery?.findUser;
      if (findUser === undefined) {
        throw new TwoFactorError(
          "MISCONFIGURED",
          "tellRecoveries needs the option recovery.findUser: whose mailbox is it?",
        );
      }
      let told = 0;
      for await (const key of records.keys()) {
        const subject = subjectOfKey(key);
        if (subject?.scope !== scope || !(await recoveries.hasDue(subject))) continue;
        const user = await findUser(subject.id);
        // The account is gone, and its record was left behind.
        if (user === null || user === undefined) continue;
        if (await recoveries.tellDue(subject, { user, base })) told += 1;
      }
      return told;
    },
  };
}
