import {
  anEnrolmentCodeOrNone,
  aName,
  aNameOrNone,
  aNewKey,
  aProofOrNone,
  aText,
  oneOf,
  type NewKey,
} from "../input/fields";
import { addKey, newKeyOptions, removeKey, renameKey, showKeys, verifyOptions } from "./keys";
import { againRemove, againRename, keysPage } from "./keys-page";
import { get, post, type Handler, type Routes } from "./route";

/** What options can be asked for; a new key has a route of its own. */
const purposes = ["sign-in", "disable", "recovery-codes", "setup", "browsers", "keys"] as const;

/** There only where the host has loaded keys. */
export const keyRoutes: Routes = {
  "/verify/options": {
    POST: post(verifyOptions, { for: oneOf(...purposes) }, { unproven: true, ofKeys: true }),
  },
  "/keys": {
    GET: get(showKeys, { ofKeys: true, addsKey: true }),
    POST: post(
      addKey as Handler<{ response: NewKey; name: string | undefined }>,
      { response: aNewKey, name: aNameOrNone },
      { ofKeys: true, addsKey: true, again: keysPage, purpose: "add" },
    ),
  },
  "/keys/options": {
    POST: post(
      newKeyOptions,
      { code: aProofOrNone, enrolmentCode: anEnrolmentCodeOrNone },
      { ofKeys: true, addsKey: true, again: keysPage, purpose: "keys" },
    ),
  },
  "/keys/rename": { POST: post(renameKey, { id: aText, name: aName }, { ofKeys: true, again: againRename }) },
  "/keys/remove": {
    POST: post(removeKey, { code: aProofOrNone, id: aText }, { ofKeys: true, again: againRemove, purpose: "keys" }),
  },
};
