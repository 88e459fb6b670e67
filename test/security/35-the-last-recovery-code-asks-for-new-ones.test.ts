import { describe, expect, test } from "vitest";
import { startProcesses, stopClock } from "../support/processes";
import { onlyWithCookies } from "../support/states";
import type { TwoFactorEvent } from "../../src";

const verify = "/two-factor/verify";

async function withOneCodeLeft() {
  stopClock();
  const events: TwoFactorEvent[] = [];
  const [host] = startProcesses(1, {
    options: { recoveryCodes: { count: 2 }, rememberBrowser: "never", onEvent: (event) => void events.push(event) },
  });
  const owner = host.browser();
  await owner.login();
  await owner.enrol();
  const browser = host.browser();
  await browser.login();
  await browser.post(verify, { code: owner.recoveryCodes[0] }).expect(200);
  await browser.post("/logout").expect(200);
  await browser.login();
  return { host, owner, browser, events };
}

const codesOn = (html: string): string[] =>
  [...html.matchAll(/<code data-recovery-code[^>]*>([A-Z2-7-]{19})</g)].map(([, code]) => code as string);

describe("The last recovery code asks for new ones", () => {
  test("the page that follows shows them, and leads on to where this was headed", async () => {
    const { host, owner, browser, events } = await withOneCodeLeft();
    await browser.visit("/page?a=1").expect(303);
    const page = await browser.submit(verify, { code: owner.recoveryCodes[1] }).expect(200);
    const codes = codesOn(page.text);
    expect(new Set(codes).size).toBe(2);
    expect(page.text).toContain('href="/page?a=1"');
    expect(events.map(({ type }) => type)).toContain("recovery-codes-regenerated");
    await browser.get("/page").expect(200);
    expect(await host.tfa.status("1")).toMatchObject({ recoveryCodesRemaining: 2 });
    const next = host.browser();
    await next.login();
    await next.post(verify, { code: owner.recoveryCodes[1] }).expect(422);
    await next.post(verify, { code: codes[0] }).expect(200);
  });

  test("a program that shows them is answered them, with the last one alone", async () => {
    const { host, owner, browser, events } = await withOneCodeLeft();
    const given = { newRecoveryCodes: true };
    const other = host.browser();
    await other.login();
    const early = await other.post(verify, { code: owner.code(1), ...given }).expect(200);
    expect(early.body).not.toHaveProperty("recoveryCodes");
    await browser.post(verify, { code: "AAAA-BBBB-CCCC-DDDD", ...given }).expect(422);
    await browser.post(verify, { code: owner.recoveryCodes[1], newRecoveryCodes: "yes" }).expect(400);
    const { body } = await browser.post(verify, { code: owner.recoveryCodes[1], ...given }).expect(200);
    const { recoveryCodes: codes } = body as { recoveryCodes: string[] };
    expect(body).toEqual({ next: "/", method: "recovery-code", recoveryCodesRemaining: 2, recoveryCodes: codes });
    expect(new Set(codes).size).toBe(2);
    expect(events.map(({ type }) => type)).toContain("recovery-codes-regenerated");
    expect(await host.tfa.status("1")).toMatchObject({ recoveryCodesRemaining: 2 });
    const next = host.browser();
    await next.login();
    await next.post(verify, { code: owner.recoveryCodes[1], ...given }).expect(422);
    await next.post(verify, { code: codes[0] }).expect(200);
  });

  test("any other is told that none is left, none is made that it would not show, and it can ask for them", async () => {
    const { host, owner, browser } = await withOneCodeLeft();
    const { body } = await browser.post(verify, { code: owner.recoveryCodes[1] }).expect(200);
    expect(body).toMatchObject({ recoveryCodesRemaining: 0 });
    expect(body).not.toHaveProperty("recoveryCodes");
    expect(await host.tfa.status("1")).toMatchObject({ recoveryCodesRemaining: 0 });
    const asked = await browser.post("/two-factor/recovery-codes").expect(200);
    expect((asked.body as { recoveryCodes: string[] }).recoveryCodes).toHaveLength(2);
  });

  test("codes can be saved as a file without scripting", async () => {
    onlyWithCookies("A program has what it was told.");
    const { owner, browser } = await withOneCodeLeft();
    const { text } = await browser.submit(verify, { code: owner.recoveryCodes[1] }).expect(200);
    expect(text).toContain('action="/two-factor/recovery-codes/file"');
    const file = await browser.submit("/two-factor/recovery-codes/file", {}).expect(200);
    expect(file.headers).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "content-disposition": 'attachment; filename="recovery-codes.txt"',
      "cache-control": "no-store",
    });
    const day = new Date().toISOString().slice(0, 10);
    const whose = ["Recovery codes for Test Host", "Account: one@example.com", day, ""];
    expect(file.text.split("\r\n")).toEqual([...whose, ...codesOn(text), ""]);
    expect(text).not.toContain("<script");
  });
});
