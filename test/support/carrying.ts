import type { Browser, Host } from "./host";
import { state } from "./states";

const places = ["proof", "pending", "remember", "known"] as const;
type Place = (typeof places)[number];
const cookies = { proof: "tfa_proof", pending: "tfa_pending", remember: "remember_tfa", known: "known_tfa" } as const;

/** What a client carries for us. */
export type Texts = Partial<Record<Place, string>>;

export function textsOf(browser: Browser): Texts {
  const parts = (browser.kept.token ?? "~~~").split("~");
  const read = (place: Place, at: number) =>
    (state === "token" ? parts[at] : browser.cookie(cookies[place])) || undefined;
  const found = places.map((place, at) => [place, read(place, at)] as const);
  return Object.fromEntries(found.filter(([, text]) => text !== undefined));
}

/** From now on it carries these, and no others. */
export function carry(browser: Browser, texts: Texts): void {
  if (state === "token") browser.kept.token = places.map((place) => texts[place] ?? "").join("~");
  else for (const place of places) setCookie(browser, cookies[place], texts[place] ?? "");
}

/** Of the host's login. */
export const loginTextOf = (browser: Browser): string =>
  (state === "token" ? browser.kept.jwt : browser.cookie("login")) ?? "";

/** Brings another one's login, or an older one. */
export function bringLogin(browser: Browser, text: string): void {
  if (state === "token") browser.kept.jwt = text;
  else setCookie(browser, "login", text);
}

/** Somebody else's machine, with all that this one carries now. */
export function copyOf(browser: Browser, host: Pick<Host, "browser">): Browser {
  const copy = host.browser();
  bringLogin(copy, loginTextOf(browser));
  carry(copy, textsOf(browser));
  copy.secret = browser.secret;
  return copy;
}

const setCookie = (browser: Browser, name: string, text: string): void =>
  void browser.agent.jar.setCookie(`${name}=${text}; path=/`, "127.0.0.1", "/");
