import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import helmet from "helmet";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startHost } from "../support/host";
import { launchChromium } from "../support/services";

let chromium: Browser;
beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium?.close());

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.each([
  { policy: "none of the host's", helmeted: false, host: undefined },
  { policy: "a host's without frames", helmeted: false, host: "default-src 'self'" },
  { policy: "helmet's defaults", helmeted: true, host: undefined },
])("A page of another origin of the same site ($policy)", ({ helmeted, host: policy }) => {
  test("cannot show ours in a frame and have the person press a button in it", async () => {
    const host = startHost({
      options: { recoveryCodes: { count: 1 }, needTwoFactorAuthentication: () => "optional" },
      early: (app) => {
        if (helmeted) app.use(helmet());
        app.use((_req, res, next) => {
          if (policy !== undefined) res.set("Content-Security-Policy", policy);
          next();
        });
      },
    });
    const origin = await listen(host.app as RequestListener);
    const evil = await listen(
      (_req, res) =>
        void res
          .setHeader("content-type", "text/html")
          .end(`<iframe src="${origin}/two-factor" width="800" height="900"></iframe>`),
    );
    const context = await chromium.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(`${origin}/welcome`);
    await page.evaluate(async () => {
      const headers = { "content-type": "application/json" };
      await fetch("/login", { method: "POST", headers, body: JSON.stringify({ id: "1", email: "one@example.com" }) });
    });
    await page.goto(`${origin}/two-factor`);
    expect(await page.locator("h1").count()).toBe(1);
    await page.goto(evil, { waitUntil: "load" });
    // The browser's own page in its place.
    await expect.poll(() => page.frames()[1]?.url(), { timeout: 10_000 }).toMatch(/^chrome-error:/);
  });
});
