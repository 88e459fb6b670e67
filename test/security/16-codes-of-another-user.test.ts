import { describe, expect, test } from "vitest";
import type { Browser } from "../support/host";
import { startProcesses, stopClock } from "../support/processes";

const verify = "/two-factor/verify";

async function two() {
  stopClock();
  const [host] = startProcesses(1);
  const enrolled = async (id: string): Promise<Browser> => {
    const browser = host.browser();
    await browser.login({ id, email: `${id}@example.com` });
    await browser.enrol();
    await browser.post("/logout").expect(200);
    await browser.login({ id, email: `${id}@example.com` });
    return browser;
  };
  return { host, one: await enrolled("1"), other: await enrolled("2") };
}

describe("Whose code it is comes from the host's session", () => {
  test("recovery codes swapped between two who are enrolled open nothing, and are not used up by it", async () => {
    const { one, other, host } = await two();
    const [mine, theirs] = [one.recoveryCodes, other.recoveryCodes];
    expect(mine.filter((code) => theirs.includes(code))).toEqual([]);
    await one.post(verify, { code: theirs[0] }).expect(422);
    await other.post(verify, { code: mine[0] }).expect(422);
    for (const fields of [
      { code: theirs[0], userId: "2" },
      { code: theirs[0], user: { id: "2" } },
      { code: theirs[0], id: "2" },
    ]) {
      await one.post(verify, fields).expect(422);
    }
    for (const id of ["1", "2"]) {
      expect((await host.tfa.status(id)).recoveryCodesRemaining).toBe(4);
    }
    await one.post(verify, { code: mine[0] }).expect(200);
    await other.post(verify, { code: theirs[0] }).expect(200);
    await other.post("/logout").expect(200);
    await other.login({ id: "2", email: "2@example.com" });
    await other.post(verify, { code: mine[1] }).expect(422);
  });

  test("nor does a code of the other's authenticator", async () => {
    const { one, other } = await two();
    if (one.code(1) !== other.code(1)) await one.post(verify, { code: other.code(1) }).expect(422);
    await one.get("/page").expect(403);
    await one.post(verify, { code: one.code(1) }).expect(200);
  });
});
