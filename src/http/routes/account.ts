import type { Status } from "../../client/data";
import { statusOf } from "../../service/status";
import { linksFor, sendPage } from "../answers/answers";
import { redirect, sendJson } from "../answers/send";
import { isNavigation, wantsPage } from "../answers/negotiate";
import type { Handler } from "./route";
import type { AccountPage, RememberedBrowser } from "../render/pages";
import { hasApp } from "./keys-only";
import { keysPart } from "./prompts";
import { holdsCodes } from "./recovery-codes-page";
import { mayTurnOff, type HttpParts, type KnownCaller } from "../caller";

/** The four states of one page; "just on" is the page with the recovery codes. */
export async function accountPage(parts: HttpParts, caller: KnownCaller): Promise<AccountPage> {
  const { settings, service } = parts;
  const { access, facts, state, need } = caller;
  const status = statusOf(access.record, service.factors, settings.rememberOtpSessionForSeconds, service.clock());
  const { proof } = access;
  return {
    page: "account",
    state: facts.enrolled ? "on" : state.pending === undefined || need.is === "never" ? "off" : "setting-up",
    required: need.is === "must",
    ...(need.from && { requiredFrom: need.from }),
    ...(need.is === "never" && { setupOffered: false as const }),
    ...(facts.enrolled && !(await mayTurnOff(parts, caller)) && { disableOffered: false as const }),
    ...(proof && {
      provenBy: {
        method: proof.method,
        at: new Date((proof.at || (proof.issuedAt ?? 0)) * 1000),
        ...(proof.acr !== undefined && { acr: proof.acr }),
      },
    }),
    methods: methodsOf(service, caller),
    ...(status.enabledAt && { enabledAt: status.enabledAt }),
    ...(status.factors.some(({ replaceAdvised }) => replaceAdvised) && { replaceAdvised: true as const }),
    ...(status.lock && { lock: lockSeenFrom(caller, status.lock) }),
    recoveryCodesRemaining: status.recoveryCodesRemaining,
    ...(status.recovery && { recovery: status.recovery }),
    ...(status.sending && { sending: status.sending }),
    recoveryCodesLow: facts.enrolled && service.factors.backupsAreLow(access.record),
    ...(holdsCodes(caller) && { codesHeld: true as const }),
    browsers: status.browsers.map((browser) => ({
      ...browser,
      rememberedUntil: new Date(browser.rememberedAt.getTime() + settings.rememberOtpSessionForSeconds * 1000),
      current: browser.id === access.browser?.id,
    })),
    activity: status.activity,
    ...(state.notice && { notice: state.notice }),
  };
}

/** As programs are told it: how long it is remembered is for the page. */
export const toldOf = ({ id, name, rememberedAt, lastUsedAt, current }: RememberedBrowser) => ({
  id,
  name,
  rememberedAt,
  lastUsedAt,
  current,
});

/** The lock of this browser, if it is locked; else the one that there is for others. */
function lockSeenFrom(
  { lock: own }: KnownCaller,
  other: NonNullable<AccountPage["lock"]>,
): NonNullable<AccountPage["lock"]> {
  if (own === undefined) return other;
  return { lane: own.lane, ...(own.until !== undefined && { until: new Date(own.until * 1000) }) };
}

/** What is strong and can be used, and codes that are sent where they serve this user. */
function methodsOf({ factors, clock }: HttpParts["service"], { access, facts }: KnownCaller): readonly string[] {
  const strong = factors.usable(access.record, clock()).filter(({ rank }) => rank === "strong");
  return [...strong, ...(facts.directCodes ? [factors.sent] : [])].map(({ method }) => method);
}

export const showAccount: Handler = async (parts, caller) => {
  const { req, kept, state, facts } = caller;
  if (parts.settings.pages?.account !== undefined && isNavigation(req)) {
    return redirect(caller, linksFor(parts, caller).account);
  }
  const page = await accountPage(parts, caller);
  if (!wantsPage(req)) {
    return sendJson<Status>(caller, 200, {
      required: page.required,
      ...(page.requiredFrom && { requiredFrom: page.requiredFrom }),
      ...(page.setupOffered === false && { setupOffered: false }),
      ...(page.disableOffered === false && { disableOffered: false }),
      enabled: facts.enrolled,
      verified: facts.proven,
      locked: page.lock !== undefined,
      ...(page.lock && { lock: page.lock }),
      methods: page.methods,
      ...(page.replaceAdvised && { replaceAdvised: true }),
      recoveryCodesRemaining: page.recoveryCodesRemaining,
      ...(page.recovery && { recovery: page.recovery }),
      ...(page.sending && { sending: page.sending }),
      browsers: page.browsers.map(toldOf),
      activity: page.activity,
      ...(page.provenBy && { provenBy: page.provenBy }),
    });
  }
  if (state.notice !== undefined || state.signal !== undefined) {
    const { notice: _, signal: __, ...rest } = state;
    kept.write(rest);
    await kept.save();
  }
  const addsApp = facts.enrolled && !hasApp(parts, caller) && !caller.onlyKeys && facts.need !== "never";
  return sendPage(parts, caller, 200, {
    ...page,
    ...(await keysPart(parts, caller)),
    ...(addsApp && { mayAddApp: true as const }),
  });
};
