import type {
  Challenge,
  Disabled,
  Forgotten,
  KeyAdded,
  KeyOptions,
  KeysChanged,
  SecurityKeys,
  NewRecoveryCodes,
  Proven,
  RecoveryConfirmed,
  RecoveryOpened,
  RecoveryRequested,
  RecoveryState,
  Sent,
  Setup,
  Status,
} from "./data.js";
import { isObject, problemOf, type Answer, type TwoFactorProblem } from "./problem.js";
import { wayOn } from "./way-on.js";

export type {
  Activity,
  Challenge,
  Disabled,
  Forgotten,
  KeyAdded,
  KeyOptions,
  KeysChanged,
  NewRecoveryCodes,
  ProofMethod,
  Proven,
  RecoveryConfirmed,
  RecoveryOpened,
  RecoveryRequested,
  RecoveryState,
  RememberedBrowser,
  SecurityKey,
  SecurityKeys,
  Sent,
  Setup,
  Status,
} from "./data.js";
export type { TwoFactorProblem } from "./problem.js";

/** Data, or why there is none; look at `ok`, then at `code`. */
export type Result<Data> = ({ ok: true } & Data) | TwoFactorProblem;

type Headers = Readonly<Record<string, string>>;

/** What is needed of `fetch`; the browser's and Node's are such. */
export type Fetch = (
  url: string,
  init: {
    method: "GET" | "POST";
    headers: Record<string, string>;
    /** `"include"` where the option `origin` names another one, `"omit"` with a token. */
    credentials: "same-origin" | "include" | "omit";
    /** Routes of ours redirect no program, and a 307 would carry the code on to wherever it leads. */
    redirect: "error";
    body?: string;
  },
) => Promise<Answer & { readonly ok: boolean; text(): Promise<string> }>;

export interface TwoFactorClientOptions {
  /** Where the routes are mounted; by default `/two-factor`. */
  path?: string;
  /** Where the server is, such as `"https://api.example.com"`; by default the page's own origin. It has to allow the page's. */
  origin?: string;
  /** For a server with `state: "token"`: what keeps the newest token. No cookies are sent then. */
  token?: TokenKeeper;
  /** By default the global one, looked up at each call. */
  fetch?: Fetch;
  /** Sent along with each call, such as the app's CSRF token. What a function throws is thrown. */
  headers?: Headers | (() => Headers | Promise<Headers>);
}

/** Such as the keychain of a phone. What it throws is thrown. */
export interface TokenKeeper {
  load(): string | undefined | Promise<string | undefined>;
  save(token: string): unknown;
}

/** A code, or the answer of a key. */
export interface Proof {
  code?: string;
  key?: object;
}

/** What a key is asked for: an answer to one is none to another. */
export type KeyPurpose = "sign-in" | "disable" | "recovery-codes" | "setup" | "browsers" | "keys";

export interface TwoFactorClient {
  status(): Promise<Result<Status>>;
  /** What the code page has to ask for. Sends the first code to somebody who only gets codes by mail or SMS. */
  challenge(): Promise<Result<Challenge>>;
  /** Begins a set-up anew. Who has an authenticator says `replace`, with a code unless the proof is recent; after a reset it may take the `enrolmentCode` that an administrator has handed on. */
  beginSetup(options?: { replace?: boolean; enrolmentCode?: string } & Proof): Promise<Result<Setup>>;
  confirmSetup(code: string): Promise<Result<NewRecoveryCodes>>;
  /**
   * Takes a code of the authenticator, a recovery code or a code that was sent. Who says `newRecoveryCodes` has to show
   * those that come with the use of the last one.
   */
  verify(code: string, options?: { remember?: boolean; newRecoveryCodes?: boolean }): Promise<Result<Proven>>;
  sendCode(): Promise<Result<Sent>>;
  /** A new second step for who has lost everything: what there is of it. */
  recovery(): Promise<Result<RecoveryState>>;
  /** A code goes to the mailbox. */
  requestRecovery(): Promise<Result<RecoveryRequested>>;
  /** The code from the mail: the waiting time begins. */
  confirmRecovery(code: string): Promise<Result<RecoveryConfirmed>>;
  /** After it: without a code, a fresh one is sent; with it, `beginSetup` is open to this session. */
  finishRecovery(code?: string): Promise<Result<RecoveryOpened>>;
  /** What a key is asked with, instead of a code; `purpose`: what the answer is for. */
  keyRequest(purpose?: KeyPurpose): Promise<Result<KeyOptions>>;
  /** Takes what `PublicKeyCredential.toJSON()` gives. */
  verifyKey(key: object, options?: { remember?: boolean }): Promise<Result<Proven>>;
  keys(): Promise<Result<SecurityKeys>>;
  /** What a new key is made with; a proof is needed unless it is recent. */
  beginKey(proof?: Proof & { enrolmentCode?: string }): Promise<Result<KeyOptions>>;
  /** Takes what `PublicKeyCredential.toJSON()` gives. */
  addKey(response: object, options?: { name?: string }): Promise<Result<KeyAdded>>;
  renameKey(id: string, name: string): Promise<Result<KeysChanged>>;
  removeKey(id: string, proof?: Proof): Promise<Result<KeysChanged>>;
  /** A code is needed unless the proof is recent (`TWO_FACTOR_REQUIRED`, `reason: "recent"`); so below. */
  disable(proof?: string | Proof): Promise<Result<Disabled>>;
  regenerateRecoveryCodes(proof?: string | Proof): Promise<Result<NewRecoveryCodes>>;
  /** One browser by its id; without it all of them, and every other session. */
  forgetBrowsers(options?: { id?: string } & Proof): Promise<Result<Forgotten>>;
}

/**
 * The routes as functions, for a page of the same origin or of one that the server allows. Nothing that a server or a user does is thrown: it is a member
 * of the result.
 */
export function twoFactorClient(options: TwoFactorClientOptions = {}): TwoFactorClient {
  const origin = (options.origin ?? "").replace(/\/+$/, "");
  const base = origin + (options.path ?? "/two-factor").replace(/\/+$/, "");
  const send: Fetch = options.fetch ?? ((url, init) => fetch(url, init));

  async function call<Data>(
    method: "GET" | "POST",
    route: string,
    known: keyof Data & string,
    fields?: object,
  ): Promise<Result<Data>> {
    const { headers: given } = options;
    const token = await options.token?.load();
    const headers = {
      ...(token && { "Two-Factor": token }),
      ...(typeof given === "function" ? await given() : given),
      Accept: "application/json",
      ...(fields && { "Content-Type": "application/json" }),
    };
    const body = fields && { body: JSON.stringify(fields) };
    const credentials = options.token !== undefined ? "omit" : origin === "" ? "same-origin" : "include";
    let answer: Awaited<ReturnType<Fetch>>;
    let text: string;
    try {
      answer = await send(base + route, { method, headers, credentials, redirect: "error", ...body });
      text = await answer.text();
    } catch (cause) {
      return { ok: false, code: "NETWORK_FAILURE", cause };
    }
    const data = await withoutToken(parsed(text));
    // Known by one member as this library's: what a proxy says with 2xx must not look like a success. The rest of the
    // shape is the server's contract (docs/openapi.yaml), held there by its tests.
    return answer.ok && isObject(data) && known in data
      ? { ...(data as Data), ...("next" in data && { next: wayOn(data["next"], origin) }), ok: true }
      : problemOf(answer, answer.ok ? undefined : data);
  }

  /** Keeps the newest, which any answer of ours can tell; what else it says is for the page. */
  async function withoutToken(data: unknown): Promise<unknown> {
    if (options.token === undefined || !isObject(data) || !("token" in data)) return data;
    const { token, ...told } = data;
    if (typeof token === "string" && /^[\w.~-]*$/.test(token)) await options.token.save(token);
    return told;
  }
  const get = <Data>(route: string, known: keyof Data & string) => call<Data>("GET", route, known);
  // JSON leaves out what is undefined.
  const post = <Data>(route: string, known: keyof Data & string, fields: object = {}) =>
    call<Data>("POST", route, known, fields);

  return {
    status: () => get<Status>("", "enabled"),
    challenge: () => get<Challenge>("/verify", "next"),
    beginSetup: ({ replace, code, key, enrolmentCode } = {}) =>
      post<Setup>("/setup", "secret", { replace, code, key, enrolmentCode }),
    confirmSetup: (code) => post<NewRecoveryCodes>("/setup/verify", "next", { code }),
    verify: (code, { remember, newRecoveryCodes } = {}) =>
      post<Proven>("/verify", "next", { code, remember, newRecoveryCodes }),
    sendCode: () => post<Sent>("/verify/send", "sent"),
    disable: (proof) => post<Disabled>("/disable", "success", proven(proof)),
    regenerateRecoveryCodes: (proof) => post<NewRecoveryCodes>("/recovery-codes", "next", proven(proof)),
    forgetBrowsers: ({ id, code, key } = {}) => post<Forgotten>("/browsers/forget", "browsers", { id, code, key }),
    recovery: () => get<RecoveryState>("/recovery", "state"),
    requestRecovery: () => post<RecoveryRequested>("/recovery", "requestedAt"),
    confirmRecovery: (code) => post<RecoveryConfirmed>("/recovery/confirm", "readyAt", { code }),
    finishRecovery: (code) => post<RecoveryOpened>("/recovery/finish", "next", { code }),
    keyRequest: (purpose) => post<KeyOptions>("/verify/options", "publicKey", { for: purpose }),
    verifyKey: (key, { remember } = {}) => post<Proven>("/verify", "next", { key, remember }),
    keys: () => get<SecurityKeys>("/keys", "keys"),
    beginKey: (proof) =>
      post<KeyOptions>("/keys/options", "publicKey", { ...proven(proof), enrolmentCode: proof?.enrolmentCode }),
    addKey: (response, { name } = {}) => post<KeyAdded>("/keys", "key", { response, name }),
    renameKey: (id, name) => post<KeysChanged>("/keys/rename", "keys", { id, name }),
    removeKey: (id, proof) => post<KeysChanged>("/keys/remove", "keys", { id, ...proven(proof) }),
  };
}

const proven = (proof: string | Proof | undefined): Proof => {
  if (typeof proof === "string") return { code: proof };
  return { ...(proof?.code !== undefined && { code: proof.code }), ...(proof?.key && { key: proof.key }) };
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
