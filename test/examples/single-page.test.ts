import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium, oathtoolCode } from "../support/services";
import { password, startExample } from "./example";

let chromium: Browser;
beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium?.close());

test("the page of single-page signs in, sets up, signs out, and asks for a code", async () => {
  const { url } = await startExample("single-page");
  const page = await chromium.newPage();
  page.setDefaultTimeout(10_000);
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  const logIn = async () => {
    await page.getByLabel("Email").fill("anna@example.com");
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
  };

  await page.goto(url);
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Email or password is wrong.").waitFor();
  await logIn();
  await page.getByText("Scan this").waitFor();
  const secret = await page.locator("#setup code").innerText();
  expect(await page.getByAltText("QR code").getAttribute("src")).toMatch(/^data:image/);
  await page
    .locator("#setup")
    .getByLabel("Code")
    .fill(await oathtoolCode(secret));
  await page.getByRole("button", { name: "Turn on" }).click();
  await page.getByText("They are shown once").waitFor();
  expect(await page.locator("#recovery-codes li").count()).toBe(10);
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("heading", { name: "Hello anna@example.com" }).waitFor();

  await page.getByRole("button", { name: "Sign out" }).click();
  await logIn();
  const code = page.locator("#verify").getByLabel("Code");
  await code.fill("000000");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText(/^Wrong code\. Tries left: 2\.$/).waitFor();
  await code.fill(await oathtoolCode(secret, new Date(Date.now() + 30_000)));
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("heading", { name: "Hello anna@example.com" }).waitFor();
  expect(faults).toEqual([]);
});
