import { sendPage, sendProblem } from "../answers/answers";
import { wantsPage } from "../answers/negotiate";
import type { Page, PageProblem } from "../render/pages";
import type { Presentations } from "../../service/factors";
import type { HttpParts, KnownCaller } from "../caller";
import { confirmFirst, firstCodePage, isFirstUnconfirmed } from "./first-enrolment";

const enrolmentCodePage = (problem?: PageProblem): Page => ({
  page: "enrolment-code",
  ...(problem && { problem }),
});

/** A reset has demanded more than the password, and this session has not given it yet. */
const needsCodeOfReset = ({ service }: HttpParts, { access, state }: KnownCaller): boolean =>
  service.enrolmentCodes.isNeeded(access.record, state.enrolmentMark);

/** More than the password is demanded before a key is shown, by a reset or by the host, and this session has not done it. */
export const needsEnrolmentCode = (parts: HttpParts, caller: KnownCaller): boolean =>
  needsCodeOfReset(parts, caller) || isFirstUnconfirmed(parts, caller);

/** The form of it, with what was wrong. */
export const againEnrolmentCode = (parts: HttpParts, caller: KnownCaller) =>
  needsCodeOfReset(parts, caller) ? enrolmentCodePage : firstCodePage(parts, caller);

/**
 * Whoever has the password first would otherwise set up after a reset.
 * @returns the caller that may see a key; `undefined` after another answer
 */
export async function withEnrolmentCode(
  parts: HttpParts,
  caller: KnownCaller,
  code: string | undefined,
  presented?: Presentations,
): Promise<KnownCaller | undefined> {
  if (!needsCodeOfReset(parts, caller)) return confirmFirst(parts, caller, presented);
  if (code === undefined) {
    if (wantsPage(caller.req)) await sendPage(parts, caller, 200, enrolmentCodePage());
    else await sendProblem(parts, caller, "ENROLMENT_CODE_REQUIRED");
    return undefined;
  }
  const opening = await parts.service.enrolmentCodes.use(caller.subject, code);
  if (opening.is === "open") {
    const state = { ...caller.state, enrolmentMark: opening.mark };
    caller.kept.write(state);
    return { ...caller, state, access: { ...caller.access, record: opening.record } };
  }
  await sendProblem(parts, caller, "INVALID_ENROLMENT_CODE", { page: enrolmentCodePage });
  return undefined;
}
