import type { PendingEnrolment } from "../../core/enrolment";
import { groupsOfFour } from "../../core/recovery-codes";
import { otpauthUri, plainName } from "../../factors/totp";
import { linksFor, redirect, sendJson, sendLocked, sendPage, sendProblem, sendRefusal } from "../answers";
import { hasHungUp } from "../hung-up";
import { isNavigation, mayBegin, wantsPage } from "../negotiate";
import { qrCodePngDataUrl, qrCodeSvg } from "../qr";
import type { Handler } from "../routes";
import { saveSession, writeState } from "../session";
import type { Page, PageProblem, SetupPage } from "../views";
import { hostAnswer, originOf, recentProof, type HttpParts, type KnownVisit } from "../visit";
import { accountPage } from "./account";
import { confirmPage } from "./changes";
import { keepProof, newProof } from "./verify";

interface Begun {
  pending: PendingEnrolment;
  secret: string;
}

/** The set-up that this session has begun and can still confirm. */
async function resume({ service }: HttpParts, { subject, standing, state }: KnownVisit): Promise<Begun | undefined> {
  const { pending } = state;
  const secret = await service.enrolments.resume(subject, standing.record, pending);
  return pending === undefined || secret === undefined ? undefined : { pending, secret };
}

/** A new key, which lives in this session alone. */
async function begin({ service }: HttpParts, visit: KnownVisit, replacing: boolean): Promise<Begun> {
  const { subject, req, state } = visit;
  const { record } = visit.standing;
  const begun = await service.enrolments.begin(subject, record, replacing);
  writeState(req, subject, { ...state, pending: begun.pending });
  await saveSession(req);
  return begun;
}

const beginning = new Map<string, Promise<Begun>>();

/** Page loads of one session at the same time begin one set-up: none of them sees in the session what another does. */
async function beginOnce(parts: HttpParts, visit: KnownVisit): Promise<Begun> {
  const { req, subject, state } = visit;
  const { sessionID } = req as { sessionID?: string };
  const key = `${sessionID} ${subject.key}`;
  const other = sessionID === undefined ? undefined : await beginning.get(key);
  if (other !== undefined) {
    writeState(req, subject, { ...state, pending: other.pending });
    await saveSession(req);
    return other;
  }
  const begun = begin(parts, visit, false).finally(() => beginning.delete(key));
  if (sessionID !== undefined) beginning.set(key, begun);
  return begun;
}

async function accountName({ settings }: HttpParts, { user }: KnownVisit): Promise<string> {
  const label: unknown = await hostAnswer(settings, "label", () => settings.label(user));
  return plainName(typeof label === "string" ? label : "") || plainName(settings.issuer);
}

async function keyUri(parts: HttpParts, visit: KnownVisit, secret: string): Promise<{ uri: string; name: string }> {
  const { issuer, otpLength } = parts.settings;
  const name = await accountName(parts, visit);
  return { uri: otpauthUri(secret, issuer, name, otpLength), name };
}

async function setupPage(
  parts: HttpParts,
  visit: KnownVisit,
  { pending, secret }: Begun,
  problem?: PageProblem,
): Promise<SetupPage> {
  const { uri, name } = await keyUri(parts, visit, secret);
  return {
    page: "setup",
    qrCodeSvg: await qrCodeSvg(uri),
    secret: groupsOfFour(secret, " "),
    otpauthUri: uri,
    accountName: name,
    otpLength: parts.settings.otpLength,
    replacing: pending.replacing,
    required: visit.need === true,
    ...(problem && { problem }),
  };
}

async function sendBegun(parts: HttpParts, visit: KnownVisit, begun: Begun): Promise<void> {
  if (wantsPage(visit.req)) return sendPage(parts, visit, 200, await setupPage(parts, visit, begun));
  const { uri } = await keyUri(parts, visit, begun.secret);
  const expiresAt = new Date((begun.pending.startedAt + parts.settings.setupValidForSeconds) * 1000);
  return sendJson(visit, 200, {
    secret: begun.secret,
    otpauthUri: uri,
    qrCode: await qrCodePngDataUrl(uri),
    expiresAt: expiresAt.toISOString(),
  });
}

export const showSetup: Handler = async (parts, visit) => {
  const { req, facts } = visit;
  if (parts.settings.pages?.setup !== undefined && isNavigation(req)) {
    return redirect(visit, linksFor(parts, visit).setup);
  }
  const begun = await resume(parts, visit);
  if (begun !== undefined) return sendBegun(parts, visit, begun);
  if (facts.enrolled) {
    if (!wantsPage(req)) return sendProblem(parts, visit, "TOTP_ALREADY_ENABLED");
    return sendPage(parts, visit, 200, confirmPage(parts, visit, "replace"));
  }
  // What a browser loads ahead or another site asks for begins nothing: the account page has the button.
  if (!mayBegin(req))
    return wantsPage(req) ? sendPage(parts, visit, 200, accountPage(parts, visit)) : sendBeginByPost(parts, visit);
  if (mustProveAnew(parts, visit)) return askToProveAnew(parts, visit);
  return sendBegun(parts, visit, await beginOnce(parts, visit));
};

/** Who is challenged by codes by mail or SMS has a factor already: adding another is a change of factors. */
const mustProveAnew = (parts: HttpParts, visit: KnownVisit): boolean =>
  visit.facts.directCodes && visit.need === true && recentProof(parts, visit) === undefined;

/** To the code page, and back to this one. */
async function askToProveAnew(parts: HttpParts, visit: KnownVisit): Promise<void> {
  const { req, subject, state } = visit;
  const links = linksFor(parts, visit);
  writeState(req, subject, { ...state, stepUp: true, next: links.setup });
  await saveSession(req);
  if (wantsPage(req)) return redirect(visit, links.verify);
  return sendProblem(parts, visit, "TWO_FACTOR_REQUIRED", { reason: "recent" });
}

const sendBeginByPost = (parts: HttpParts, visit: KnownVisit) =>
  sendProblem(parts, visit, "SETUP_SESSION_EXPIRED", { detail: "Nothing is pending; begin with POST." });

export const beginSetup: Handler = async (parts, visit, fields) => {
  const { service } = parts;
  const { facts, subject, req } = visit;
  if (!facts.enrolled) {
    return mustProveAnew(parts, visit) ? askToProveAnew(parts, visit) : sendFresh(parts, visit, false);
  }

  const page = (problem?: PageProblem) => confirmPage(parts, visit, "replace", problem);
  const alreadyEnabled = () => sendProblem(parts, visit, "TOTP_ALREADY_ENABLED", { page });
  if (!isYes(fields["replace"])) return alreadyEnabled();
  if (fields["code"] === undefined || fields["code"] === "") {
    return recentProof(parts, visit) === undefined ? alreadyEnabled() : sendFresh(parts, visit, true);
  }
  const shape = service.submissions.shapeOf(fields["code"]);
  if (shape === undefined)
    return sendProblem(parts, visit, "VALIDATION_ERROR", { field: "code", reason: "malformed", page });
  const code = { shape, directCodes: facts.directCodes, change: true, isThere: () => !hasHungUp(req) };
  const result = await service.submissions.submit(subject, code, originOf(req));
  if (result.is !== "passed") return sendRefusal(parts, visit, result, page);
  return sendFresh(parts, visit, true);
};

/** A person is shown the page by a redirect, so that reloading it does not begin anew. */
async function sendFresh(parts: HttpParts, visit: KnownVisit, replacing: boolean): Promise<void> {
  const begun = await begin(parts, visit, replacing);
  if (wantsPage(visit.req)) return redirect(visit, linksFor(parts, visit).setup);
  return sendBegun(parts, visit, begun);
}

const isYes = (value: unknown): boolean => value === true || value === "1" || value === "true" || value === "on";

export const confirmSetup: Handler = async (parts, visit, fields) => {
  const { service } = parts;
  const { subject, req, state, standing } = visit;
  const shape = service.submissions.shapeOf(fields["code"]);
  const begun = await resume(parts, visit);
  const showAgain = begun && wantsPage(req) && (await pageMaker(parts, visit, begun));
  if (shape === undefined || !shape.totp) {
    return sendProblem(parts, visit, "VALIDATION_ERROR", {
      field: "code",
      reason: "malformed",
      ...(showAgain && { page: showAgain }),
    });
  }
  const { pending } = state;
  if (pending === undefined) return visit.facts.enrolled ? sendEnabled(parts, visit) : sendExpired(parts, visit);
  const result = await service.enrolments.confirm(subject, pending, shape.code, originOf(req), () => !hasHungUp(req));
  switch (result.is) {
    case "wrong":
      return sendProblem(parts, visit, "INVALID_2FA_CODE", {
        attemptsRemaining: result.attemptsRemaining,
        ...(showAgain && { page: showAgain }),
      });
    case "locked":
      return sendLocked(parts, visit, result.lock);
    case "expired":
      return sendExpired(parts, visit);
    case "already-enabled":
      return sendEnabled(parts, visit);
    case "gone":
      return void visit.res.destroy();
    case "conflict":
      return sendProblem(parts, visit, "CONFLICT", {
        action: { href: linksFor(parts, visit).account, label: "account" },
      });
    case "enabled": {
      const { next } = linksFor(parts, visit);
      const { pending: _, ...rest } = state;
      const proof = newProof(parts, result.record, "enrolment");
      await keepProof({ ...visit, state: rest, standing }, proof);
      const { recoveryCodes } = result;
      if (!wantsPage(req)) return sendJson(visit, 200, { recoveryCodes, next });
      const occasion = result.replaced ? "replaced" : "enabled";
      return sendPage(parts, visit, 200, { page: "recovery-codes", codes: recoveryCodes, occasion });
    }
  }
};

async function pageMaker(parts: HttpParts, visit: KnownVisit, begun: Begun): Promise<(problem: PageProblem) => Page> {
  const page = await setupPage(parts, visit, begun);
  return (problem) => ({ ...page, problem });
}

/** Its time is up: people get a fresh QR code at once; to replace an authenticator, they are asked again. */
async function sendExpired(parts: HttpParts, visit: KnownVisit): Promise<void> {
  if (!wantsPage(visit.req)) return sendProblem(parts, visit, "SETUP_SESSION_EXPIRED");
  if (visit.facts.enrolled) {
    const page = (problem: PageProblem) => confirmPage(parts, visit, "replace", problem);
    return sendProblem(parts, visit, "SETUP_SESSION_EXPIRED", { page });
  }
  const page = await pageMaker(parts, visit, await begin(parts, visit, false));
  return sendProblem(parts, visit, "SETUP_SESSION_EXPIRED", { page });
}

/** Done already, in this or another tab: the page that shows how things are, to those who may see it. */
function sendEnabled(parts: HttpParts, visit: KnownVisit): Promise<void> {
  if (!visit.facts.enrolled) {
    const action = { href: linksFor(parts, visit).verify, label: "verify" } as const;
    return sendProblem(parts, visit, "TOTP_ALREADY_ENABLED", { action });
  }
  return sendProblem(parts, visit, "TOTP_ALREADY_ENABLED", {
    page: (problem) => ({ ...accountPage(parts, visit), problem }),
  });
}
