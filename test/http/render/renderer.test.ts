import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Request } from "express";
import { afterAll, describe, expect, test } from "vitest";
import { TwoFactorError } from "../../../src/errors";
import {
  createRenderer,
  negotiateLocale,
  stylesheet,
  type RendererOptions,
  type RenderedPage,
} from "../../../src/http/render/renderer";
import { qrCodePngDataUrl, qrCodeSvg } from "../../../src/http/render/qr";
import type { Page } from "../../../src/http/render/pages";
import { catalogues } from "../../../src/locales";
import { contextIn, hostileLabel, links, now, samplePages } from "../../pages/samples";

const folder = mkdtempSync(join(tmpdir(), "views-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function viewsOf(files: Readonly<Record<string, string>>): string {
  const views = mkdtempSync(join(folder, "v-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(views, name, ".."), { recursive: true });
    writeFileSync(join(views, name), text);
  }
  return views;
}

const rendererWith = (options: Partial<RendererOptions> = {}) =>
  createRenderer({ issuer: "EventHub", now: () => now, ...options });

async function rendered(
  page: Page,
  options: Partial<RendererOptions> = {},
  context = contextIn("en"),
): Promise<RenderedPage> {
  const result = await rendererWith(options).render(page, context);
  if (!("document" in result)) throw new Error("a document was expected");
  return result;
}

const requestWith = (headers: Readonly<Record<string, string>>): Request =>
  ({ get: (name: string) => headers[name.toLowerCase()] }) as unknown as Request;

const pages = samplePages('<svg id="qr"></svg>');
const verify = pages["verify"]!;

describe("every page", () => {
  const cases = Object.keys(catalogues).flatMap((locale) => Object.keys(pages).map((name) => [locale, name] as const));

  test.each(cases)("in %s, %s is a whole document with nothing missing in it", async (locale, name) => {
    const { document, fragment, title } = await rendered(pages[name]!, {}, contextIn(locale));
    expect(document).toContain(`<html lang="${locale}" dir="ltr">`);
    expect(document).toContain(fragment);
    expect(document.match(/<h1[\s>]/g)).toHaveLength(1);
    expect(document.match(/<main[\s>]/g)).toHaveLength(1);
    expect(document).toContain('<meta name="robots" content="noindex">');
    expect(title).not.toBe("");
    expect(document).not.toMatch(/undefined|\bnull\b|\[object|NaN|Invalid Date|\{\w+\}/);
    expect(document).not.toMatch(
      /\b(problem|event|account|setup|verify|recovery|confirm|locked|code|action)\.\w+[.\w-]*(?=[<"\s])/,
    );
  });

  test.each(Object.keys(pages))("%s has no script, no inline style and no inline handler", async (name) => {
    const { document } = await rendered(pages[name]!);
    const own = `<script src="${links.script}" defer></script>`;
    const ofComfort = `<script src="${links.comfort}" defer data-locale="en"></script>`;
    // One where a key is asked, and none where none is.
    const bare = document.replace(name === "key-recovery-codes" ? ofComfort : name.startsWith("key-") ? own : "", "");
    expect(bare).not.toMatch(/<script|<style|\sstyle=|\son\w+=|javascript:/i);
  });

  test.each(Object.keys(pages))("%s carries the host's hidden fields in each of its forms", async (name) => {
    const { fragment } = await rendered(pages[name]!);
    const forms = fragment.match(/<form[\s\S]*?<\/form>/g) ?? [];
    for (const form of forms) {
      expect(form).toContain('method="post"');
      expect(form).toContain('<input type="hidden" name="_csrf" value="csrf-token-1">');
    }
  });
});

describe("text is text", () => {
  test("a hostile label, issuer, browser, level and form field are escaped", async () => {
    const hostile = `<img src=x onerror=alert(1)>"'`;
    const account = { ...pages["account-acr"]!, browsers: [], activity: [] } as Page;
    for (const page of [pages["setup-replacing"]!, pages["account-on"]!, pages["locked"]!, account]) {
      const copy = structuredClone(page) as unknown as Record<string, unknown>;
      if ("accountName" in copy) copy["accountName"] = hostileLabel;
      if ("browsers" in copy)
        copy["browsers"] = [
          { id: hostile, name: hostile, rememberedAt: now, rememberedUntil: now, lastUsedAt: now, current: false },
        ];
      if ("activity" in copy) copy["activity"] = [{ type: hostile, at: now, ip: hostile, browser: hostile }];
      if ("provenBy" in copy) copy["provenBy"] = { method: "acr", acr: hostile, at: now };
      const context = contextIn("en", { formFields: { [hostile]: hostile } });
      const { document } = await rendered(copy as unknown as Page, { issuer: hostile, logo: `"${hostile}` }, context);
      expect(document).not.toMatch(/<img src=x|<script/);
    }
  });

  test("an unknown kind of event in the history is shown without breaking the page", async () => {
    expect((await rendered(pages["account-on"]!)).fragment).toContain("Other activity");
  });
});

describe("help", () => {
  test("is told in one line, the last of every page", async () => {
    for (const page of Object.values(pages)) {
      const { fragment } = await rendered(page, { help: "help@example.com" });
      expect(fragment).toMatch(
        /<p class="tf-help">Need help\? <a href="mailto:help@example.com">help@example.com<\/a><\/p>\s*<\/div>\s*(<script[^>]*><\/script>\s*)?$/,
      );
    }
  });

  test("can be a page, and is nothing where the host says none", async () => {
    const { fragment } = await rendered(verify, { help: "https://help.example.com/2fa?a=1&b=2" }, contextIn("de"));
    expect(fragment).toContain('<a href="https://help.example.com/2fa?a=1&amp;b=2">Wenden Sie sich an EventHub</a>');
    expect((await rendered(verify)).fragment).not.toContain("tf-help");
  });
});

describe("times and names", () => {
  const account = pages["account-on"]!;

  test("are of the time zone that the host says, and of the server's where it says none that there is", async () => {
    const inZone = (timeZone: unknown) =>
      rendererWith({ timeZone: () => timeZone as string }).timeZoneOf(requestWith({}));
    expect(inZone("Asia/Tokyo")).toBe("Asia/Tokyo");
    for (const none of [undefined, "", "Europe/Nowhere", Promise.reject(new Error("late"))]) {
      expect(inZone(none)).toBeUndefined();
    }
    const tokyo = await rendered(account, {}, contextIn("en", { timeZone: "Asia/Tokyo" }));
    expect(tokyo.fragment).toContain("Nov 21, 2026, 10:57 PM GMT+9");
    const berlin = await rendered(account, {}, contextIn("en", { timeZone: "Europe/Berlin" }));
    expect(berlin.fragment).toContain("Nov 21, 2026, 2:57 PM GMT+1");
  });

  test.each([
    ["en", "Firefox on Linux"],
    ["fr", "Firefox sous Linux"],
    ["de", "Firefox unter Linux"],
    ["es", "Firefox en Linux"],
    ["ru", "Firefox, Linux"],
  ])("in %s a browser is %s", async (locale, name) => {
    const { fragment } = await rendered(account, {}, contextIn(locale));
    expect(fragment).toContain(`<bdi>${name}</bdi>`);
    expect(fragment).toContain(`<bdi>${name} (192.0.2.7)</bdi>`);
  });

  test("the first of a month is “1er” in French, and the Russian “г.” stays with its year", async () => {
    const enabled = { ...account, enabledAt: new Date("2026-11-01T12:00:00Z") } as Page;
    expect((await rendered(enabled, {}, contextIn("fr"))).fragment).toContain(">1er nov. 2026</time>");
    expect((await rendered(enabled, {}, contextIn("ru"))).fragment).toContain("2026\u00a0г.</time>");
  });

  test("until when a browser is remembered is told", async () => {
    const { fragment } = await rendered(account, {}, contextIn("en", { timeZone: "UTC" }));
    expect(fragment).toMatch(/Remembered <time [^>]*>Nov 21, 2026<\/time> until <time [^>]*>Nov 22, 2026, 2:00/);
  });

  test("keys and codes are named and spelled for who hears them, and stay whole for who copies them", async () => {
    const { fragment } = await rendered(pages["setup"]!);
    expect(fragment).toContain(
      'role="img" aria-label="Setup key: J B S W, Y 3 D P, E H P K, 3 P X P, J B S W, Y 3 D P, E H P K, 3 P X P">JBSW Y3DP EHPK',
    );
    const codes = await rendered(pages["recovery-codes-replaced"]!);
    expect(codes.fragment).toContain('aria-label="A A A A, B B B B, C C C C, D D D D">AAAA-BBBB-CCCC-DDDD<');
  });
});

describe("the code field", () => {
  test("takes letters, is offered the code by the telephone, and is focused", async () => {
    const { fragment } = await rendered(verify);
    const input = /<input class="tf-input[\s\S]*?>/.exec(fragment)![0];
    for (const attribute of ['name="code"', 'inputmode="numeric"', 'autocomplete="one-time-code"', "autofocus"]) {
      expect(input).toContain(attribute);
    }
    expect(input).not.toMatch(/pattern|maxlength|type="number"|aria-invalid/);
    expect(fragment).toContain('<label class="tf-label" for="tf-code">6-digit code</label>');
    expect(fragment.match(/name="code"/g)).toHaveLength(1);
  });

  test("after a wrong code it is marked, and points to the alert that says how many tries are left", async () => {
    const { fragment, title, document } = await rendered(pages["verify-wrong"]!);
    expect(fragment).toMatch(/role="alert" id="tf-problem">[\s\S]*2 tries left before a lock\./);
    expect(fragment).toContain('aria-describedby="tf-problem tf-code-hint" aria-invalid="true"');
    expect(title).toBe("Error: Enter your code");
    expect(document).toContain("<title>Error: Enter your code – EventHub</title>");
  });

  test("is not blamed for a code that could not be sent", async () => {
    const { fragment } = await rendered(pages["verify-not-delivered"]!);
    expect(fragment).toContain('role="alert"');
    expect(fragment).not.toContain("aria-invalid");
  });

  test("shows the whole keyboard for a recovery code when asked to, and stays there after a mistake", async () => {
    const { fragment } = await rendered(pages["verify-letters"]!);
    expect(fragment).toContain('inputmode="text"');
    expect(fragment).toContain(`action="${links.verify}?with=recovery-code"`);
    expect((await rendered(pages["verify-digits"]!)).fragment).toContain(`href="${links.verify}?with=recovery-code"`);
  });

  test("is left alone on the set-up page until there was a mistake, so that the picture stays in sight", async () => {
    expect((await rendered(pages["setup"]!)).fragment).not.toContain("autofocus");
    expect((await rendered(pages["setup-wrong"]!)).fragment).toContain("autofocus");
  });
});

describe("what each page must hold", () => {
  test("set-up: picture, key in groups of four, otpauth link, and a way out", async () => {
    const { fragment } = await rendered(pages["setup"]!);
    expect(fragment).toMatch(/role="img" aria-label="QR code for super@example\.com"><svg id="qr">/);
    expect(/id="two-factor-secret"[^>]*>([^<]*)</.exec(fragment)![1]).toBe("JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP");
    expect(fragment).toContain('href="otpauth://totp/EventHub:super%40example.com?secret=');
    expect(fragment).toContain(`action="${links.logout}"`);
    expect(fragment).not.toContain(`href="${links.account}"`);
    expect((await rendered(pages["setup-optional"]!)).fragment).toContain(`href="${links.account}"`);
  });

  test("recovery codes: each in an element of its own, and a way on", async () => {
    const { fragment } = await rendered(pages["recovery-codes"]!);
    expect(fragment.match(/<code data-recovery-code/g)).toHaveLength(10);
    expect(fragment).toContain("Two-factor authentication is on");
    expect(fragment).toContain('href="/events/42?tab=guests&amp;all=1"');
  });

  test("locked: until when, as a time and from now", async () => {
    const { fragment } = await rendered(pages["locked"]!);
    expect(fragment).toContain("in 5 minutes");
    expect(fragment).toContain('<time datetime="2026-11-21T14:05:00.000Z">');
    expect((await rendered(pages["locked-for-good"]!)).fragment).not.toContain("<time");
  });

  test("verify: the box is there only when asked, and says for how long", async () => {
    expect((await rendered(verify)).fragment).not.toContain('name="remember"');
    const { fragment } = await rendered(pages["verify-remember"]!);
    expect(fragment).toContain('name="remember" value="1"');
    expect(fragment).toContain("for 30 days");
    const aDay = { ...pages["verify-remember"]!, rememberForSeconds: 86_400 } as Page;
    expect((await rendered(aDay)).fragment).toContain("for 24 hours");
  });

  test.each([
    ["confirm-disable", links.disable, { code: true, hidden: [] }],
    ["confirm-disable-required", links.disable, { code: false, hidden: [] }],
    ["confirm-regenerate", links.recoveryCodes, { code: true, hidden: [] }],
    ["confirm-replace", links.setup, { code: true, hidden: ['name="replace" value="1"'] }],
    ["confirm-forget", links.forgetBrowsers, { code: false, hidden: ['name="id" value="b2"'] }],
    ["confirm-forget-all", links.forgetBrowsers, { code: true, hidden: [] }],
  ] as const)("%s posts to its own place, with a code only where one is needed", async (name, action, wanted) => {
    const { fragment } = await rendered(pages[name]!);
    expect(fragment).toContain(`<form method="post" action="${action}">`);
    expect(fragment.includes('name="code"')).toBe(wanted.code);
    const hidden = [...fragment.matchAll(/type="hidden" (name="(?!_csrf)\w+" value="\w+")/g)];
    expect(hidden.map((match) => match[1])).toEqual(wanted.hidden);
  });

  test("account: off leads to set-up, setting up goes on or begins again, on can be changed", async () => {
    expect((await rendered(pages["account-off"]!)).fragment).toContain(`href="${links.setup}"`);
    const settingUp = (await rendered(pages["account-setting-up"]!)).fragment;
    expect(settingUp).toContain(`href="${links.setup}"`);
    expect(settingUp).toContain(`<form method="post" action="${links.setup}">`);
    const on = (await rendered(pages["account-on"]!)).fragment;
    expect(on).toContain('name="replace" value="1"');
    for (const href of [links.recoveryCodes, links.disable]) expect(on).toContain(`href="${href}"`);
    expect(on.match(new RegExp(`action="${links.forgetBrowsers}"`, "g"))).toHaveLength(3);
    expect(on).toContain("10 codes left.");
  });

  test("account: few recovery codes are a warning, and none are said to be none", async () => {
    expect((await rendered(pages["account-on-low"]!)).fragment).toMatch(/tf-note-warning"><strong>2 codes left\./);
    expect((await rendered(pages["account-on-none-left"]!)).fragment).toContain("You have none left.");
  });
});

describe("the host's own views", () => {
  test("a folder replaces the pages it has, may include ours, and leaves the others", async () => {
    const views = viewsOf({
      "verify.ejs": `<h1>Ours: <%= t("verify.title") %></h1><%- include("shared/box", { word: "<b>" }) %><%- include("two-factor/verify") %>`,
      "shared/box.ejs": `<p class="box"><%= word %> <%= locals.team %> <%= team %></p><%- include("note") %><%- include("partials/form-fields") %>`,
      "shared/note.ejs": "<i>note</i>",
    });
    const context = contextIn("en", { locals: { team: "A&B" } });
    const { fragment } = await rendered(verify, { views }, context);
    expect(fragment).toContain("<h1>Ours: Enter your code</h1>");
    expect(fragment).toContain('<p class="box">&lt;b&gt; A&amp;B A&amp;B</p><i>note</i>');
    expect(fragment).toContain('class="tf-card"');
    expect((await rendered(pages["setup"]!, { views })).fragment).toContain("two-factor-secret");
  });

  test("two renderers with different folders do not take each other's partials", async () => {
    const page = `<%- include("note") %>`;
    const one = rendererWith({ views: viewsOf({ "verify.ejs": page, "note.ejs": "one" }) });
    const two = rendererWith({ views: viewsOf({ "verify.ejs": page, "note.ejs": "two" }) });
    const texts = await Promise.all([one, two, one].map((renderer) => renderer.render(verify, contextIn("en"))));
    expect(texts.map((text) => (text as RenderedPage).fragment)).toEqual(["one", "two", "one"]);
  });

  test("a view that is a whole document is not wrapped in ours", async () => {
    const views = viewsOf({ "verify.ejs": "<!DOCTYPE html><html><body>whole</body></html>" });
    expect((await rendered(verify, { views })).document).toBe("<!DOCTYPE html><html><body>whole</body></html>");
  });

  test("a function returns the HTML of the page", async () => {
    const views = {
      verify: async (data: Record<string, unknown>) => `<h1>${(data["page"] as Page).page}</h1>`,
    };
    const { fragment, document } = await rendered(verify, { views });
    expect(fragment).toBe("<h1>verify</h1>");
    expect(document).toContain("<main");
  });

  test("a name is left for the host's engine, with no data that this would take for options", async () => {
    const locals = { settings: { "view options": { client: true } }, cache: false, outputFunctionName: "x", team: "A" };
    const result = await rendererWith({ views: { verify: "host/verify" } }).render(verify, contextIn("en", { locals }));
    if (!("view" in result)) throw new Error("a host's view was expected");
    expect(result.view).toBe("host/verify");
    expect(result.title).toBe("Enter your code");
    expect(result.data).toMatchObject({ team: "A", page: verify, locals });
    for (const name of ["settings", "cache", "outputFunctionName"]) expect(result.data).not.toHaveProperty(name);
  });

  test("locals can neither replace our names nor how a view escapes, includes or compiles", async () => {
    const locals: Record<string, unknown> = {
      page: { page: "hacked" },
      t: () => "hacked",
      links: {},
      include: () => "hacked",
      escapeFn: String,
      rethrow: () => "hacked",
      __append: () => "hacked",
      __output: "hacked",
      Object: "hacked",
      undefined: "hacked",
      body: "hacked",
      filename: "/etc/passwd",
      settings: { views: "/etc" },
      "view options": { client: true },
      "x;process.exit(1)": 1,
      ["__proto__"]: { hacked: true },
    };
    const plain = await rendered(pages["setup-replacing"]!);
    const attacked = await rendered(pages["setup-replacing"]!, {}, contextIn("en", { locals }));
    expect(attacked).toEqual(plain);
  });

  test("a logo stands in the place of the name", async () => {
    const { document } = await rendered(verify, { logo: "/logo.svg" });
    expect(document).toContain('<img class="tf-logo" src="/logo.svg" alt="EventHub">');
  });
});

describe("a mistake in the host's views is told, and tells visitors nothing", () => {
  const secretive = (error: unknown): boolean =>
    error instanceof TwoFactorError && error.code === "MISCONFIGURED" && !error.message.includes("JBSW");

  test("a template that does not compile stops the construction, naming the file", () => {
    const views = viewsOf({ "verify.ejs": "<% if ( { %>" });
    expect(() => rendererWith({ views })).toThrow(/The view "verify\.ejs" is no valid EJS template/);
  });

  test("a folder that is not there, and a page that is not ours, stop the construction", () => {
    expect(() => rendererWith({ views: join(folder, "nowhere") })).toThrow(/folder that does not exist/);
    expect(() => rendererWith({ views: { verfy: "x" } })).toThrow(/no page named "verfy"/);
  });

  test.each([
    ["a template that fails", () => ({ views: viewsOf({ "setup.ejs": "<%= page.secret.nothing.at.all %>" }) })],
    ["an include that is not there", () => ({ views: viewsOf({ "setup.ejs": '<%- include("nowhere") %>' }) })],
    ["a function that throws", () => ({ views: { setup: () => Promise.reject(new Error("no")) } })],
    ["a function that returns something else", () => ({ views: { setup: () => 5 as unknown as string } })],
  ])("%s is a fault of the installation", async (_, options) => {
    await expect(rendererWith(options()).render(pages["setup"]!, contextIn("en"))).rejects.toSatisfy(secretive);
  });
});

describe("the language", () => {
  const available = ["en", "fr", "de", "pt-BR"];
  test.each([
    [{}, undefined, "en"],
    [{ "accept-language": "fr-CA,fr;q=0.9,en;q=0.8" }, undefined, "fr"],
    [{ "accept-language": "ja,de;q=0.5,en;q=0.4" }, undefined, "de"],
    [{ "accept-language": "ja" }, undefined, "en"],
    [{ "accept-language": "fr;q=0,*" }, undefined, "en"],
    [{ "accept-language": ";;;q=,,%" }, undefined, "en"],
    [{ "accept-language": "de" }, "fr", "fr"],
    [{ "accept-language": "de" }, "fr_FR", "fr"],
    [{ "accept-language": "de" }, "pt-br", "pt-BR"],
    [{ "accept-language": "de" }, "tlh", "de"],
  ])("%j with the host's choice %s is %s", (headers, chosen, expected) => {
    expect(negotiateLocale(requestWith(headers as Record<string, string>), available, chosen)).toBe(expected);
  });

  test("a host's locale(req) that throws or returns nonsense leaves it to the visitor", () => {
    const visitor = requestWith({ "accept-language": "es" });
    const throws = (): string => {
      throw new Error("no");
    };
    expect(rendererWith({ locale: throws }).localeOf(visitor)).toBe("es");
    expect(rendererWith({ locale: () => 5 as unknown as string }).localeOf(visitor)).toBe("es");
    expect(rendererWith({ locale: () => "ru" }).localeOf(visitor)).toBe("ru");
  });

  test("a host adds a language, right to left too, and changes words of ours; the rest falls back", async () => {
    const locales = { ar: { "verify.title": "أدخل الرمز" }, fr: { "verify.title": "Votre code" } };
    const arabic = await rendered(verify, { locales }, contextIn("ar"));
    expect(arabic.document).toContain('<html lang="ar" dir="rtl">');
    expect(arabic.title).toBe("أدخل الرمز");
    expect(arabic.fragment).toContain("Continue");
    const french = await rendered(verify, { locales }, contextIn("fr"));
    expect(french.title).toBe("Votre code");
    expect(french.fragment).toContain("Continuer");
  });

  test("a problem has words for programs, too, in ProConnect's own French", () => {
    expect(rendererWith().problemWords("fr", { code: "INSUFFICIENT_ACR" }).detail).toBe(
      "Vous ne pouvez pas accéder au service sans avoir une double authentification installée. " +
        "Veuillez installer une application d'authentification et vous connecter à nouveau.",
    );
    expect(rendererWith().problemWords("ru", { code: "INVALID_2FA_CODE", attemptsRemaining: 2 }).detail).toContain(
      "2 попытки",
    );
  });
});

describe("what stands beside the pages", () => {
  test("the stylesheet is named by what is in it", () => {
    const file = readFileSync(join(__dirname, "../../../views/two-factor.css"));
    expect(stylesheet.body.equals(file)).toBe(true);
    expect(stylesheet.name).toMatch(/^two-factor\.[0-9a-f]{8}\.css$/);
    expect(stylesheet.etag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(file.toString()).not.toMatch(/@import|url\(/);
  });

  test("the QR code is an SVG with a size of its own, which any layout may change, black on white with its quiet zone", async () => {
    const svg = await qrCodeSvg("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP");
    const [, width, height, side] = /^<svg xmlns="[^"]+" width="(\d+)" height="(\d+)" viewBox="0 0 (\d+) \3" /.exec(
      svg,
    )!;
    expect([width, height]).toEqual([String(4 * Number(side)), String(4 * Number(side))]);
    expect(svg).not.toContain(" style=");
    expect(svg).toContain('<path fill="#000" d="M4 4h7v1h-7z');
  });

  test("the PNG is a data URL", async () => {
    expect(await qrCodePngDataUrl("otpauth://totp/a")).toMatch(/^data:image\/png;base64,iVBOR/);
  });
});
