import type { IncomingMessage } from "node:http";
import type { Request, Response } from "express";
import { hasFactor } from "../../core/gate";
import type { Proof } from "../../core/proof";
import { TwoFactorError } from "../../errors";
import { withinSeconds } from "../../service/patience";
import { linksOf } from "../paths/links";
import { assetNames } from "../render/stylesheet";
import { report } from "../answers/report";
import { insufficientAcr } from "./satisfy";
import { endPassWithLogin } from "../session/ended-login";
import { withLogin, withSeenAt } from "../session/pending-login";
import { withoutProof } from "../session/state";
import { callerOf, callerWithout, type HttpParts, type Caller } from "../caller";
import { claimsOf, know, originOf } from "../facts";
import { lastingName } from "../proofs";

export interface PendingLogin {
  /** A code must be given before anything else. */
  requiresOtp: boolean;
  /** An authenticator must be set up before anything else. */
  requiresOtpSetup: boolean;
  /** Until then, setting up can wait (`{ from: Date }`). */
  setupRequiredFrom?: Date;
  /** Where to go now. */
  next: string;
  /** With `state: "token"`, where it changed: what the client sends along from now on. */
  token?: string;
}

/** What this login still owes. A store that fails rejects: a login answer must not guess. */
export async function pendingOf(parts: HttpParts, req: Request, base: string): Promise<PendingLogin> {
  const caller = await callerWithout(parts, req);
  if (caller === undefined) {
    throw new TwoFactorError("MISCONFIGURED", "pending(req) is for a request whose user has just been logged in.");
  }
  const known = await know(parts, caller);
  const decision = known.decided.gate;
  const links = linksOf(parts.settings, base, assetNames, known.state);
  if (decision === "refused") throw insufficientAcr(parts, req);
  const requiresOtpSetup = decision === "setup";
  const requiresOtp = decision === "challenge" || decision === "locked";
  const state = withSeenAt(parts, known, withLogin(parts, known));
  if (state !== known.state) caller.kept.write(state);
  const { from } = known.need;
  return {
    requiresOtp,
    requiresOtpSetup,
    ...(from !== undefined && !hasFactor(known.facts) && { setupRequiredFrom: from }),
    next: requiresOtp ? links.verify : requiresOtpSetup ? (known.facts.half ? links.keys : links.setup) : links.next,
    ...caller.kept.told(),
  };
}

/** As the gate decides, without an answer: a broken request passes no more than one of nobody. Faults reject. */
export async function checkRequest(parts: HttpParts, req: Request): Promise<boolean> {
  const asExpress = likeExpress(req);
  if (!hasPath(asExpress) || asExpress.socket?.destroyed) return false;
  const caller = await callerWithout(parts, asExpress);
  if (caller === undefined) return false;
  return (await know(parts, caller)).decided.gate === "pass";
}

/** Node takes any text for a request's target; one that is no path (`http://[/`) makes middlewares throw. */
export const hasPath = ({ url }: IncomingMessage): boolean => url?.startsWith("/") === true;

/** An upgrade request comes without Express around it; what a predicate may read is put onto it. */
function likeExpress(req: Request): Request {
  if (typeof req.get === "function") return req;
  const { url } = req;
  return Object.assign(req, {
    originalUrl: url,
    baseUrl: "",
    path: url.split(/[?#]/, 1)[0],
    get: (name: string) => {
      const value = req.headers[name.toLowerCase()];
      return Array.isArray(value) ? value.join(", ") : value;
    },
  }) as Request;
}

/**
 * Ends what this session has proven; with `deleteCookieOnLogout` the remembered browser too. What it owes (a refusal, the
 * clock of a pending login) stays until the host has really logged out: its own checks come after us. Never stops a logout.
 */
export async function logOut(parts: HttpParts, req: Request, res: Response): Promise<void> {
  const { settings, slots } = parts;
  try {
    const caller = await callerOf(parts, { req, res, base: settings.path });
    if (settings.deleteCookieOnLogout) slots.remember.clear(req, res);
    parts.keeper.leave(req, res);
    if (caller !== undefined) {
      caller.kept.dropOnceGone(res, userGoneFrom(parts, req));
      const proofs = caller.kept.proofs();
      dropProof(caller);
      // Whatever hangs, all of it together takes no longer than one call may; what is late goes on behind the logout.
      const seconds = settings.storeTimeoutSeconds;
      await withinSeconds(seconds, "The logout of the second factor", () => endProof(parts, caller, proofs));
      // Only where the store answers: a logout waits for it once.
      endPassWithLogin(parts, caller);
    }
  } catch (error) {
    // The host's logout follows and ends the login: that must not fail because a store does.
    report(
      error instanceof TwoFactorError
        ? error
        : new TwoFactorError("MISCONFIGURED", "The second factor could not be logged out.", { cause: error }),
    );
  }
}

function dropProof({ kept, state }: Caller): void {
  if (state.proof !== undefined || state.pending !== undefined) kept.write(withoutProof(state));
}

/** @returns whether, since now, the host has let the user go */
function userGoneFrom({ settings }: HttpParts, req: Request): () => boolean {
  const { user } = req;
  return () => {
    if (user && !req.user) return true;
    try {
      const now: unknown = settings.user(req);
      // There is no time to wait for one that takes some.
      Promise.resolve(now).catch(() => undefined);
      return now === undefined || now === null;
    } catch {
      return false;
    }
  };
}

async function endProof(parts: HttpParts, caller: Caller, proofs: readonly Proof[]): Promise<void> {
  const { settings, service } = parts;
  const { browser } = settings.deleteCookieOnLogout
    ? await service.access.read(caller.subject, claimsOf(parts, caller), originOf(caller.req))
    : { browser: undefined };
  const origin = originOf(caller.req);
  // What a session store keeps has an end that can be waited for (`endPassWithLogin`).
  const login = lastingName(caller);
  if (proofs.length === 0 && browser === undefined && login === undefined) return;
  await service.changes.logout(caller.subject, { proofs, login, browserId: browser?.id }, origin);
}
