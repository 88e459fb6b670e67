// Every page in every state, as people see it: five languages and a right-to-left one, 320 and 1280 px, light and dark; in
// English also with text twice as large, in forced colours and on paper. Part of `npm run screenshots`; by itself, of some
// pages and looks: node scripts/pictures.mjs verify look=ar-320
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import ts from "typescript5";
import { ensureServices } from "./services.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Where they are put, a folder for each look. */
export const folder = join(root, ".cache/screenshots");
const require = createRequire(import.meta.url);
const { createRenderer, stylesheet } = require(join(root, "dist/http/render/renderer.js"));
const { qrCodeSvg } = require(join(root, "dist/http/render/qr.js"));

/** A part of a catalogue, as a host gives one: the rest stays English, and runs as Arabic does. */
const arabic = {
  "setup.title": "إعداد تطبيق المصادقة",
  "verify.title": "أدخل الرمز",
  "verify.button": "متابعة",
  "recovery.title": "احفظ رموز الاسترداد",
  "account.title": "المصادقة الثنائية",
  "logout.button": "تسجيل الخروج",
  "cancel.link": "إلغاء",
};

/** @returns the pages that the tests look at, without a build of the tests */
async function samples() {
  const source = await readFile(join(root, "test/pages/samples.ts"), "utf8");
  const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.ESNext } });
  const compiled = join(folder, "samples.mjs");
  await writeFile(compiled, outputText);
  return import(pathToFileURL(compiled).href);
}

/**
 * @typedef {{ name: string, locale: string, width: number, style?: string, media?: "print", colorScheme?: "light" | "dark", forcedColors?: "active" }} Look
 */
const widths = [320, 1280];
const schemes = /** @type {const} */ (["light", "dark"]);
/** @type {Look[]} */
const looks = ["en", "fr", "de", "es", "ru", "ar"].flatMap((locale) =>
  widths.flatMap((width) =>
    schemes.map((colorScheme) => ({ name: `${locale}-${width}-${colorScheme}`, locale, width, colorScheme })),
  ),
);
/** @type {Look[]} */
const more = [
  { name: "readme", locale: "en", width: 560, colorScheme: "light" },
  { name: "en-320-text-200", locale: "en", width: 320, style: "html{font-size:200%}" },
  { name: "en-320-forced-colours", locale: "en", width: 320, forcedColors: "active" },
  { name: "en-1280-print", locale: "en", width: 1280, media: "print" },
];

/** @param {readonly string[]} wanted pages whose names begin so, and looks as `look=…`; none: all */
export async function takeEveryPage(wanted) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { samplePages, contextIn, links, now, otpauthUri } = await samples();
  const only = wanted.filter((word) => !word.startsWith("look="));
  const inLooks = wanted.filter((word) => word.startsWith("look=")).map((word) => word.slice("look=".length));
  const shown = [...looks, ...more].filter(
    ({ name }) => inLooks.length === 0 || inLooks.some((begin) => name.startsWith(begin)),
  );
  const pages = Object.entries(samplePages(await qrCodeSvg(otpauthUri))).filter(
    ([name]) => only.length === 0 || only.some((begin) => name.startsWith(begin)),
  );
  const renderer = createRenderer({
    issuer: "EventHub",
    now: () => now,
    help: "help@example.com",
    locales: { ar: arabic },
  });
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const browser = await chromium.launch({ executablePath: ensureServices().chromium, args });
  try {
    for (const { name: look, locale, width, style = "", media, ...emulated } of shown) {
      const context = await browser.newContext({ viewport: { width, height: 640 }, javaScriptEnabled: false });
      const tab = await context.newPage();
      await tab.emulateMedia({ ...emulated, ...(media && { media }) });
      await mkdir(join(folder, look));
      for (const [name, page] of pages) {
        const { document } = await renderer.render(page, contextIn(locale, { timeZone: "UTC" }));
        const css = `<style>${stylesheet.body}${style}</style>`;
        await tab.setContent(document.replace(`<link rel="stylesheet" href="${links.stylesheet}">`, css));
        await tab.screenshot({ path: join(folder, look, `${name}.png`), fullPage: true });
      }
      await takeSheet(
        tab,
        look,
        pages.map(([name]) => name),
      );
      await context.close();
      console.log(join(folder, `${look}.png`));
    }
  } finally {
    await browser.close();
  }
}

/**
 * All of a look side by side, for the eye.
 * @param {import("playwright-core").Page} tab
 * @param {string} look
 * @param {readonly string[]} names
 */
async function takeSheet(tab, look, names) {
  const figures = await Promise.all(
    names.map(async (name) => {
      const picture = await readFile(join(folder, look, `${name}.png`), "base64");
      return `<figure><img src="data:image/png;base64,${picture}"><figcaption>${name}</figcaption></figure>`;
    }),
  );
  const css =
    "body{display:grid;grid-template-columns:repeat(auto-fill,180px);gap:8px;margin:8px}figure{margin:0}img{width:100%}figcaption{font:10px sans-serif}";
  await tab.emulateMedia({ media: "screen", colorScheme: "light", forcedColors: "none" });
  await tab.setViewportSize({ width: 2000, height: 1000 });
  await tab.setContent(`<style>${css}</style>${figures.join("")}`);
  await tab.screenshot({ path: join(folder, `${look}.png`), fullPage: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await takeEveryPage(process.argv.slice(2));
