import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { directoryForThisTest, startApp } from "../example-app/support";
import { launchChromium, oathtoolCode } from "../support/services";

test("A double click on the button that confirms a set-up shows the recovery codes, and lets in", async () => {
  const app = await startApp({ DATA_DIR: await directoryForThisTest() });
  const chromium = await launchChromium();
  const page = await (await chromium.newContext({ viewport: { width: 1000, height: 1600 } })).newPage();
  await page.goto(`${app.url}/login`);
  await page.getByLabel("Email").fill("super@example.com");
  await page.getByLabel("Password").fill("correct horse battery staple");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.goto(`${app.url}/two-factor/setup`);
  const secret = (await page.locator("#two-factor-secret").innerText()).replaceAll(" ", "");
  await page.locator("[name=code]").fill(await oathtoolCode(secret));

  const button = await page.locator("form:has([name=code]) button[type=submit]").boundingBox();
  const [x, y] = [button!.x + button!.width / 2, button!.y + button!.height / 2];
  await page.mouse.click(x, y);
  await pause(100);
  await page.mouse.click(x, y);

  await expect.poll(() => page.locator("[data-recovery-code]").count(), { timeout: 15_000 }).toBe(10);
  await page.goto(`${app.url}/admin`);
  expect(new URL(page.url()).pathname).toBe("/admin");
  await chromium.close();
});
