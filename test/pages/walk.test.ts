import { describe, expect, test } from "vitest";
import { later } from "../support/clock";
import type { Browser } from "../support/host";
import { situations, type Situation } from "./situations";
import { walk } from "./walker";

const { start, enrolled, unproven, withKey, locked, provenLongAgo, requested, waiting, ready, reset, sendsCodes } =
  situations;

const ours = ["", "/setup", "/verify", "/recovery-codes", "/recovery-codes/again", "/disable", "/keys", "/recovery"];
const forms = ["/setup/verify", "/verify/send", "/browsers/forget", "/keys/options", "/keys/rename", "/nothing-here"];

async function nobody(): Promise<Situation> {
  const { host, ...rest } = await start();
  return { ...rest, host, browser: host.browser() };
}

/** A set-up begun in the browser, and for whom it is demanded. */
async function begun(options = {}): Promise<Situation> {
  const situation = await start(options);
  await situation.browser.visit("/two-factor/setup").expect(200);
  return situation;
}

const secretOn = (text: string): string =>
  /id="two-factor-secret"[^>]*>([^<]*)/.exec(text)?.[1]?.replaceAll(" ", "") ?? "";

async function codesShown(): Promise<Situation> {
  const situation = await start();
  const { browser } = situation;
  browser.secret = secretOn((await browser.visit("/two-factor/setup")).text);
  await browser.submit("/two-factor/setup/verify", { code: browser.code() }).expect(200);
  return situation;
}

async function remembered(): Promise<Situation> {
  const situation = await unproven();
  await situation.browser.remember();
  return situation;
}

/** Let in by its cookie, in a new login. */
async function letIn(): Promise<Situation> {
  const situation = await remembered();
  const { browser } = situation;
  await browser.agent.post("/logout");
  await browser.login();
  return situation;
}

async function lockedSetUp(): Promise<Situation> {
  const situation = await begun();
  for (let wrong = 0; wrong < 3; wrong += 1) {
    await situation.browser.submit("/two-factor/setup/verify", { code: "000000" });
  }
  return situation;
}

async function recoveryOpen(): Promise<Situation> {
  const situation = await ready();
  await situation.browser.post("/two-factor/recovery/finish", { code: situation.box.code() }).expect(200);
  return situation;
}

/** Stopped by the link of its mail. */
async function recoveryClosed(): Promise<Situation> {
  const situation = await waiting();
  await situation.browser.submit(situation.box.link(), {});
  return situation;
}

async function askedAgain(): Promise<Situation> {
  const situation = await enrolled();
  later(600);
  await situation.browser.submit("/two-factor/keys/options", {});
  return situation;
}

const states: Readonly<Record<string, () => Promise<Situation>>> = {
  nobody,
  "not enrolled, and has to be": () => start(),
  "not enrolled, and need not be": () => start({ needTwoFactorAuthentication: () => false }),
  "not enrolled, and cannot be": () => start({ needTwoFactorAuthentication: () => "never" }),
  "not enrolled, and has to be in a month": () =>
    start({ needTwoFactorAuthentication: () => ({ from: new Date(Date.now() + 2.6e9) }) }),
  "set-up pending": () => begun(),
  "set-up pending, and need not be": () => begun({ needTwoFactorAuthentication: () => false }),
  "set-up expired": () => provenLongAgo(begun({ pendingLoginSeconds: 7200 })),
  "set-up locked": lockedSetUp,
  "codes shown": codesShown,
  unproven: () => unproven(),
  "proven just now": () => enrolled(),
  "proven just now, and need not be": () => enrolled({ needTwoFactorAuthentication: () => false }),
  "proven long ago": () => provenLongAgo(enrolled()),
  "proven long ago, where another proof is asked": askedAgain,
  "a browser remembered": remembered,
  "let in by a remembered browser": letIn,
  locked: () => locked(),
  "locked until a reset": () => locked({ lockout: "until-reset" }),
  "with a key and an app": () => withKey(),
  "with a key, proven long ago": () => provenLongAgo(withKey()),
  "mailed codes": () => start(sendsCodes),
  "recovery requested": () => requested(),
  "recovery waiting": () => waiting(),
  "recovery ready": () => ready(),
  "recovery open": recoveryOpen,
  "recovery stopped": recoveryClosed,
  "reset with a code": reset,
};

const met = new Set<string>();
const at = (paths: readonly string[]): string[] => paths.map((path) => `/two-factor${path}`);

describe("Every link and button of every page leads on: no dead end, no 4xx from a link of ours, no address that a reload breaks", () => {
  test.each(Object.entries(states))("%s", async (_, make) => {
    const browser = async (): Promise<Browser> => (await make()).browser;
    const { wrong, titles } = await walk(browser, [...at(ours), ...at(forms)]);
    for (const title of titles) met.add(title.replace(/ <span.*/, ""));
    expect(wrong).toEqual([]);
  });

  test("the link of a mail, signed out", async () => {
    const { box, host } = await waiting();
    const browser = host.browser();
    const { wrong, titles } = await walk(async () => browser, [box.link()]);
    for (const title of titles) met.add(title);
    expect(wrong).toEqual([]);
  });

  test("and the walk has met them all", () => {
    expect([...met].toSorted((a, b) => a.localeCompare(b))).toMatchSnapshot();
  });
});
