import { describe, expect, test, vi } from "vitest";
import type { TwoFactorOptions } from "../../src";
import { stopClock } from "../support/clock";
import { ownerAndUnproven, startHost, type Browser, type HostUser } from "../support/host";

const languages = ["en", "fr", "de", "es", "ru"];
const textOf = async (browser: Browser, path: string, language = "en") =>
  (await browser.visit(`/two-factor${path}`).set("accept-language", language)).text;

/** Somebody to whom a code is sent, and the codes. */
async function byMail(options: Partial<TwoFactorOptions<HostUser>>) {
  const sent: string[] = [];
  const host = startHost({
    options: { sendTwoFactorAuthenticationCode: (_user, code) => void sent.push(code), ...options },
  });
  const browser = host.browser();
  await browser.login({ id: "1", email: "jo.doe@example.com" });
  return { host, browser, sent };
}

const toMail = { directOtpDestination: async (user: HostUser) => user.email };
const told = '<bdi dir="ltr">j…@e…e.com</bdi>';

describe("the option `directOtpDestination`", () => {
  test("is told, masked, on the page that asks for a code, in each language, before and after it is sent", async () => {
    const { browser } = await byMail(toMail);
    for (const language of languages) expect(await textOf(browser, "/verify", language)).toContain(told);
    const { browser: other } = await byMail(toMail);
    // What a browser loads ahead is sent no code.
    const ahead = await other.visit("/two-factor/verify").set("sec-purpose", "prefetch");
    expect(ahead.text).toContain(`We will send a code to ${told} when you ask`);
    const wrong = await other.submit("/two-factor/verify", { code: "000000" }).expect(422);
    expect(wrong.text).toContain(told);
  });

  test("and where a first set-up asks for one, and where a change does", async () => {
    const { browser } = await byMail({ ...toMail, directOtp: () => false, confirmFirstEnrolment: () => "code" });
    for (const language of languages) expect(await textOf(browser, "/setup", language)).toContain(told);
    const clock = stopClock();
    const { browser: proven, sent } = await byMail({ ...toMail, directOtp: () => true });
    await textOf(proven, "/verify");
    await proven.post("/two-factor/verify", { code: sent.at(-1) }).expect(200);
    clock.later(400);
    const { text } = await proven.submit("/two-factor/browsers/forget", {});
    expect(text).toContain(`The newest code that we sent to ${told}`);
  });

  test("says nothing in JSON, and nothing of what is neither address nor number, or none", async () => {
    const { browser } = await byMail(toMail);
    const { body } = await browser.get("/two-factor/verify").expect(200);
    expect(Object.keys(body.direct).sort()).toEqual(["canSendAgainInSeconds", "sent"]);
    expect(JSON.stringify(body)).not.toContain("…");
    for (const directOtpDestination of [() => "jo#1", () => undefined, () => null]) {
      const { browser: one } = await byMail({ directOtpDestination });
      expect(await textOf(one, "/verify")).toContain("We have sent you a code.");
    }
  });

  test("cannot bring markup, and a fault of it is reported, and takes no page away", async () => {
    const { browser } = await byMail({ directOtpDestination: () => "<i>ada@example.<b>com</b>" });
    expect(await textOf(browser, "/verify")).not.toMatch(/<i>|<b>/);
    const { browser: other } = await byMail({
      directOtpDestination: () => {
        throw new Error("down");
      },
    });
    const reported = vi.spyOn(console, "error").mockReturnValue();
    expect(await textOf(other, "/verify")).toContain("We have sent you a code.");
    expect(reported).toHaveBeenCalled();
    reported.mockRestore();
  });
});

describe("limits are told in words", () => {
  test("until when a set-up is good, and a login has to be finished, in each language", async () => {
    stopClock();
    const host = startHost({ options: { pendingLoginSeconds: 1200, timeZone: () => "UTC" } });
    const browser = host.browser();
    await browser.login();
    for (const language of languages) {
      expect(await textOf(browser, "/setup", language)).toMatch(
        /<time datetime="2026-03-01T12:10:10.000Z">(12:10 PM|12:10)[ \u202F]UTC<\/time>/,
      );
    }
    const { browser: half } = await ownerAndUnproven(host);
    for (const language of languages) {
      expect(await textOf(half, "/verify", language)).toMatch(
        /<time datetime="2026-03-01T12:20:10.000Z">(12:20 PM|12:20)[ \u202F]UTC<\/time>/,
      );
    }
  });

  test("and none that presses nobody", async () => {
    const far = startHost({ options: { pendingLoginSeconds: 86_400, setupValidForSeconds: 86_400 } }).browser();
    await far.login();
    expect(await textOf(far, "/setup")).not.toContain("<time");
  });
});

test("the code page says that this browser is remembered, and how long, where nobody is asked", async () => {
  const said = async (options: Partial<TwoFactorOptions<HostUser>>, language?: string) => {
    const { browser } = await ownerAndUnproven(startHost({ options }));
    return textOf(browser, "/verify", language);
  };
  expect(await said({})).toContain("we won’t ask again on this browser for 24 hours");
  expect(await said({ rememberOtpSessionForSeconds: 604_800 }, "de")).toContain("in diesem Browser 7 Tage lang");
  for (const options of [
    { rememberBrowser: "ask" },
    { rememberBrowser: "never" },
    { rememberOtpSessionForSeconds: 0 },
  ] as const) {
    expect(await said(options)).not.toContain("After this, we");
  }
});
