import { subscribe, unsubscribe } from "node:diagnostics_channel";
import session from "express-session";
import type { Response } from "supertest";
import { describe, expect, onTestFinished, test } from "vitest";
import { generateEncryptionKey, memoryStore, type TwoFactorEvent, type TwoFactorStore } from "../../src";
import type { Browser } from "../support/host";
import { keepLog, startProcesses, stopClock } from "../support/processes";
import { textOf } from "./text-of";

const at = (path: string) => `/two-factor${path}`;

/** A host of which everything is written down that leaves it or stays somewhere, but for the answers' bodies. */
function watchedHost() {
  const clock = stopClock();
  const log = keepLog();
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => void warnings.push(warning);
  process.on("warning", onWarning);
  const events: unknown[] = [];
  const onPublished = (event: unknown) => void events.push(event);
  subscribe("express-two-factor", onPublished);
  onTestFinished(() => {
    process.off("warning", onWarning);
    unsubscribe("express-two-factor", onPublished);
  });

  const records: string[] = [];
  const inner = memoryStore();
  const down: { store?: true; mail?: true; listener?: true } = {};
  const store: TwoFactorStore = {
    get: (id) => (down.store ? Promise.reject(new Error("the store is down")) : inner.get(id)),
    compareAndSet(id, expected, next) {
      records.push(next.record);
      return down.store ? Promise.reject(new Error("the store is down")) : inner.compareAndSet(id, expected, next);
    },
  };
  const sessions = new session.MemoryStore();
  const mails: string[] = [];
  const otpSecretEncryptionKey = generateEncryptionKey();
  const [host] = startProcesses(1, {
    session: { store: sessions },
    options: {
      store,
      otpSecretEncryptionKey,
      directOtp: () => true,
      sendTwoFactorAuthenticationCode(_user, code) {
        mails.push(code);
        if (down.mail) throw new Error(`mailbox is full: ${code}`);
      },
      onEvent(event: TwoFactorEvent) {
        events.push(event);
        if (down.listener) throw new Error("the listener is down");
      },
    },
  });
  const { sessions: kept } = sessions as unknown as { sessions: object };
  const seen: Response[] = [];
  const traces = () => ({
    log: log.map(textOf).join("\n"),
    warnings: warnings.map(textOf).join("\n"),
    events: textOf(events),
    records: records.join("\n"),
    sessions: textOf(kept),
    addresses: seen.map(({ request, headers }) => `${request.url} ${textOf(headers)}`).join("\n"),
    // The set-up page shows its key again beside the error: that is the one place where it belongs.
    errors: seen
      .filter(({ status, text }) => status >= 400 && !text.includes('id="two-factor-secret"'))
      .map(({ text }) => text)
      .join("\n"),
  });
  return { clock, down, host, mails, otpSecretEncryptionKey, seen, traces, keptSessions: kept };
}

describe("Secrets, codes and keys are in no log, URL, error, event or cached answer", () => {
  test("through set-up, login, changes, wrong codes, locks and faults of every part", async () => {
    const { clock, down, host, mails, otpSecretEncryptionKey, seen, traces } = watchedHost();
    const browser = host.browser();
    const codes = new Set<string>();
    const post = async (path: string, body: { code?: string | undefined; [field: string]: unknown } = {}) => {
      if (body.code !== undefined) codes.add(body.code);
      const answers = [await browser.post(at(path), body), await browser.submit(at(path), body)];
      seen.push(...answers);
      return answers[0] as Response;
    };
    const look = async () => {
      for (const path of ["", "/setup", "/verify", "/disable", "/recovery-codes", "/nothing"]) {
        seen.push(await browser.visit(at(path)), await browser.get(at(path)));
      }
    };
    const texts: string[] = [];
    const remember = ({ body }: Response) => {
      const { secret, recoveryCodes = [] } = body as { secret?: string; recoveryCodes?: string[] };
      if (secret !== undefined) browser.secret = secret;
      if (secret !== undefined) texts.push(secret);
      texts.push(...recoveryCodes, ...recoveryCodes.map((code) => code.replaceAll("-", "")));
      browser.recoveryCodes.push(...recoveryCodes);
    };

    await browser.login();
    seen.push(await browser.get("/page"), await browser.visit("/page?keep=this"));
    seen.push(await browser.visit(at("/verify")));
    await post("/verify", { code: "999999" });
    await browser.post(at("/verify"), { code: mails[0] }).expect(200);
    remember(await browser.post(at("/setup")).expect(200));
    await look();
    await post("/setup/verify", { code: "000000" });
    remember(await browser.post(at("/setup/verify"), { code: browser.code() }).expect(200));
    codes.add(browser.code());
    await look();
    await post("/recovery-codes");
    remember(await browser.post(at("/recovery-codes")).expect(200));
    remember(await post("/setup", { replace: true }));
    await browser.login();

    clock.later(60);
    down.listener = true;
    await post("/verify", { code: browser.recoveryCodes.at(-1) });
    await post("/verify", { code: browser.recoveryCodes.at(-1) });
    delete down.listener;
    down.mail = true;
    await post("/verify/send");
    delete down.mail;
    clock.later(60);
    down.store = true;
    await post("/verify", { code: browser.code() });
    await post("/verify", { code: browser.recoveryCodes.at(-2) });
    delete down.store;
    for (const code of ["111111", "111112", "111113"]) await post("/verify", { code });
    await post("/verify", { code: browser.code() });
    await look();
    await host.tfa.reset("1", { reason: "lost phone", by: "the help desk" });
    await look();

    for (const [where, trace] of Object.entries(traces())) {
      for (const text of [...texts, otpSecretEncryptionKey, ...mails]) {
        expect(trace.includes(text), `${text} in ${where}`).toBe(false);
      }
      // Six digits can be part of a time or a number; as a word of their own they are a code.
      for (const code of codes) expect(new RegExp(`\\b${code}\\b`).test(trace), `${code} in ${where}`).toBe(false);
    }
    expect(mails.length).toBeGreaterThanOrEqual(2);
    expect(traces().log).toContain("the store is down");
    expect(traces().warnings).toContain("the listener is down");
  });

  test("nothing of ours but the stylesheet may be kept by a browser or a proxy", async () => {
    const { host, down } = watchedHost();
    const browser = host.browser();
    const answers: Response[] = [await browser.get("/page"), await browser.get(at("")), await browser.visit(at(""))];
    await browser.login();
    await browser.enrol().catch(() => undefined);
    const paths = ["", "/setup", "/verify", "/disable", "/recovery-codes", "/nothing"];
    const ask = async () => {
      for (const path of paths) answers.push(await browser.visit(at(path)), await browser.get(at(path)));
      for (const path of [...paths, "/setup/verify", "/verify/send", "/browsers/forget"]) {
        answers.push(await browser.post(at(path), { code: "1234" }), await browser.submit(at(path), {}));
      }
    };
    await ask();
    down.store = true;
    await ask();
    const ours = answers.filter(({ text }) => text !== "behind the gate");
    expect(ours.length).toBeGreaterThan(50);
    for (const { request, headers } of ours)
      expect([request.url, headers["cache-control"]]).toEqual([request.url, "no-store"]);
  });

  test("no form shows again what was typed into it", async () => {
    const { host } = watchedHost();
    const browser: Browser = host.browser();
    await browser.login();
    await browser.post(at("/verify/send")).expect(200);
    const page = await browser.submit(at("/verify"), { code: "AAAA-BBBB-CCCC-DDDD" }).expect(422);
    expect(/value="[^"]*AAAA/.test(page.text)).toBe(false);
    const bad = await browser.submit(at("/verify"), { code: "<script>alert(1)</script>" }).expect(400);
    expect(bad.text.includes("alert(1)")).toBe(false);
  });
});
