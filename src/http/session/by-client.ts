import type { Request, Response } from "express";
import type { Proof } from "../../core/proof";
import type { TwoFactorRecord } from "../../core/record";
import type { Subject } from "../../core/user-id";
import { TwoFactorError } from "../../errors";
import type { Awaitable } from "../../options/values";
import type { CarriedLogin } from "../../service/carried";
import { beforeAnswer } from "./dead-sessions";
import { Held, type Carriers } from "./held";
import { hostLogin, type HostLogin } from "./host-login";
import type { EndLogin, Keeper, Kept, LoginEnd } from "./kept";
import { loginEnded, type SessionState } from "./state";

/** The newest few thousand logins are enough for slow requests. */
const mostKnown = 5000;

/** Names with a number each; the oldest are forgotten. */
class Newest {
  readonly #numbers = new Map<string, number>();

  set(name: string, number: number): void {
    this.#numbers.delete(name);
    this.#numbers.set(name, number);
    const [oldest] = this.#numbers.keys();
    if (this.#numbers.size > mostKnown && oldest !== undefined) this.#numbers.delete(oldest);
  }

  get = (name: string): number => this.#numbers.get(name) ?? 0;
}

const nameOf = ({ subject, id }: CarriedLogin): string => JSON.stringify([subject.key, id]);

/**
 * The client carries what is kept, in texts that open for one user and login alone. It can bring an older one, or none:
 * whatever that must not undo is in the record, or follows from when the login was made (`loginAt`).
 */
export function createClientKeeper(carriers: Carriers): Keeper {
  const requests = new WeakMap<Request, Held>();
  const begun = new WeakMap<Request, number>();
  const leftAt = new Newest();
  const ended = new Newest();
  let logouts = 0;
  // Instances of an app have an answer each in the same one.
  const sending = new WeakMap<Response, Held>();

  const shared: Shared = {
    isLeft: (req, name) => leftAt.get(name) > (begun.get(req) ?? 0),
    isFirstEnd(name) {
      const isFirst = ended.get(name) === 0;
      ended.set(name, 1);
      return isFirst;
    },
    told: (req) => carriers.slots.told(req),
    sending,
  };

  const guard = (req: Request): void => {
    if (!begun.has(req)) begun.set(req, logouts);
  };

  function keptOf(req: Request, subject: Subject, login: HostLogin | undefined): Kept {
    if (login === undefined) return ofNoLogin(subject);
    const before = requests.get(req);
    if (before?.login.id === login.id && before.login.subject.key === subject.key) {
      return new KeptByClient(shared, req, before);
    }
    const held = new Held(carriers, req, { subject, id: login.id }, login);
    requests.set(req, held);
    return new KeptByClient(shared, req, held);
  }

  return {
    check: () => undefined,
    guard,
    hasEnded: async () => false,
    leave(req) {
      const held = requests.get(req);
      if (held !== undefined) leftAt.set(nameOf(held.login), (logouts += 1));
    },
    open(req, subject): Awaitable<Kept> {
      guard(req);
      const login = hostLogin(carriers.settings, req);
      return login instanceof Promise
        ? login.then((known) => keptOf(req, subject, known))
        : keptOf(req, subject, login);
    },
    // It opens for nobody else.
    wipe: () => undefined,
  };
}

/** What all requests of an instance know. */
interface Shared {
  /** A logout of this login has come between. */
  isLeft(req: Request, name: string): boolean;
  isFirstEnd(name: string): boolean;
  told(req: Request): { token?: string };
  /** What goes out with an answer. */
  sending: WeakMap<Response, Held>;
}

class KeptByClient implements Kept {
  readonly holdsMarks = false;
  readonly keepsId = true;
  readonly isLogin = true;

  constructor(
    readonly shared: Shared,
    readonly req: Request,
    readonly held: Held,
  ) {}

  get id(): string {
    return nameOf(this.held.login);
  }

  get name(): string {
    return this.id;
  }

  demandLogin(): void {
    // The host has named one.
  }

  get loginAt(): number | undefined {
    return this.held.at;
  }

  read(): SessionState {
    return this.held.state;
  }

  against(state: SessionState, record: TwoFactorRecord | undefined): SessionState {
    return this.held.against(state, record);
  }

  proofs(): readonly Proof[] {
    return this.held.proofs;
  }

  write(state: SessionState): void {
    this.held.write(state);
    const { req, held } = this;
    const { sending } = this.shared;
    const { res } = req as { res?: Response };
    if (res === undefined || sending.get(res) === held) return;
    sending.set(res, held);
    beforeAnswer(res, () => {
      // Who signs in anew with this request has texts of another login.
      if (sending.get(res) === held && !res.headersSent) held.send(req, res);
    });
  }

  async save(): Promise<void> {
    // With the answer.
  }

  async keepProven(state: SessionState): Promise<void> {
    if (this.shared.isLeft(this.req, this.id)) throw loginEnded();
    this.write(state);
  }

  renew(state: SessionState): Promise<void> {
    return this.keepProven(state);
  }

  dropOnceGone(): void {
    // What is left opens for the login that has ended, and another one has another name.
  }

  onceEnded(): void {
    // Nothing of a login that its host ends is ours to see; `tfa.logout` asks the record itself.
  }

  async end(_res: Response, byHost: EndLogin): Promise<LoginEnd> {
    await byHost(async () => undefined);
    return { isNews: this.shared.isFirstEnd(this.id), save: async () => undefined };
  }

  told(): { token?: string } {
    const { res } = this.req as { res?: Response };
    if (res !== undefined) this.held.send(this.req, res);
    return this.shared.told(this.req);
  }
}

function refuse(): never {
  throw new TwoFactorError(
    "MISCONFIGURED",
    'loginId answered nothing for somebody who is asked for a second factor: it must name the login (a JWT\'s jti or sid). Of machines needTwoFactorAuthentication says "never".',
  );
}

/** For whom the predicate asks nothing; whatever a proof would be needed for fails. */
const ofNoLogin = ({ key: user }: Subject): Kept => ({
  id: undefined,
  name: undefined,
  holdsMarks: false,
  keepsId: false,
  isLogin: false,
  demandLogin: refuse,
  loginAt: undefined,
  read: () => ({ user }),
  against: (state) => state,
  proofs: () => [],
  write: refuse,
  save: async () => undefined,
  keepProven: async () => refuse(),
  renew: async () => refuse(),
  dropOnceGone: () => undefined,
  onceEnded: () => undefined,
  end: async () => refuse(),
  told: () => ({}),
});
