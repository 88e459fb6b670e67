import type { Request, Response } from "express";
import type { Proof } from "../../core/proof";
import type { TwoFactorRecord } from "../../core/record";
import type { Subject } from "../../core/user-id";
import type { Awaitable } from "../../options/values";
import type { SessionState } from "./state";

/** Where an instance keeps what belongs to a login. No rule asks which place that is. */
export interface Keeper {
  /** @throws TwoFactorError `MISCONFIGURED` where there is no such place on this request */
  check(req: Request): void;
  /** From here on a request is under way: what ends meanwhile, its answer does not bring back. */
  guard(req: Request, res: Response): void;
  /** Whether the login that this request came with has ended meanwhile. @throws TwoFactorError `STORE_UNAVAILABLE` */
  hasEnded(req: Request): Promise<boolean>;
  /** A logout has begun: for other requests the login is over until that is done. */
  leave(req: Request, res: Response): void;
  /** What is kept of this user's login. What is kept of anybody else goes. */
  open(req: Request, subject: Subject): Awaitable<Kept>;
  /** Nobody is signed in: what was kept goes. @throws TwoFactorError as `check` */
  wipe(req: Request): void;
}

/** @param usual what ends a login where the host says nothing else */
export type EndLogin = (usual: () => Promise<void>) => Awaitable<unknown>;

export interface LoginEnd {
  /** `false`: it had ended before, and somebody goes on with it. */
  isNews: boolean;
  save(): Promise<void>;
}

/** What is kept of one login, as one request sees it. */
export interface Kept {
  /** Of this login, in this process; `undefined` where nothing tells it from another. */
  readonly id: string | undefined;
  /** What it goes by in the record: as `id`, but it stays as the id is renewed. */
  readonly name: string | undefined;
  /** A mark on it stays: nobody who holds the login can leave it out. */
  readonly holdsMarks: boolean;
  /** It stays the same once the login is proven. */
  readonly keepsId: boolean;
  /** `false`: the host says of no login at all, a machine's, say. Nothing can be kept, and so nothing be proven. */
  readonly isLogin: boolean;
  /** For whom something is asked. @throws TwoFactorError `MISCONFIGURED` where the host says of no login at all */
  demandLogin(): void;
  /** When it was made, where the host says so. */
  readonly loginAt: number | undefined;
  read(): SessionState;
  /** What `read` gave, held against the record: what a logout has ended there is worth nothing here. */
  against(state: SessionState, record: TwoFactorRecord | undefined): SessionState;
  /** All that was brought of what this login has proven, also what is no longer good here, but might be elsewhere. */
  proofs(): readonly Proof[];
  /** It goes out with the answer at the latest; what must be kept before that is saved. */
  write(state: SessionState): void;
  /** A login that has ended meanwhile is left alone. @throws TwoFactorError `STORE_UNAVAILABLE` */
  save(): Promise<void>;
  /** Keeps a proof where there is one already. @throws TwoFactorError as `renew` */
  keepProven(state: SessionState): Promise<void>;
  /**
   * Keeps the first proof: whoever knows what the unproven login was known by knows nothing of the proven one.
   * @throws TwoFactorError `LOGIN_SESSION_EXPIRED` where it has ended meanwhile: it does not come back proven
   */
  renew(state: SessionState): Promise<void>;
  /** During a logout: what is owed stays until the host has let the login go. @param isUserGone since now */
  dropOnceGone(res: Response, isUserGone: () => boolean): void;
  /** Called once this login has ended while this request was under way, by whichever request; waited for. Never rejects. */
  onceEnded(work: () => Promise<void>): void;
  /**
   * Ends the login, by the host's own way or by the usual one. Where that fails, all is as it was.
   * @returns `save`: that nothing is left, where the host goes on with what it was kept in
   */
  end(res: Response, byHost: EndLogin): Promise<LoginEnd>;
  /** What a JSON answer has to tell of it: a client without cookies brings it along from now on. */
  told(): { token?: string };
}
