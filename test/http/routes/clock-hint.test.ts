import { describe, expect, test } from "vitest";
import { startHost } from "../../support/host";
import { stopClock } from "../../support/clock";

const verify = "/two-factor/verify";

describe("A code that is right for another time", () => {
  test("is told at set-up as a clock that is slow or fast by so much; never accepted, and counted as any", async () => {
    stopClock();
    const browser = startHost().browser();
    await browser.login();
    const { body } = await browser.post("/two-factor/setup").expect(200);
    const { secret } = body as { secret: string };
    for (const [steps, off, left] of [
      [-4, -120, 2],
      [20, 600, 1],
    ] as const) {
      const wrong = await browser.post("/two-factor/setup/verify", { code: browser.code(steps, secret) }).expect(422);
      expect(wrong.body).toMatchObject({ clockOffSeconds: off, attemptsRemaining: left });
    }
    await browser.post("/two-factor/setup/verify", { code: browser.code(-20, secret) }).expect(429);
  });

  test("on the page in words: how far, and what to do", async () => {
    stopClock();
    const browser = startHost().browser();
    await browser.login();
    const page = await browser.visit("/two-factor/setup").expect(200);
    const secret = /id="two-factor-secret"[^>]*>([^<]*)</.exec(page.text)?.[1]?.replaceAll(/\s|&shy;/g, "") ?? "";
    const wrong = await browser.submit("/two-factor/setup/verify", { code: browser.code(10, secret) }).expect(422);
    expect(wrong.text).toContain("fast by about 5 minutes");
  });

  test("is told after a proof by another way, and to nobody who has only the password", async () => {
    stopClock();
    const host = startHost();
    const owner = host.browser();
    await owner.login();
    await owner.enrol();
    const stranger = host.browser();
    await stranger.login();
    const told = await stranger.post(verify, { code: owner.code(8) }).expect(422);
    expect(told.body).not.toHaveProperty("clockOffSeconds");
    const browser = host.browser();
    await browser.login();
    await browser.post(verify, { code: owner.recoveryCodes[0] }).expect(200);
    const hint = await browser.post("/two-factor/disable", { code: owner.code(8) }).expect(422);
    expect(hint.body).toMatchObject({ clockOffSeconds: 240 });
    // And to nobody by a code that is further off.
    const far = await browser.post("/two-factor/disable", { code: owner.code(22) });
    expect(far.body).not.toHaveProperty("clockOffSeconds");
    await browser.get("/page").expect(200);
  });
});
