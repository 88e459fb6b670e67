import { plainName } from "../../core/plain-name";
import type { Proof } from "../../core/proof";
import type { TwoFactorRecord } from "../../core/record";
import { recentSeconds } from "../../service/submissions";
import { linksFor, sendPage, sendProblem } from "../answers/answers";
import { redirect, uncached } from "../answers/send";
import { wantsPage } from "../answers/negotiate";
import type { HttpParts, KnownCaller } from "../caller";
import type { RecoveryCodesPage } from "../render/pages";
import type { HeldCodes, SessionState } from "../session/state";
import { accountName } from "./prompts";
import type { Handler } from "./route";

type Occasion = RecoveryCodesPage["occasion"];

export interface NewCodes {
  record: TwoFactorRecord;
  codes: readonly string[];
  occasion: Occasion;
}

/** What names this login: what a logout ends, and another login does not have. A remembered browser alone is no such thing. */
const loginOf = ({ access }: KnownCaller, proof?: Proof): string | undefined => (proof ?? access.proof)?.id;

/**
 * What the session keeps of new codes until somebody says that they are saved: whoever reloads the page has lost nothing.
 * For so long as a proof is recent: within that, whoever holds the session could make new ones anyway.
 * @param proof that this session has only now
 */
export async function heldCodes(
  { service }: HttpParts,
  caller: KnownCaller,
  { record, codes, occasion }: NewCodes,
  proof?: Proof,
): Promise<Pick<SessionState, "codes" | "next">> {
  const login = loginOf(caller, proof);
  if (!wantsPage(caller.req) || login === undefined || codes.length === 0) return {};
  const sealed = await service.shownCodes.seal({ subject: caller.subject, record, login }, codes);
  if (sealed === undefined) return {};
  const { next } = caller.state;
  const held: HeldCodes = { sealed, until: caller.now + recentSeconds, occasion };
  return { codes: held, ...(next !== undefined && { next }) };
}

/** Codes of just now that can be shown once more. Whether they open is seen when they are asked for. */
export const holdsCodes = ({ state, now }: Pick<KnownCaller, "state" | "now">): boolean =>
  state.codes !== undefined && now < state.codes.until;

/** @param held by this session, from now on: they can be shown again */
export async function recoveryCodesPage(
  parts: HttpParts,
  caller: KnownCaller,
  { record, codes, occasion }: NewCodes,
  held: HeldCodes | undefined,
): Promise<RecoveryCodesPage> {
  const { service, settings } = parts;
  return {
    page: "recovery-codes",
    codes,
    // The codes are made: a fault of the host's `label` does not lose them.
    accountName: await accountName(parts, caller).catch(() => plainName(settings.issuer)),
    madeAt: new Date((held === undefined ? caller.now : held.until - recentSeconds) * 1000),
    occasion,
    ...(held && { againForSeconds: recentSeconds }),
    ...(service.factors.hasAsked(record) && { tools: true as const }),
  };
}

async function heldPage(parts: HttpParts, caller: KnownCaller): Promise<RecoveryCodesPage | undefined> {
  const { state, access, subject } = caller;
  const { codes: held } = state;
  const login = loginOf(caller);
  const { record } = access;
  if (held === undefined || !holdsCodes(caller) || login === undefined || record === undefined) return undefined;
  const codes = await parts.service.shownCodes.open({ subject, record, login }, held.sealed);
  return codes && recoveryCodesPage(parts, caller, { record, codes, occasion: held.occasion }, held);
}

/** For people alone: a program has what it was told. */
const sendNone = (parts: HttpParts, caller: KnownCaller): Promise<void> | void =>
  wantsPage(caller.req)
    ? redirect(caller, linksFor(parts, caller).recoveryCodes)
    : sendProblem(parts, caller, "NOT_FOUND");

export const showCodesAgain: Handler = async (parts, caller) => {
  const page = wantsPage(caller.req) ? await heldPage(parts, caller) : undefined;
  return page ? sendPage(parts, caller, 200, page) : sendNone(parts, caller);
};

export const sendCodesFile: Handler = async (parts, caller) => {
  const { req, res } = caller;
  const page = wantsPage(req) ? await heldPage(parts, caller) : undefined;
  if (page === undefined) return sendNone(parts, caller);
  uncached(res);
  res.set({
    "Content-Disposition": 'attachment; filename="recovery-codes.txt"',
    "X-Content-Type-Options": "nosniff",
    "Content-Language": parts.renderer.localeOf(req),
  });
  res.type("text/plain; charset=utf-8").send(parts.renderer.codesText(parts.renderer.localeOf(req), page));
};

/** They are saved: nothing shows them again. */
export const codesSaved: Handler = async (parts, caller) => {
  if (!wantsPage(caller.req)) return sendNone(parts, caller);
  const { codes: held, next: _, ...rest } = caller.state;
  const links = linksFor(parts, caller);
  if (held !== undefined) {
    caller.kept.write(rest);
    await caller.kept.save();
  }
  return redirect(caller, held === undefined || held.occasion === "regenerated" ? links.account : links.next);
};
