import type { Request, Response } from "express";
import { isEnded, type Proof } from "../../core/proof";
import type { TwoFactorRecord } from "../../core/record";
import { TwoFactorError } from "../../errors";
import type { Settings } from "../../options";
import type { Carried, CarriedLogin, CarriedProof } from "../../service/carried";
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
/** Once it has run out for so long, no clock takes a proof any more. */
const furthestSkewSeconds = 3600;
/** With all that a browser sends besides, a cookie has 4096. */
const longestPending = 3600;

/** What one request has brought of a login's state, and what its answer will send. */
export class Held {
  state: SessionState;
  /** Whatever of it was signed for this login, unless it has run out for every clock. */
  readonly proofs: readonly Proof[];
  /** When the login was made. */
  readonly at: number | undefined;
  /** As the texts said; the rest is news. */
  readonly #before: SessionState;
  /** One that has run out: this login was proven once. */
  readonly #witness: Proof | undefined;
  /** What follows from that, or from when the login was made: nobody carries that. */
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
    const claimed = newestFirst(slots.proof.readAll(req).map((text) => carried.read(login, text)));
    const live = claimed.find(({ endsAt }) => this.#isLive(endsAt));
    const ended = live === undefined ? claimed[0] : undefined;
    const now = carriers.clock();
    this.proofs = claimed.filter(({ endsAt }) => now < endsAt + furthestSkewSeconds).map(({ proof }) => proof);
    this.#proofEndsAt = live?.endsAt;
    this.#witness = ended?.proof;
    this.#implied = impliedBy(ended, at, now);
    const { owedSince, ...pending } = this.#pendingOf(req);
    const isOlder = ended !== undefined && (owedSince ?? 0) <= issuedAt(ended);
    // It can be brought when it suits: nobody has more time by it than without.
    const isLater = ended !== undefined && (owedSince ?? 0) > (this.#implied.owedSince ?? Infinity);
    this.#before = {
      user: login.subject.key,
      ...this.#implied,
      ...pending,
      ...(owedSince !== undefined && !isOlder && !isLater && { owedSince }),
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
    for (const sealed of slots.pending.readAll(req)) {
      const text = carried.open(this.login, sealed);
      if (text !== undefined) return JSON.parse(text) as Pending;
    }
    return {};
  }

  /** One that a logout has ended is no witness: the login is as old as it is. */
  against(state: SessionState, record: TwoFactorRecord | undefined): SessionState {
    const isOver = this.#witness !== undefined && isEnded(this.#witness, record);
    return isOver && this.at !== undefined ? { ...state, owedSince: this.at } : state;
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
    const isGone = this.#before.proof !== undefined || (this.#witness !== undefined && this.state.letIn === undefined);
    if (proof === undefined && isGone) slots.proof.clear(req, res);
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

const issuedAt = ({ proof }: CarriedProof): number => proof.issuedAt ?? proof.at;

const newestFirst = (claimed: readonly (CarriedProof | undefined)[]): readonly CarriedProof[] =>
  claimed.filter((one) => one !== undefined).sort((a, b) => issuedAt(b) - issuedAt(a));

/** What was proven once is asked for anew: from when that is seen or, where the host says when the login was made, from its end. */
function impliedBy(ended: CarriedProof | undefined, at: number | undefined, now: number): Pending {
  if (ended === undefined) return at === undefined ? {} : { owedSince: at };
  return { letIn: ended.proof.epoch, ...(at !== undefined && { owedSince: Math.min(ended.endsAt, now) }) };
}
