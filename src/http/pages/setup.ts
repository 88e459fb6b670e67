import { groupsOfFour } from "../../core/recovery-codes";
import { otpauthUri, plainName } from "../../factors/totp";
import { linksFor, redirect, sendJson, sendLocked, sendPage, sendProblem, sendSetupClosed } from "../answers";
import { hasHungUp } from "../hung-up";
import { isNavigation, mayBegin, wantsPage } from "../negotiate";
import { qrCodePngDataUrl, qrCodeSvg } from "../qr";
import type { Handler } from "../routes";
import type { Page, PageProblem, SetupPage } from "../views";
import { hostAnswer, originOf, type HttpParts, type KnownVisit } from "../visit";
import { accountPage } from "./account";
import { begin, confirmReplace, pendingOf, resume, type Begun } from "./begin-setup";
import { confirmPage } from "./changes";
import { keepProof, newProof } from "./verify";

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
    required: visit.need.is === "must",
    ...(visit.need.from && { requiredFrom: visit.need.from }),
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
  if (facts.need === "never") return sendSetupClosed(parts, visit);
  const begun = await resume(parts, visit);
  if (begun !== undefined) return sendBegun(parts, visit, begun);
  if (facts.enrolled) {
    if (!wantsPage(req)) return sendProblem(parts, visit, "TOTP_ALREADY_ENABLED");
    return sendPage(parts, visit, 200, confirmPage(parts, visit, "replace"));
  }
  // What a browser loads ahead or another site asks for begins nothing: the account page has the button.
  if (!mayBegin(req))
    return wantsPage(req) ? sendPage(parts, visit, 200, accountPage(parts, visit)) : sendBeginByPost(parts, visit);
  const fresh = await begin(parts, visit, { byPageLoad: true });
  if (fresh !== undefined) await sendBegun(parts, visit, fresh);
};

const sendBeginByPost = (parts: HttpParts, visit: KnownVisit) =>
  sendProblem(parts, visit, "SETUP_SESSION_EXPIRED", { detail: "Nothing is pending; begin with POST." });

export const beginSetup: Handler = async (parts, visit, fields) => {
  const begun = await begin(parts, visit, { code: fields["code"], replace: isYes(fields["replace"]) });
  if (begun === undefined) return;
  // A person is shown the page by a redirect, so that reloading it does not begin anew.
  if (wantsPage(visit.req)) return redirect(visit, linksFor(parts, visit).setup);
  return sendBegun(parts, visit, begun);
};

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
  const pending = pendingOf(visit);
  if (visit.facts.need === "never") return sendSetupClosed(parts, visit);
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
      const proof = newProof(parts, visit, result.record, "enrolment");
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
    return sendProblem(parts, visit, "SETUP_SESSION_EXPIRED", { page: confirmReplace(parts, visit) });
  }
  const begun = await begin(parts, visit, {});
  if (begun === undefined) return;
  return sendProblem(parts, visit, "SETUP_SESSION_EXPIRED", { page: await pageMaker(parts, visit, begun) });
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
