import type { TwoFactorError } from "../../errors";
import { withinSeconds } from "../../service/patience";
import { report } from "../answers/report";
import { loginName } from "../proofs";
import type { Caller, HttpParts } from "../caller";
import { originOf } from "../facts";

/**
 * A login that this request ends may have become proven on another process meanwhile, by a new id that nobody here has heard
 * of. Once it has ended, the record is asked: a code accepted before finds its proof over, and one accepted later finds the
 * login gone.
 */
export function endPassWithLogin({ settings, service }: HttpParts, { kept, subject, req }: Caller): void {
  const { name } = kept;
  const seconds = settings.storeTimeoutSeconds;
  kept.onceEnded(async () => {
    // Named only now: most requests end no login.
    const login = loginName(name);
    if (login === undefined) return;
    try {
      await withinSeconds(seconds, "The logout of the second factor", () =>
        service.changes.endPass(subject, login, originOf(req)),
      );
    } catch (error) {
      // The login has ended all the same.
      report(error as TwoFactorError);
    }
  });
}
