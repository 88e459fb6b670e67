import { describe, expect, test } from "vitest";
import { ownerOfKey, startKeyHost } from "../support/keys";
import type { Browser } from "../support/host";

const codeAt = async (browser: Browser, path: string): Promise<unknown> =>
  ((await browser.get(path)).body as { code?: unknown }).code;

/** Three wrong codes from a browser that nobody knows. */
async function locked(browser: Browser): Promise<void> {
  for (const code of ["000001", "000002", "000003"]) await browser.post("/two-factor/verify", { code });
}

describe("security keys, where the host has loaded them", () => {
  test("who has none is told of a lock, and who has one goes on with it", async () => {
    const host = startKeyHost();
    const owner = host.browser();
    await owner.login({ id: "2" });
    await owner.enrol();
    const stranger = host.browser();
    await stranger.login({ id: "2" });
    await locked(stranger);
    expect(await codeAt(stranger, "/private")).toBe("TOO_MANY_ATTEMPTS");
    const { browser } = await ownerOfKey(host);
    await locked(browser);
    expect(await codeAt(browser, "/private")).toBe("TWO_FACTOR_REQUIRED");
  });

  test("who has none, and is asked for one, is led to adding it, and to no code that would not do", async () => {
    const host = startKeyHost({
      behind: (app, tfa) =>
        app.get("/pay", tfa.requireRecent({ seconds: 300, method: "security-key" }), (_req, res) => res.json({})),
    });
    const owner = host.browser();
    await owner.login();
    await owner.enrol();
    expect(await codeAt(owner, "/pay")).toBe("KEY_REQUIRED");
    expect((await owner.visit("/pay")).headers["location"]).not.toBe("/two-factor/verify");
  });
});
