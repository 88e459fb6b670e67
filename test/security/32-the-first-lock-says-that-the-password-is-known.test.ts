import { describe, expect, test } from "vitest";
import type { TwoFactorEvent } from "../../src";
import { notice } from "../../src/notices";
import type { Browser } from "../support/host";
import { startProcesses, stopClock } from "../support/processes";

const verify = "/two-factor/verify";

async function guarded() {
  const clock = stopClock();
  const events: TwoFactorEvent[] = [];
  const [host] = startProcesses(1, {
    options: { pendingLoginSeconds: 86_400, onEvent: (event) => void events.push(event) },
  });
  const [owner, stranger] = [host.browser(), host.browser()];
  await owner.login();
  await owner.enrol();
  await stranger.login();
  const lock = async (browser: Browser) => {
    for (const status of [422, 422, 429]) await browser.post(verify, { code: owner.wrongCode() }).expect(status);
  };
  const suspected = () => events.filter(({ type }) => type === "password-suspected");
  return { clock, host, owner, stranger, lock, suspected };
}

describe("The first lock by an unknown browser says that the password is known", () => {
  test("by an event with when and from where, which is a mail; at most once a day", async () => {
    const { clock, lock, stranger, suspected } = await guarded();
    await lock(stranger);
    expect(suspected()).toHaveLength(1);
    const [event] = suspected() as [TwoFactorEvent];
    expect(event).toMatchObject({ userId: "1", at: new Date() });
    expect(event.ip).toMatch(/127\.0\.0\.1/);
    expect(notice(event, { issuer: "Test Host" })?.text).toContain("change it now");
    clock.later(61);
    await lock(stranger);
    expect(suspected()).toHaveLength(1);
    clock.later(86_400);
    await stranger.post("/logout");
    await stranger.login();
    await lock(stranger);
    expect(suspected()).toHaveLength(2);
  });

  test("not by a browser of the owner's that is known", async () => {
    const { lock, owner, suspected } = await guarded();
    await lock(owner);
    expect(suspected()).toHaveLength(0);
  });
});
