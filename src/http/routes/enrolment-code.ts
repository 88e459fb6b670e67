import { sendPage, sendProblem } from "../answers/answers";
import { wantsPage } from "../answers/negotiate";
import type { Page, PageProblem } from "../render/pages";
import type { HttpParts, KnownCaller } from "../caller";

export const enrolmentCodePage = (problem?: PageProblem): Page => ({
  page: "enrolment-code",
  ...(problem && { problem }),
});

/** A reset has demanded more than the password, and this session has not given it yet. */
export const needsEnrolmentCode = ({ service }: HttpParts, { access, state }: KnownCaller): boolean =>
  service.enrolmentCodes.isNeeded(access.record, state.enrolmentMark);

/**
 * Whoever has the password first would otherwise set up after a reset.
 * @returns the caller that may see a key; `undefined` after another answer
 */
export async function withEnrolmentCode(
  parts: HttpParts,
  caller: KnownCaller,
  code: string | undefined,
): Promise<KnownCaller | undefined> {
  if (!needsEnrolmentCode(parts, caller)) return caller;
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
