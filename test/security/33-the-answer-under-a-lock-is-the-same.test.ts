import { describe, expect, test } from "vitest";
import type { HostOptions } from "../support/host";
import { startProcesses, stopClock } from "../support/processes";

const verify = "/two-factor/verify";

async function locked(given: HostOptions = {}) {
  stopClock();
  const [host] = startProcesses(1, given);
  const owner = host.browser();
  await owner.login();
  await owner.enrol();
  const strangers = [host.browser(), host.browser()] as const;
  for (const stranger of strangers) await stranger.login();
  for (const status of [422, 422, 429]) await strangers[0].post(verify, { code: owner.wrongCode() }).expect(status);
  return { host, owner, strangers };
}

describe("The answer under a lock is the same whether the code was right or not", () => {
  test.each([{ lockout: {} }, { lockout: "until-reset" as const }])("status, headers and body: %j", async (options) => {
    const { owner, strangers } = await locked({ options });
    const [one, other] = strangers;
    const right = await one.post(verify, { code: owner.code(1) }).expect(429);
    const wrong = await other.post(verify, { code: owner.wrongCode() }).expect(429);
    expect(wrong.body).toEqual(right.body);
    const names = (headers: object) => Object.keys(headers).toSorted();
    expect(names(wrong.headers as object)).toEqual(names(right.headers as object));
    expect(wrong.headers["retry-after"]).toBe(right.headers["retry-after"]);
  });

  test("`until-reset` stays for all lanes: a known browser's first lock is its last, too", async () => {
    const clock = stopClock();
    const { host, owner } = await locked({ options: { lockout: "until-reset", pendingLoginSeconds: 86_400 } });
    for (const status of [422, 422, 429]) await owner.post(verify, { code: owner.wrongCode() }).expect(status);
    clock.later(80_000);
    await owner.post(verify, { code: owner.code() }).expect(429);
    await host.tfa.unlock("1");
    await owner.post(verify, { code: owner.code() }).expect(200);
  });

  test("status and the account page name the lane: unknown browsers, or a known one", async () => {
    const { host, owner } = await locked();
    const until = new Date(Date.now() + 60_000);
    const lock = { lane: "unknown-browsers", until };
    expect(await host.tfa.status("1")).toMatchObject({ locked: true, lock });
    const account = await owner.get("/two-factor").expect(200);
    expect(account.body).toMatchObject({ locked: true, lock: { ...lock, until: until.toISOString() } });
    expect((await owner.visit("/two-factor").expect(200)).text).toContain("on a browser we do not know");
    await host.tfa.unlock("1");
    for (const status of [422, 422, 429]) {
      await owner.post("/two-factor/disable", { code: owner.wrongCode() }).expect(status);
    }
    expect(await host.tfa.status("1")).toMatchObject({ lock: { lane: "known-browser", until } });
    expect((await owner.get("/two-factor").expect(200)).body).toMatchObject({ lock: { lane: "known-browser" } });
  });
});
