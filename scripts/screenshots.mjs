// Takes the README's pictures, that of the code page from the example app, and every page in every state: `npm run screenshots`.
// Chromium's own virtual key stands in for one that somebody touches.
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { folder, takeEveryPage } from "./pictures.mjs";
import { freePort, startProcess } from "./servers.mjs";
import { ensureServices } from "./services.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const member = { email: "member@example.com", password: "correct horse battery staple" };

/** @param {string} dataDir */
async function startExampleApp(dataDir) {
  const port = await freePort();
  const command = ["env", `PORT=${port}`, `DATA_DIR=${dataDir}`, process.execPath, "example-app/dist/main.js"];
  const running = await startProcess(command, { ready: /Listening on/, cwd: root, endsBy: "KILL" });
  return { running, origin: `http://localhost:${port}` };
}

/** @param {import("playwright-core").Page} page */
async function plugIn(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable", { enableUI: false });
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "usb", automaticPresenceSimulation: true },
  });
}

/**
 * @param {import("playwright-core").Page} page
 * @param {string} origin
 */
async function signIn(page, origin) {
  await page.goto(`${origin}/login`);
  for (const [name, value] of Object.entries(member)) await page.locator(`[name=${name}]`).fill(value);
  await page.locator("[name=password]").press("Enter");
  await page.waitForURL((url) => url.pathname !== "/login");
}

/**
 * @param {import("playwright-core").Page} page on which the card is
 * @param {string} name
 */
async function take(page, name) {
  await page.evaluate(() => /** @type {HTMLElement | null} */ (document.activeElement)?.blur());
  const path = join(root, "docs/images", name);
  const picture = await page.locator(".tf-main").screenshot({ path });
  console.log(`${path}: ${Math.ceil(picture.length / 1024)} KB`);
}

const dataDir = await mkdtemp(join(tmpdir(), "two-factor-screenshots-"));
const { running, origin } = await startExampleApp(dataDir);
const browser = await chromium.launch({
  executablePath: ensureServices().chromium,
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
try {
  const context = await browser.newContext({ viewport: { width: 520, height: 800 }, colorScheme: "light" });
  const page = await context.newPage();
  await plugIn(page);
  await signIn(page, origin);
  await page.goto(`${origin}/two-factor/setup`);
  await page.locator("#tf-key-name").fill("blue key");
  await page.locator("#add-security-key").click();
  await page.locator("[data-recovery-code]").first().waitFor();
  await context.clearCookies();
  await signIn(page, origin);
  await page.locator("#use-security-key").waitFor();
  await take(page, "security-key.png");
} finally {
  await browser.close();
  await running.end("SIGTERM");
  await rm(dataDir, { recursive: true, force: true });
}
await takeEveryPage([]);
await copyFile(join(folder, "readme/setup.png"), join(root, "docs/images/setup.png"));
