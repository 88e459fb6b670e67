import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext } from "playwright-core";
import { onTestFinished } from "vitest";
import { ensureServices } from "../../../scripts/services.mjs";

/** Chromium refuses its sandbox to root, and would otherwise talk to its maker in the background. */
const flags = [
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-dev-shm-usage",
  "--disable-gpu",
  "--disable-sync",
  "--no-first-run",
];

const launching = () => ({
  executablePath: ensureServices().chromium,
  args: flags,
  headless: true,
  timeout: 60_000,
});

/** A real browser, headless. The caller closes it. @param more flags besides ours */
export const launchChromium = (more: readonly string[] = []): Promise<Browser> => {
  const { args, ...rest } = launching();
  return chromium.launch({ ...rest, args: [...args, ...more] });
};

/** The same with a profile, in which people have not forbidden cookies of third parties, as private windows do. Gone with the test. */
export async function launchProfile(): Promise<BrowserContext> {
  const directory = await mkdtemp(join(tmpdir(), "two-factor-profile-"));
  await mkdir(join(directory, "Default"));
  await writeFile(join(directory, "Default/Preferences"), JSON.stringify({ profile: { cookie_controls_mode: 0 } }));
  const context = await chromium.launchPersistentContext(directory, { ...launching(), ignoreHTTPSErrors: true });
  onTestFinished(async () => {
    await context.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  });
  return context;
}
