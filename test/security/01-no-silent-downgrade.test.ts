import { beforeEach, describe, expect, it, vi } from "vitest";
import { stopClock } from "../support/clock";
import { memoryStore, type Need } from "../../src";
import { startHost } from "../support/host";

const one = { recoveryCodes: { count: 1 } };
const details = { reason: "lost phone", by: "support" };

beforeEach(() => void stopClock());

function counted() {
  const store = memoryStore();
  const reads = { count: 0 };
  return { reads, store: { ...store, get: (id: string) => ((reads.count += 1), store.get(id)) } };
}

describe("What somebody has turned on is not switched off by a role taken away", () => {
  it.each([false, "optional"] as const)("who is enrolled is asked where the predicate says %s", async (need) => {
    const host = startHost({ options: { ...one, needTwoFactorAuthentication: () => need } });
    const owner = host.browser();
    await owner.login();
    await owner.get("/page").expect(200);
    await owner.enrol();
    const thief = host.browser();
    await thief.login();
    expect((await thief.get("/page").expect(403)).body).toMatchObject({ code: "TWO_FACTOR_REQUIRED" });
    await owner.get("/page").expect(200);
  });

  it("and is not asked where it says never, which costs the store nothing", async () => {
    const { store, reads } = counted();
    let need: Need = true;
    const host = startHost({ options: { ...one, store, needTwoFactorAuthentication: () => need } });
    const owner = host.browser();
    await owner.login();
    await owner.enrol();
    need = "never";
    const other = host.browser();
    await other.login();
    reads.count = 0;
    await other.get("/page").expect(200);
    expect(reads.count).toBe(0);
  });

  it("who is not enrolled costs one read in `revalidateSeconds`, and enrolling takes effect at once", async () => {
    const { store, reads } = counted();
    const host = startHost({ options: { ...one, store, needTwoFactorAuthentication: () => false } });
    const owner = host.browser();
    await owner.login();
    for (let times = 0; times < 20; times += 1) await owner.get("/page").expect(200);
    expect(reads.count).toBe(1);
    const other = host.browser();
    await other.login();
    await other.get("/page").expect(200);
    expect(reads.count).toBe(1);
    await owner.enrol();
    await other.get("/page").expect(403);
  });

  it.each<[unknown, RegExp]>([
    [0, /answered 0\..*Boolean\(user\.column\)/],
    [1, /answered 1\..*=== true/],
    [null, /answered null/],
    [undefined, /answered undefined/],
    ["yes", /the text "yes"/],
    [{ from: "2027-01-01" }, /Pass a Date/],
    [{ from: new Date(Number.NaN) }, /invalid Date/],
    [{ from: new Date(), to: new Date() }, /"to" beside "from"/],
    [[], /a list/],
    [{}, /a object|an object/],
  ])("any other answer, such as %j, fails closed and is named", async (answer, message) => {
    const logged = vi.spyOn(console, "error").mockReturnValue();
    const host = startHost({ options: { ...one, needTwoFactorAuthentication: () => answer as Need } });
    const browser = host.browser();
    await browser.login();
    await browser.get("/page").expect(500);
    expect(host.reached).toEqual([]);
    expect(logged.mock.calls.flat().map(String).join(" ")).toMatch(message);
    logged.mockRestore();
  });
});

describe("From a date on", () => {
  const day = 86_400_000;

  it("is as false until then, and the pages and the JSON say the date", async () => {
    const from = new Date(Date.now() + 10 * day);
    const host = startHost({
      options: { ...one, needTwoFactorAuthentication: () => ({ from }) },
      before: (app) =>
        void app.get(
          "/pending",
          (req, res, next) => void host.tfa.pending(req).then((pending) => res.json(pending), next),
        ),
    });
    const browser = host.browser();
    await browser.login();
    await browser.get("/page").expect(200);
    const { body } = await browser.get("/pending").expect(200);
    expect(body).toMatchObject({ requiresOtp: false, requiresOtpSetup: false, setupRequiredFrom: from.toISOString() });
    expect((await browser.get("/two-factor").expect(200)).body).toMatchObject({
      required: false,
      requiredFrom: from.toISOString(),
    });
    expect((await browser.visit("/two-factor").expect(200)).text).toContain(from.toISOString());
    expect((await browser.visit("/two-factor/setup").expect(200)).text).toContain("Not now");
    vi.setSystemTime(from.getTime() + 1000);
    await browser.get("/page").expect(403);
    expect((await browser.visit("/two-factor/setup").expect(200)).text).not.toContain("Not now");
  });

  it("a reset grants no new grace, nor does what is set up after it and turned off", async () => {
    const from = new Date(Date.now() + 10 * day);
    const host = startHost({
      options: { ...one, revalidateSeconds: 0, needTwoFactorAuthentication: () => ({ from }) },
    });
    const owner = host.browser();
    await owner.login();
    await owner.enrol();
    await host.tfa.reset("1", details);
    await owner.get("/page").expect(401);
    await owner.login();
    expect((await owner.get("/page").expect(403)).body).toMatchObject({ code: "TWO_FACTOR_SETUP_REQUIRED" });
    await owner.enrol();
    expect((await owner.get("/two-factor").expect(200)).body).toMatchObject({ required: true });
    expect((await owner.post("/two-factor/disable").expect(200)).body).toMatchObject({ required: true });
    expect((await owner.get("/page").expect(403)).body).toMatchObject({ code: "TWO_FACTOR_SETUP_REQUIRED" });
  });
});
