import { chromium, type Browser } from "playwright-core";
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

/** A real browser, headless. The caller closes it. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: ensureServices().chromium, args: flags, headless: true, timeout: 60_000 });
}
