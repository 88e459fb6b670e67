import type { Request, Response } from "express";
import type { Proof } from "../../core/proof";
import { TwoFactorError } from "../../errors";
import type { Settings } from "../../options";
import type { Carried, CarriedLogin } from "../../service/carried";
import type { HostLogin } from "./host-login";
import type { Slots } from "./slots";
import type { SessionState } from "./state";

/** What carries the state of logins to clients and back. */
export interface Carriers {
  settings: Settings;
  carried: Carried;
  slots: Slots;
  clock: () => number;
}

type Pending = Omit<SessionState, "user" | "proof">;

/** Between the clocks of two processes there may be this much. */
const clockSkewSeconds = 60;
/** With all that a browser sends besides, a cookie has 4096. */
const longestPending = 3600;

/** What one request has brought of a login's state, and what its answer will send. */
export class Held {
  state: SessionState;
  /** When the login was made. */
  readonly at: number | undefined;
  /** As the texts said; the rest is news. */
  readonly #before: SessionState;
  /** What follows from a proof that has ended, or from when the login was made: nobody carries that. */
  readonly #implied: Pending;
  readonly #proofEndsAt: number | undefined;
  #isNews = false;

  constructor(
    readonly carriers: Carriers,
    req: Request,
    readonly login: CarriedLogin,
    { at }: HostLogin,
  ) {
    const { carried, slots } = carriers;
    this.at = at;
    const text = slots.proof.read(req);
    const claimed = text === undefined ? undefined : carried.read(login, text);
    const live = claimed !== undefined && this.#isLive(claimed.endsAt) ? claimed : undefined;
    const ended = live === undefined ? claimed?.proof : undefined;
    this.#proofEndsAt = live?.endsAt;
    // What was proven once is asked for anew, from when that is seen: the login does not end for its age.
    this.#implied = ended !== undefined ? { letIn: ended.epoch } : at !== undefined ? { owedSince: at } : {};
    const { owedSince, ...pending } = this.#pendingOf(req);
    const isOlder = ended !== undefined && (owedSince ?? 0) <= (ended.issuedAt ?? ended.at);
    this.#before = {
      user: login.subject.key,
      ...this.#implied,
      ...pending,
      ...(owedSince !== undefined && !isOlder && { owedSince }),
      ...(live && { proof: live.proof }),
    };
    this.state = this.#before;
  }

  /** Not longer than a proof of now would be good: a setting that has become shorter holds for those before it, too. */
  #isLive(endsAt: number): boolean {
    const { settings, clock } = this.carriers;
    const now = clock();
    return now < endsAt && endsAt <= now + settings.proofForSeconds + clockSkewSeconds;
  }

  #pendingOf(req: Request): Pending {
    const { carried, slots } = this.carriers;
    const sealed = slots.pending.read(req);
    const text = sealed === undefined ? undefined : carried.open(this.login, sealed);
    return text === undefined ? {} : (JSON.parse(text) as Pending);
  }

  write(state: SessionState): void {
    this.state = state;
    this.#isNews = true;
  }

  /** Puts what is news into the slots. */
  send(req: Request, res: Response): void {
    if (!this.#isNews) return;
    this.#isNews = false;
    const { carried, slots } = this.carriers;
    const { proof } = this.state;
    if (proof === undefined && this.#before.proof !== undefined) slots.proof.clear(req, res);
    if (proof !== undefined && proof !== this.#before.proof) {
      slots.proof.send(req, res, carried.sign(this.login, { proof, endsAt: this.#endOf(proof) }));
    }
    const rest = this.#toCarry(this.state);
    if (JSON.stringify(rest) === JSON.stringify(this.#toCarry(this.#before))) return;
    if (Object.keys(rest).length === 0) slots.pending.clear(req, res);
    else slots.pending.send(req, res, this.#sealed(rest));
  }

  /** One that is kept on, perhaps in a new epoch, ends when it did. */
  #endOf(proof: Proof): number {
    const { proof: before } = this.#before;
    const isSame = proof.id === before?.id && proof.at === before.at && proof.issuedAt === before.issuedAt;
    const { settings, clock } = this.carriers;
    return isSame && this.#proofEndsAt !== undefined ? this.#proofEndsAt : clock() + settings.proofForSeconds;
  }

  #toCarry(state: SessionState): Pending {
    const { user: _, proof: __, ...rest } = state;
    if (rest.letIn === this.#implied.letIn) delete rest.letIn;
    if (rest.owedSince === this.#implied.owedSince) delete rest.owedSince;
    return rest;
  }

  /** A way back can be long, and is the first to be left out; then what would be shown again, and asked anew. */
  #sealed(rest: Pending): string {
    const { next: _, ...withoutNext } = rest;
    const { codes: __, ...withoutCodes } = withoutNext;
    const { challenges: ___, ...least } = withoutCodes;
    for (const tried of [rest, withoutNext, withoutCodes, least]) {
      const text = this.carriers.carried.seal(this.login, JSON.stringify(tried));
      if (text.length <= longestPending) return text;
    }
    throw new TwoFactorError("MISCONFIGURED", "What is pending is too long for a client to carry.");
  }
}
