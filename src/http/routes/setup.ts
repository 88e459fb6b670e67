import type { Lock } from "../../core/attempts";
import type { NewRecoveryCodes, Setup } from "../../client/data";
import { pendingEndsAt, withActivity, type PendingEnrolment } from "../../core/enrolment";
import { opensSetup } from "../../core/gate";
import { groupsOfFour } from "../../core/groups-of-four";
import type { Presentations } from "../../service/factors";
import { linksFor, sendPage, sendProblem, sendSetupClosed } from "../answers/answers";
import { redirect, sendJson } from "../answers/send";
import { sendLocked } from "../answers/refusals";
import { isNavigation, mayBegin, wantsPage } from "../answers/negotiate";
import { qrCodePngDataUrl, qrCodeSvg } from "../render/qr";
import type { Again, Handler } from "./route";
import type { Page, PageProblem, SetupPage } from "../render/pages";
import type { HttpParts, KnownCaller } from "../caller";
import { sendKnownWithAnswer } from "../session/slots";
import { accountPage } from "./account";
import { askToProveAnew, begin, confirmReplace, pendingOf, resume, waitsForProof, type Begun } from "./begin-setup";
import { againEnrolmentCode, needsEnrolmentCode } from "./enrolment-code";
import { hasApp, sendKeysOnly } from "./keys-only";
import { accountName, keysPart } from "./prompts";
import { heldCodes, recoveryCodesPage } from "./recovery-codes-page";
import { confirmPage } from "./changes";
import { keepOrUndo, keepProof, newProof, provenAs } from "../proofs";

async function keyUri(parts: HttpParts, caller: KnownCaller, secret: string): Promise<{ uri: string; name: string }> {
  const name = await accountName(parts, caller);
  const uri = parts.service.enrolments.uriOf(secret, { issuer: parts.settings.issuer, account: name });
  return { uri, name };
}

const endOf = ({ settings }: HttpParts, pending: PendingEnrolment): Date =>
  new Date(pendingEndsAt(pending, settings.setupValidForSeconds) * 1000);

async function setupPage(
  parts: HttpParts,
  caller: KnownCaller,
  { pending, secret }: Begun,
  problem?: PageProblem,
): Promise<SetupPage> {
  const { uri, name } = await keyUri(parts, caller, secret);
  return {
    page: "setup",
    qrCodeSvg: await qrCodeSvg(uri),
    secret: groupsOfFour(secret, " "),
    otpauthUri: uri,
    accountName: name,
    otpLength: parts.service.factors.setUp.digits ?? 0,
    replacing: pending.replacing,
    ...(!caller.facts.enrolled && (await keysPart(parts, caller))),
    required: caller.need.is === "must",
    ...(caller.need.from && { requiredFrom: caller.need.from }),
    goodUntil: endOf(parts, pending),
    ...(problem && { problem }),
  };
}

async function sendBegun(parts: HttpParts, caller: KnownCaller, begun: Begun): Promise<void> {
  if (wantsPage(caller.req)) return sendPage(parts, caller, 200, await setupPage(parts, caller, begun));
  const { uri } = await keyUri(parts, caller, begun.secret);
  const expiresAt = endOf(parts, begun.pending);
  return sendJson<Setup>(caller, 200, {
    secret: begun.secret,
    otpauthUri: uri,
    qrCode: await qrCodePngDataUrl(uri),
    expiresAt: expiresAt.toISOString(),
  });
}

export const showSetup: Handler = async (parts, caller) => {
  const { req, facts } = caller;
  if (parts.settings.pages?.setup !== undefined && isNavigation(req)) {
    return redirect(caller, linksFor(parts, caller).setup);
  }
  if (facts.need === "never") return sendSetupClosed(parts, caller);
  if (caller.onlyKeys) return sendKeysOnly(parts, caller);
  const begun = await resume(parts, caller);
  const lock = begun && parts.service.enrolments.lock(caller.access.record, begun.pending);
  // A form that would refuse a right code is none to show.
  if (lock !== undefined && wantsPage(req)) return sendSetupLocked(parts, caller, lock);
  if (begun !== undefined) return sendBegun(parts, caller, begun);
  if (waitsForProof(parts, caller) && mayBegin(req, parts.settings)) return askToProveAnew(parts, caller);
  if (hasApp(parts, caller) && !opensSetup(facts)) {
    if (!wantsPage(req)) return sendProblem(parts, caller, "TOTP_ALREADY_ENABLED");
    return sendPage(parts, caller, 200, confirmPage(parts, caller, "replace"));
  }
  // What a browser loads ahead or another site asks for begins nothing: the account page has the button.
  if (!mayBegin(req, parts.settings))
    return wantsPage(req)
      ? sendPage(parts, caller, 200, await accountPage(parts, caller))
      : sendBeginByPost(parts, caller);
  const fresh = await begin(parts, caller, { byPageLoad: true });
  if (fresh !== undefined) await sendBegun(parts, caller, fresh);
};

const sendBeginByPost = (parts: HttpParts, caller: KnownCaller) =>
  sendProblem(parts, caller, "SETUP_SESSION_EXPIRED", { detail: "Nothing is pending; begin with POST." });

export const againBegin: Again = (parts, caller) => {
  if (caller.facts.enrolled) return confirmReplace(parts, caller);
  return needsEnrolmentCode(parts, caller) ? againEnrolmentCode(parts, caller) : undefined;
};

export const beginSetup: Handler<{
  code: Presentations | undefined;
  replace: boolean;
  enrolmentCode: string | undefined;
}> = async (parts, caller, input) => {
  const begun = await begin(parts, caller, input);
  if (begun === undefined) return;
  // A person is shown the page by a redirect, so that reloading it does not begin anew.
  if (wantsPage(caller.req)) return redirect(caller, linksFor(parts, caller).setup);
  return sendBegun(parts, caller, begun);
};

export const againSetup = async (parts: HttpParts, caller: KnownCaller) => {
  const begun = await resume(parts, caller);
  return begun && pageMaker(parts, caller, begun);
};

export const confirmSetup: Handler<{ code: Presentations }> = async (parts, caller, { code }) => {
  const { service } = parts;
  const { subject, req, state, access } = caller;
  const pending = pendingOf(parts, caller);
  if (caller.facts.need === "never") return sendSetupClosed(parts, caller);
  if (waitsForProof(parts, caller)) return askToProveAnew(parts, caller);
  if (caller.onlyKeys) return sendKeysOnly(parts, caller);
  if (pending === undefined) return caller.facts.enrolled ? sendEnabled(parts, caller) : sendExpired(parts, caller);
  const result = await service.enrolments.confirm(subject, pending, code, caller.origin, {
    connection: req.socket,
    login: provenAs({ ...caller, access }),
  });
  switch (result.is) {
    case "wrong": {
      const known = await keepActive(caller, pending);
      const showAgain = wantsPage(req) ? await againSetup(parts, known) : undefined;
      return sendProblem(parts, known, "INVALID_2FA_CODE", {
        attemptsRemaining: result.attemptsRemaining,
        clockOffSeconds: result.clockOffSeconds,
        ...(showAgain && { page: showAgain }),
      });
    }
    case "locked":
      return sendSetupLocked(parts, caller, result.lock);
    case "expired":
      return sendExpired(parts, caller);
    case "already-enabled":
      return sendEnabled(parts, caller);
    case "gone":
      return void caller.res.destroy();
    case "conflict":
      return sendProblem(parts, caller, "CONFLICT", {
        action: { href: linksFor(parts, caller).account, label: "account" },
      });
    case "enabled": {
      const { next, account } = linksFor(parts, caller);
      const { pending: _, ...rest } = state;
      sendKnownWithAnswer(parts.slots, caller, result.known);
      const { recoveryCodes } = result;
      const occasion = result.replaced ? "replaced" : "enabled";
      const made = { record: result.record, codes: recoveryCodes, occasion } as const;
      const held = await keepOrUndo(result.undo, async () => {
        const proof = newProof(caller, { record: result.record, method: "enrolment" });
        const codes = await heldCodes(parts, caller, made, proof);
        await keepProof({ ...caller, state: rest, access }, proof, codes);
        return codes;
      });
      if (!wantsPage(req)) return sendJson<NewRecoveryCodes>(caller, 200, { recoveryCodes, next });
      // Beside keys: the codes to fall back on are those that there were.
      if (recoveryCodes.length === 0) return redirect(caller, account);
      return sendPage(parts, caller, 200, await recoveryCodesPage(parts, caller, made, held.codes));
    }
  }
};

/** Somebody is still there: the key stays good a while longer. */
async function keepActive(caller: KnownCaller, pending: PendingEnrolment): Promise<KnownCaller> {
  const active = withActivity(pending, caller.now);
  if (active === pending) return caller;
  const state = { ...caller.state, pending: active };
  caller.kept.write(state);
  await caller.kept.save();
  return { ...caller, state };
}

const sendSetupLocked = (parts: HttpParts, caller: KnownCaller, lock: Lock): Promise<void> => {
  const until = lock.until === undefined ? {} : { until: new Date(lock.until * 1000) };
  return sendLocked(parts, caller, lock, { page: { page: "locked", duringSetup: true, ...until } });
};

async function pageMaker(parts: HttpParts, caller: KnownCaller, begun: Begun): Promise<(problem: PageProblem) => Page> {
  const page = await setupPage(parts, caller, begun);
  return (problem) => ({ ...page, problem });
}

/** Its time is up: people get a fresh QR code at once; to replace an authenticator, they are asked again. */
async function sendExpired(parts: HttpParts, caller: KnownCaller): Promise<void> {
  if (!wantsPage(caller.req)) return sendProblem(parts, caller, "SETUP_SESSION_EXPIRED");
  if (caller.facts.enrolled) {
    return sendProblem(parts, caller, "SETUP_SESSION_EXPIRED", { page: confirmReplace(parts, caller) });
  }
  const begun = await begin(parts, caller, {});
  if (begun === undefined) return;
  return sendProblem(parts, caller, "SETUP_SESSION_EXPIRED", { page: await pageMaker(parts, caller, begun) });
}

/** Done already, in this or another tab: the page that shows how things are, to those who may see it. */
async function sendEnabled(parts: HttpParts, caller: KnownCaller): Promise<void> {
  if (!caller.facts.enrolled) {
    const action = { href: linksFor(parts, caller).verify, label: "verify" } as const;
    return sendProblem(parts, caller, "TOTP_ALREADY_ENABLED", { action });
  }
  const account = await accountPage(parts, caller);
  return sendProblem(parts, caller, "TOTP_ALREADY_ENABLED", { page: (problem) => ({ ...account, problem }) });
}
