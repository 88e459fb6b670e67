import { expect, test } from "vitest";
import { launchChromium, oathtoolCode } from "../support/services";
import { directoryForThisTest, startApp } from "./support";

test("/spa does the whole flow in a browser with the library's client, in plain ES modules", async () => {
  const app = await startApp({ DATA_DIR: await directoryForThisTest() });
  const chromium = await launchChromium();
  try {
    const page = await (await chromium.newContext()).newPage();
    page.setDefaultTimeout(10_000);
    const troubles: string[] = [];
    page.on("pageerror", (error) => troubles.push(error.message));
    const text = () => page.locator("#spa").innerText();
    const give = async (code: string) => {
      await page.locator("[name=code]").fill(code);
      await page.locator("[name=code]").press("Enter");
    };
    const signIn = async () => {
      await page.getByLabel("Email").fill("super@example.com");
      await page.getByLabel("Password").fill("correct horse battery staple");
      await page.locator("#spa").getByRole("button", { name: "Sign in" }).click();
    };

    await page.goto(`${app.url}/spa`);
    await signIn();
    const secret = (await page.locator("#two-factor-secret").innerText()).replaceAll(" ", "");
    expect(await page.title()).toMatch(/^Set up your authenticator – /);
    expect(await page.getByRole("link", { name: "Open it" }).getAttribute("href")).toMatch(/^otpauth:\/\/totp\//);
    await give("12");
    await page.getByText("That is no code").waitFor();
    // The message is tied to its field, which has the focus, and the tab says so.
    const field = page.locator("[name=code]:focus[aria-invalid=true]");
    expect(await field.getAttribute("aria-describedby")).toBe(await page.getByRole("alert").getAttribute("id"));
    expect(await page.title()).toMatch(/^Error: Set up your authenticator – /);
    const right = await oathtoolCode(secret);
    await give(right === "000000" ? "000001" : "000000");
    await page.getByText("Tries left: 2").waitFor();
    await give(await oathtoolCode(secret));
    await page.locator("[data-recovery-code]").nth(9).waitFor();
    const recoveryCode = await page.locator("[data-recovery-code]").first().innerText();
    await page.getByRole("button", { name: "I have kept them" }).click();
    await page.getByText("is on. Recovery codes left: 10.").waitFor();

    // A set-up remembers no browser: the next sign-in asks for a code, and that one is remembered.
    await page.getByRole("button", { name: "Forget all browsers" }).waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Sign out" }).click();
    await signIn();
    await page.getByRole("heading", { name: "Enter your code" }).waitFor();
    expect(await page.locator("[name=code]").getAttribute("inputmode")).toBeNull();
    await give(recoveryCode);
    await page.getByText("Recovery codes left: 9.").waitFor();
    expect(await page.locator("#spa [role=alert]").textContent()).toBe("");

    // Each change is confirmed first, with what is lost; the proof is recent, so none takes a code.
    const change = async (name: string, lost: string, yes: string) => {
      await page.getByRole("button", { name }).click();
      await page.getByText(lost).waitFor();
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.getByRole("heading", { name: "You are signed in" }).waitFor();
      expect(await text()).toContain("is on. Recovery codes left:");
      await page.getByRole("button", { name }).click();
      await page.getByRole("button", { name: yes }).click();
    };
    await change("Forget all browsers", "Signing in needs a code again", "Forget all");
    await page.getByRole("button", { name: "Forget all browsers" }).waitFor({ state: "hidden" });
    await change("Get new recovery codes", "old recovery codes stop working", "Get new codes");
    await page.getByRole("button", { name: "I have kept them" }).click();
    await page.getByText("Recovery codes left: 10.").waitFor();

    // A reload asks the server where one is.
    await page.reload();
    await page.getByText("Recovery codes left: 10.").waitFor();
    await change("Turn off", "password alone then opens your account", "Turn off");
    await page.getByText("is off.").waitFor();
    expect(await text()).toContain("Turn on");
    expect(troubles).toEqual([]);
  } finally {
    await chromium.close();
    await app.end();
  }
});
