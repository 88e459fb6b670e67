import { entriesOf } from "../../core/factor-entry";
import { linksFor, sendKeyRequired } from "../answers/answers";
import { redirect } from "../answers/send";
import { wantsPage } from "../answers/negotiate";
import type { HttpParts, KnownCaller } from "../caller";

/** What the set-up pages set up is there already. */
export const hasApp = ({ service }: HttpParts, { access }: KnownCaller): boolean =>
  entriesOf(access.record, service.factors.setUp.kind).length > 0;

/** Codes are no proof for this user: on to where a key is added. */
export async function sendKeysOnly(parts: HttpParts, caller: KnownCaller): Promise<void> {
  if (wantsPage(caller.req)) return redirect(caller, linksFor(parts, caller).keys);
  return sendKeyRequired(parts, caller);
}
