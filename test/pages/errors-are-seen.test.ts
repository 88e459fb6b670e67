import type { AddressInfo } from "node:net";
import type { Browser as Chromium, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { Browser } from "../support/host";
import { launchChromium } from "../support/services/chromium";
import { situations, type Situation } from "./situations";

vi.setConfig({ testTimeout: 120_000 });

const { start, unproven, withKey, locked, provenLongAgo, requested, ready, reset, sendsCodes } = situations;

/** The last is a window of 1280 × 1024 at 400 %. */
const views = [
  { width: 320, height: 640 },
  { width: 1280, height: 800 },
  { width: 320, height: 256 },
];

interface Form {
  of: () => Promise<Situation>;
  at?: string;
  /** What is pressed on the way there. */
  press?: string[];
  field?: string;
  /** What can be no code, and what can be one. */
  wrong?: (browser: Browser) => string[];
}

const many = { maxLoginAttempts: 50 };
const digits = (browser: Browser): string[] => ["12", browser.secret ? browser.wrongCode() : "000000"];
const letters = (): string[] => ["AAAA", "AAAA-BBBB-CCCC-DDDD"];
const long = () => provenLongAgo(withKey(many));

const forms: Readonly<Record<string, Form>> = {
  "the code page": { of: () => unproven(many), at: "/verify" },
  "the code page, by a recovery code": { of: () => unproven(many), at: "/verify?with=recovery-code", wrong: letters },
  "the code page, by a code that was sent": { of: () => start({ ...many, ...sendsCodes }), at: "/verify" },
  "unlocking by three codes": { of: locked, at: "/verify?with=three-codes", wrong: () => ["12"] },
  "the set-up": { of: () => start(many), at: "/setup" },
  "the code of a reset": { of: reset, at: "/setup", field: "#tf-enrolment-code", wrong: letters },
  "the code before the first set-up": {
    of: () => start({ ...many, ...sendsCodes, directOtp: () => false, confirmFirstEnrolment: () => "code" }),
    at: "/setup",
  },
  "turning off": { of: long, at: "/disable" },
  "new recovery codes": { of: long, at: "/recovery-codes" },
  "new recovery codes, by an old one": { of: long, at: "/recovery-codes?with=recovery-code", wrong: letters },
  "another authenticator": { of: long, press: ["form:has([name=replace]) button"] },
  "forgetting all browsers": { of: remembered, press: ["form[action$=forget]:not(:has([name=id])) button"] },
  "forgetting one browser": { of: remembered, press: ["form[action$=forget]:has([name=id]) button"] },
  "taking a key away": { of: long, at: "/keys", press: ["form[action$=remove] button"] },
  "another name for a key": {
    of: () => withKey(),
    at: "/keys",
    press: ["[data-key-id] summary"],
    field: "form[action$=rename] [name=name]",
    wrong: () => [" "],
  },
  "the code that begins a recovery": { of: requested, at: "/recovery", field: "#tf-mailed-code", wrong: letters },
  "the code that ends a recovery": { of: ready, at: "/recovery", field: "#tf-mailed-code", wrong: letters },
};

async function remembered(): Promise<Situation> {
  const situation = await unproven(many);
  await situation.browser.remember();
  return provenLongAgo(Promise.resolve(situation));
}

let chromium: Chromium;
beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium?.close());

/** The same person in Chromium. */
async function shown({ browser }: Situation): Promise<{ page: Page; base: string }> {
  const base = `http://127.0.0.1:${(browser.server.address() as AddressInfo).port}`;
  // Its words are the longest.
  const context = await chromium.newContext({ javaScriptEnabled: false, locale: "de" });
  onTestFinished(() => context.close());
  const kept = browser.agent.jar.getCookies({ domain: "127.0.0.1", path: "/", secure: false, script: false } as never);
  await context.addCookies(kept.map(({ name, value }) => ({ name, value, url: base })));
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  return { page, base: `${base}/two-factor` };
}

/** What is amiss where somebody has just been told of an error. */
const amiss = (page: Page, field: string): Promise<string[]> =>
  page.evaluate((wanted) => {
    const [box, input, focused] = [
      document.querySelector("[role=alert]"),
      document.querySelector(wanted),
      document.activeElement,
    ];
    if (box === null || input === null) return [`there is no ${box ? "field" : "message"}: ${document.body.innerText}`];
    const { top, bottom } = box.getBoundingClientRect();
    const isNamed = (input.getAttribute("aria-describedby") ?? "").split(" ").includes(box.id);
    return [
      ...(top < 0 || bottom > innerHeight
        ? [`the message is from ${Math.round(top)} to ${Math.round(bottom)} px`]
        : []),
      ...(focused === input ? [] : [`the focus is on ${focused?.outerHTML.slice(0, 80)}`]),
      ...(Math.floor(input.getBoundingClientRect().bottom) > innerHeight ? ["the field is below the view"] : []),
      ...(isNamed ? [] : ["the field is not described by the message"]),
      ...(input.getAttribute("aria-invalid") === "true" ? [] : ["the field is not marked"]),
      ...(document.title.startsWith("Fehler:") ? [] : [`the title is ${document.title}`]),
    ];
  }, field);

describe("An error is seen where it is: the message is within the view, the field has the focus", () => {
  test.each(Object.entries(forms))("%s", async (_, { of, at = "", press = [], field = "#tf-code", wrong = digits }) => {
    const situation = await of();
    const { page, base } = await shown(situation);
    const found: Record<string, string[]> = {};
    for (const view of views) {
      await page.setViewportSize(view);
      await page.goto(`${base}${at}`);
      for (const button of press) await page.locator(button).first().click();
      for (const text of wrong(situation.browser)) {
        const title = await page.locator("h1").innerText();
        await page.locator(field).fill(text);
        await page.locator(field).press("Enter");
        await page.waitForLoadState();
        const problems = await amiss(page, field);
        if ((await page.locator("h1").innerText()) !== title) problems.push(`it is no longer "${title}"`);
        if (problems.length > 0) found[`${view.width} × ${view.height}: ${text}`] = problems;
      }
    }
    expect(found).toEqual({});
  });
});
