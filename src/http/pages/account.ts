import { fewRecoveryCodes } from "../../core/recovery-codes";
import { statusOf } from "../../service/status";
import { linksFor, redirect, sendJson, sendPage } from "../answers";
import { isNavigation, wantsPage } from "../negotiate";
import type { Handler } from "../routes";
import { saveSession, writeState } from "../session";
import type { AccountPage } from "../views";
import type { HttpParts, KnownVisit } from "../visit";

/** The four states of one page; "just on" is the page with the recovery codes. */
export function accountPage({ settings, service }: HttpParts, visit: KnownVisit): AccountPage {
  const { standing, facts, state, need } = visit;
  const status = statusOf(standing.record, settings, service.clock());
  const { proof } = standing;
  return {
    page: "account",
    state: facts.enrolled ? "on" : state.pending === undefined || need.is === "never" ? "off" : "setting-up",
    required: need.is === "must",
    ...(need.from && { requiredFrom: need.from }),
    ...(need.is === "never" && { setupOffered: false as const }),
    ...(proof && {
      provenBy: {
        method: proof.method,
        at: new Date((proof.at || (proof.issuedAt ?? 0)) * 1000),
        ...(proof.acr !== undefined && { acr: proof.acr }),
      },
    }),
    methods: [...(facts.enrolled ? (["totp"] as const) : []), ...(facts.directCodes ? (["direct-code"] as const) : [])],
    ...(status.enabledAt && { enabledAt: status.enabledAt }),
    recoveryCodesRemaining: status.recoveryCodesRemaining,
    ...(status.sending && { sending: status.sending }),
    recoveryCodesLow: facts.enrolled && status.recoveryCodesRemaining <= fewRecoveryCodes,
    browsers: status.browsers.map((browser) => ({ ...browser, current: browser.id === standing.browser?.id })),
    activity: status.activity,
    ...(state.notice && { notice: state.notice }),
  };
}

export const showAccount: Handler = async (parts, visit) => {
  const { req, subject, state, facts } = visit;
  if (parts.settings.pages?.account !== undefined && isNavigation(req)) {
    return redirect(visit, linksFor(parts, visit).account);
  }
  const page = accountPage(parts, visit);
  if (!wantsPage(req)) {
    return sendJson(visit, 200, {
      required: page.required,
      ...(page.requiredFrom && { requiredFrom: page.requiredFrom }),
      ...(page.setupOffered === false && { setupOffered: false }),
      enabled: facts.enrolled,
      verified: facts.proven,
      locked: facts.locked,
      methods: page.methods,
      recoveryCodesRemaining: page.recoveryCodesRemaining,
      ...(page.sending && { sending: page.sending }),
      browsers: page.browsers,
      activity: page.activity,
      ...(page.provenBy && { provenBy: page.provenBy }),
    });
  }
  if (state.notice !== undefined) {
    const { notice: _, ...rest } = state;
    writeState(req, subject, rest);
    await saveSession(req);
  }
  return sendPage(parts, visit, 200, page);
};
