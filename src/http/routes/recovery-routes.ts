import { aMailedCode, anEnrolmentCodeOrNone } from "../input/fields";
import { againRecovery, confirmRecovery, finishRecovery, requestRecovery, showRecovery } from "./recovery";
import { byLink, get, post, type Routes } from "./route";
import { showStop, stopByLink } from "./stop-recovery";

const ofRecovery = { unproven: true, ofRecovery: true } as const;

/** A new second step for who has lost everything; behind the password, and open to who owes a proof. */
export const recoveryRoutes: Routes = {
  "/recovery": { GET: get(showRecovery, ofRecovery), POST: post(requestRecovery, {}, ofRecovery) },
  "/recovery/confirm": {
    GET: get(showRecovery, ofRecovery),
    POST: post(confirmRecovery, { code: aMailedCode }, { ...ofRecovery, again: againRecovery }),
  },
  "/recovery/finish": {
    GET: get(showRecovery, ofRecovery),
    POST: post(finishRecovery, { code: anEnrolmentCodeOrNone }, { ...ofRecovery, again: againRecovery }),
  },
  "/recovery/cancel": { GET: byLink(showStop, ofRecovery), POST: byLink(stopByLink, ofRecovery) },
};
