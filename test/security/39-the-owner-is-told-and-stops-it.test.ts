import { describe, expect, test, vi } from "vitest";
import { generateEncryptionKey, memoryStore, type TwoFactorStore } from "../../src";
import { startHost } from "../support/host";
import { daySeconds, lostEverything, mailbox, opened, recovery, signedIn, waitingFor } from "../support/recovery";

/** The owner has signed in, and somebody without a factor has a recovery waiting. */
async function provenAndAskedFor() {
  const lost = await lostEverything();
  const { clock, box, before, browser, host } = lost;
  clock.later(30);
  const owner = await signedIn(host, before);
  await owner.post("/two-factor/verify", { code: before.code() }).expect(200);
  await waitingFor(browser, box);
  return { ...lost, owner };
}

describe("The owner is told at every step and stops it with one click", () => {
  test("request, confirmation, half-way, ready, and each with the link", async () => {
    const { box, browser, events, host } = await lostEverything();
    await waitingFor(browser, box);
    expect(box.mails.map(({ type }) => type)).toEqual(["recovery-requested", "recovery-confirmed"]);
    await expect(host.tfa.tellRecoveries()).rejects.toThrow("recovery.findUser");
    expect(events.map(({ type }) => type).filter((type) => type.startsWith("recovery"))).toEqual([
      "recovery-requested",
      "recovery-confirmed",
    ]);
  });

  test("what time brings is told once over processes, and again where it could not be sent", async () => {
    const { box, clock, processes } = await told();
    const [one, two] = processes;
    expect(await one.tfa.tellRecoveries()).toBe(0);
    clock.later(1.5 * daySeconds);
    box.broken = "fails";
    expect(await one.tfa.tellRecoveries()).toBe(0);
    box.broken = undefined;
    const tell = () => Promise.all([one.tfa.tellRecoveries(), (two ?? one).tfa.tellRecoveries()]);
    expect((await tell()).toSorted()).toEqual([0, 1]);
    clock.later(1.5 * daySeconds);
    expect((await tell()).toSorted()).toEqual([0, 1]);
    expect(await tell()).toEqual([0, 0]);
    expect(box.mails.slice(2).map(({ type, userId }) => [type, userId])).toEqual([
      ["recovery-half-way", "1"],
      ["recovery-ready", "1"],
    ]);
    for (const { cancelPath } of box.mails) expect(cancelPath).toContain(`${recovery}/cancel?token=`);
  });

  test.each(["throws", "never answers", "has a record that is refused"] as const)(
    "nobody is kept from being told by one whose findUser %s; that one is told next time",
    async (wrong) => {
      const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
      const box = mailbox();
      const memory = memoryStore();
      let broken = true;
      const isBroken = (what: typeof wrong, id: string) => broken && what === wrong && id === "1";
      const findUser = async (id: string) => {
        if (isBroken("throws", id)) throw new Error("no such user");
        if (isBroken("never answers", id)) await new Promise(() => undefined);
        return { id };
      };
      const store: TwoFactorStore = {
        ...memory,
        get: async (key) => {
          const stored = await memory.get(key);
          return stored && isBroken("has a record that is refused", key.includes('"1"') ? "1" : "2")
            ? { ...stored, record: '{"version":99}' }
            : stored;
        },
      };
      broken = false;
      const { clock, browser, host } = await lostEverything({
        options: {
          store,
          storeTimeoutSeconds: 1,
          recovery: { delaySeconds: 3 * daySeconds, send: box.send, findUser },
        },
      });
      await waitingFor(browser, box);
      for (const id of ["2", "3", "4"]) {
        const other = await signedIn(host, undefined, id);
        await other.enrol();
        await waitingFor(await signedIn(host, other, id), box);
      }
      clock.later(1.5 * daySeconds);
      broken = true;
      box.mails.length = 0;
      expect(await host.tfa.tellRecoveries()).toBe(3);
      expect(box.mails.map(({ userId }) => userId).toSorted()).toEqual(["2", "3", "4"]);
      expect(String(warnings.mock.calls)).toMatch(/tellRecoveries tries \["user","1"\] again next time/);
      broken = false;
      expect(await host.tfa.tellRecoveries()).toBe(1);
      expect(box.mails.at(-1)).toMatchObject({ type: "recovery-half-way", userId: "1" });
    },
    20_000,
  );

  test("a store that is down is told once, and not waited for with each user", async () => {
    vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    const box = mailbox();
    const memory = memoryStore();
    let asked = 0;
    let down = false;
    const get: TwoFactorStore["get"] = async (key) => {
      if (!down) return memory.get(key);
      asked += 1;
      throw new Error("no connection");
    };
    const findUser = async (id: string) => ({ id });
    const { host } = await lostEverything({
      options: { store: { ...memory, get }, recovery: { send: box.send, findUser } },
    });
    for (let id = 2; id < 9; id += 1) await (await signedIn(host, undefined, String(id))).enrol();
    down = true;
    await expect(host.tfa.tellRecoveries()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(asked).toBe(3);
  });

  test("a change by a proof of the last minutes stops it as a right factor does; one that is no change does not", async () => {
    const { clock, before, events, host, owner } = await provenAndAskedFor();
    clock.later(200);
    await owner.get("/two-factor/recovery-codes").expect(200, { needsCode: false });
    expect((await host.tfa.status("1")).recovery).toBeDefined();
    await owner.post("/two-factor/recovery-codes").expect(200);
    expect((await host.tfa.status("1")).recovery).toBeUndefined();
    expect(events.slice(-2)).toMatchObject([
      { type: "recovery-cancelled", by: "a right second factor" },
      { type: "recovery-codes-regenerated" },
    ]);
    clock.later(3 * daySeconds);
    await (await signedIn(host, before)).post(`${recovery}/finish`).expect(410);
  });

  test("also forgetting all browsers, and another authenticator", async () => {
    const { clock, box, before, events, host, owner } = await provenAndAskedFor();
    await owner.post("/two-factor/browsers/forget", { all: true }).expect(200);
    expect((await host.tfa.status("1")).recovery).toBeUndefined();
    clock.later(daySeconds);
    const thief = await signedIn(host, before);
    const again = await signedIn(host, before);
    await again.post("/two-factor/verify", { code: before.code() }).expect(200);
    const { body } = await again.post("/two-factor/setup", { replace: true }).expect(200);
    again.secret = (body as { secret: string }).secret;
    await waitingFor(thief, box);
    await again.post("/two-factor/setup/verify", { code: again.code() }).expect(200);
    expect((await host.tfa.status("1")).recovery).toBeUndefined();
    expect(events.filter(({ type }) => type === "recovery-cancelled")).toHaveLength(2);
  });

  test("the process in which it was confirmed tells by itself, without anybody asking", async () => {
    const box = mailbox();
    const { clock, browser } = await lostEverything({
      options: { recovery: { delaySeconds: 2, send: box.send } },
    });
    await waitingFor(browser, box);
    const inTime = async (count: number) => {
      for (let tries = 0; tries < 60 && box.mails.length < count; tries += 1) {
        clock.later(1);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      return box.mails.at(-1)?.type;
    };
    clock.later(1);
    expect(await inTime(3)).toMatch(/recovery-(half-way|ready)/);
  }, 20_000);

  test("the link shows on GET and changes nothing, for a mail scanner, too; the button stops it, without a login", async () => {
    const { box, browser, host, events } = await lostEverything();
    await waitingFor(browser, box);
    const nobody = host.browser();
    for (const path of [box.link(), box.mails[0]?.cancelPath ?? ""]) {
      await nobody.visit(path).expect(200);
      await nobody.get(path).expect(200, { cancelled: false });
      await nobody.agent.head(path).expect(200);
    }
    const page = await nobody.visit(box.link()).expect(200);
    expect(page.text).toMatch(/<form method="post" action="\/two-factor\/recovery\/cancel\?token=/);
    expect((await host.tfa.status("1")).recovery).toBeDefined();
    await nobody.agent.post(box.link()).set("sec-fetch-site", "cross-site").expect(403);
    const stopped = await nobody.submit(box.link(), {}).expect(200);
    expect(stopped.text).toContain("The recovery is stopped");
    expect((await host.tfa.status("1")).recovery).toBeUndefined();
    expect(events.at(-1)).toMatchObject({ type: "recovery-cancelled", by: "the link in a mail" });
    for (const answer of [await nobody.visit(box.link()), await nobody.submit(box.link(), {})]) {
      expect(answer.status).toBe(410);
      expect(answer.text).toContain("Nothing was changed");
    }
    await browser.post(`${recovery}/finish`).expect(410);
  });

  test("links that are cut, swapped, of another user, of an earlier recovery or after a reset stop nothing", async () => {
    const { box, clock, browser, before, host } = await lostEverything();
    const other = host.browser();
    await other.login({ id: "2" });
    await other.enrol();
    await waitingFor(browser, box);
    const mine = box.link();
    const theirs = await signedIn(host, other, "2");
    await theirs.post(recovery).expect(200);
    await host.browser().post(box.link()).expect(200, { cancelled: true });
    expect((await host.tfa.status("1")).recovery).toBeDefined();
    const cut = [mine.slice(0, -1), mine.slice(0, -20), `${mine}A`, `${recovery}/cancel`, `${recovery}/cancel?token=`];
    for (const path of [...cut, `${recovery}/cancel?token=${"A".repeat(5000)}`]) {
      const answer = await host.browser().post(path).expect(404);
      expect(answer.body).toMatchObject({ code: "RECOVERY_LINK_UNKNOWN" });
      await host.browser().visit(path).expect(404);
    }
    expect((await host.tfa.status("1")).recovery).toBeDefined();
    await host.tfa.cancelRecovery("1");
    clock.later(12 * 3600);
    await waitingFor(await signedIn(host, before), box);
    await host.browser().post(mine).expect(410);
    expect((await host.tfa.status("1")).recovery).toBeDefined();
    const newest = box.link();
    await host.tfa.reset("1", { reason: "lost phone", by: "the help desk" });
    await host.browser().post(newest).expect(410);
  });

  test.each(["a link", "a right factor", "the help desk"])("%s also stops a set-up that is open", async (by) => {
    const { box, clock, browser, before, host } = await lostEverything();
    await waitingFor(browser, box);
    clock.later(3 * daySeconds);
    const thief = await signedIn(host, before);
    await opened(thief, box);
    const { body } = await thief.post("/two-factor/setup").expect(200);
    thief.secret = (body as { secret: string }).secret;
    const owner = await signedIn(host, before);
    if (by === "a link") await host.browser().post(box.link()).expect(200);
    else if (by === "the help desk") expect(await host.tfa.cancelRecovery("1")).toBe(true);
    else await owner.post("/two-factor/verify", { code: before.code(1) }).expect(200);
    await thief.post("/two-factor/setup/verify", { code: thief.code() }).expect(403);
    await thief.get("/page").expect(403);
    if (by !== "a right factor") await owner.post("/two-factor/verify", { code: before.code(1) }).expect(200);
    await owner.get("/page").expect(200);
  });

  test("a link of one scope is none in another, with the same keys and the same user id", async () => {
    const shared = { store: memoryStore(), otpSecretEncryptionKey: generateEncryptionKey() };
    const { box, browser } = await lostEverything({ options: shared });
    await waitingFor(browser, box);
    const options = { ...shared, scope: "admin", path: "/admin/2fa", recovery: { send: box.send } };
    const link = box.link().replace("/two-factor", "/admin/2fa");
    await startHost({ options }).browser().post(link).expect(404);
  });

  test("`tfa.cancelRecovery` says whether there was one", async () => {
    const { box, browser, host, events } = await lostEverything();
    expect(await host.tfa.cancelRecovery("1")).toBe(false);
    expect(await host.tfa.cancelRecovery("nobody")).toBe(false);
    await waitingFor(browser, box);
    expect(await host.tfa.cancelRecovery("1", { by: "the help desk" })).toBe(true);
    expect(events.at(-1)).toMatchObject({ type: "recovery-cancelled", by: "the help desk" });
  });

  test("the pages say what happens, what to do now, and when it changes by itself", async () => {
    const { box, clock, browser, before, host } = await lostEverything();
    const code = await browser.visit("/two-factor/verify").expect(200);
    expect(code.text).toContain(`href="${recovery}"`);
    const offered = await browser.visit(recovery).expect(200);
    expect(offered.text).toContain("you wait 3 days");
    await browser.submit(recovery, {}).expect(303);
    expect((await browser.visit(recovery).expect(200)).text).toContain('name="code"');
    const wrong = await browser.submit(`${recovery}/confirm`, { code: "AAAA-BBBB-CCCC-DDDD" }).expect(422);
    expect(wrong.text).toContain('role="alert"');
    await browser.submit(`${recovery}/confirm`, { code: box.code() }).expect(303);
    expect((await browser.visit(recovery).expect(200)).text).toContain("The waiting time ends");
    expect((await browser.submit(`${recovery}/finish`, {}).expect(409)).text).toContain("The waiting time ends");
    clock.later(3 * daySeconds);
    const late = await signedIn(host, before);
    expect((await late.visit(recovery).expect(200)).text).toContain("Send me a fresh code");
    await late.submit(`${recovery}/finish`, {}).expect(303);
    expect((await late.visit(recovery).expect(200)).text).toContain("Code from the mail");
    const open = await late.submit(`${recovery}/finish`, { code: box.code() }).expect(303);
    expect(open.headers["location"]).toBe("/two-factor/setup");
    expect((await late.visit("/two-factor/setup").expect(200)).text).toContain("two-factor-secret");
    expect((await late.visit(recovery).expect(200)).text).toContain("The set-up is open");
  });
});

async function told() {
  const box = mailbox();
  const findUser = async (id: string) => ({ id });
  const all = await lostEverything(
    { options: { recovery: { delaySeconds: 3 * daySeconds, send: box.send, findUser } } },
    2,
  );
  await waitingFor(all.browser, box);
  return { ...all, box };
}
