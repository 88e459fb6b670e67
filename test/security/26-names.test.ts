import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { stopClock } from "../support/clock";
import type { TwoFactorOptions } from "../../src";
import { startHost, type Browser, type Host, type HostUser } from "../support/host";
import { cookiesOf, sendRaw } from "../support/raw";

beforeEach(() => void stopClock());

type Options = Partial<TwoFactorOptions<HostUser>>;

const markup = `"><img src=x onerror=alert(1)><script>alert(1)</script>'&lt;`;
/** Raw markup of ours can only come from a name that was not escaped. */
const unescaped = /<img src=x|<script/;

const names = [
  ["Evil:victim@example.com", "Evil victim@example.com"],
  ["a\u202Eb\u2066c\u200Fd\u061Ce", "a b c d e"],
  ["line\r\nbreak\u0000\u0007\u0085x\u2028y", "line break x y"],
  ["x?secret=AAAA&issuer=Evil#y/z", "x?secret=AAAA&issuer=Evil#y/z"],
  ["100%3A%0A", "100%3A%0A"],
  ["lone\ud800surrogate", "lone surrogate"],
  ["  spaced   out  ", "spaced out"],
  ["Zoë 王 👩", "Zoë 王 👩"],
  [markup, markup],
  ["x".repeat(500), "x".repeat(300)],
] as const;

beforeEach(() => void vi.spyOn(console, "error").mockReturnValue());
afterEach(() => void vi.restoreAllMocks());

describe("Names are text everywhere", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    const start = (options: Options = {}, early?: (app: Host["app"]) => void): Host =>
      startHost({ version, options: { recoveryCodes: { count: 1 }, ...options }, ...(early && { early }) });

    async function signedIn(host: Host, email = "one@example.com"): Promise<Browser> {
      const browser = host.browser();
      await browser.login({ id: "1", email });
      return browser;
    }

    async function uriOf(browser: Browser): Promise<{ label: string; query: URLSearchParams }> {
      const { otpauthUri } = (await browser.post("/two-factor/setup").expect(200)).body as { otpauthUri: string };
      expect(otpauthUri).toMatch(/^otpauth:\/\/totp\/[!-~]+$/);
      const url = new URL(otpauthUri);
      return { label: decodeURIComponent(url.pathname.replace(/^\/+(totp\/)?/, "")), query: url.searchParams };
    }

    it.each(names)("in the URI: %j", async (given, shown) => {
      const asLabel = await uriOf(await signedIn(start(), given));
      expect(asLabel.label).toBe(`Test Host:${shown}`);
      expect(asLabel.query.getAll("issuer")).toEqual(["Test Host"]);
      expect(asLabel.query.getAll("secret")).toHaveLength(1);
      const asIssuer = await uriOf(await signedIn(start({ issuer: given })));
      expect(asIssuer.label).toBe(`${shown}:one@example.com`);
      expect(asIssuer.query.getAll("issuer")).toEqual([shown]);
    });

    it("and where nothing is left of one, there is a name all the same", async () => {
      for (const email of ["", ":", "\u202e", " \n "]) {
        expect((await uriOf(await signedIn(start(), email))).label.endsWith(":")).toBe(false);
      }
      const host = start({ label: () => ({ toString: () => markup }) as never });
      expect((await uriOf(await signedIn(host))).label).toBe("Test Host:Test Host");
    });

    it("on every page", async () => {
      const host = start(
        {
          issuer: markup,
          logo: markup,
          formFields: () => ({ [markup]: markup }),
          locale: () => markup,
          locals: () => ({ title: markup, [markup]: markup }),
        },
        (app) => app.set("trust proxy", true),
      );
      const browser = await signedIn(host, markup);
      browser.agent.set({ "user-agent": markup, "x-forwarded-for": markup, "accept-language": markup });
      const pages = [
        await browser.visit("/two-factor").expect(200),
        await browser.visit("/two-factor/setup").expect(200),
        await browser.submit("/two-factor/setup/verify", { code: "123456" }).expect(422),
        await browser.submit("/two-factor/setup/verify", { code: markup }).expect(400),
        await browser.submit("/two-factor/browsers/forget", { id: markup }),
      ];
      expect(pages[1]?.text).toContain("&lt;img src=x");
      await browser.enrol();
      pages.push(
        await browser.visit("/two-factor").expect(200),
        await browser.visit("/two-factor/disable").expect(200),
        await browser.visit(`/two-factor/${encodeURIComponent(markup)}`).expect(404),
      );
      const other = await signedIn(host, markup);
      pages.push(
        await other.visit(`/two-factor/verify?with=recovery-code&x=${encodeURIComponent(markup)}`).expect(200),
        await other.submit("/x", { x: markup }).expect(403),
      );
      for (const { text, headers } of pages) {
        expect(headers["content-type"]).toContain("text/html");
        expect(text).not.toMatch(unescaped);
      }
      // Programs get it as it is: JSON is no markup.
      expect((await browser.get("/two-factor").expect(200)).headers["content-type"]).toContain("application/json");
    });

    it("the page first asked for, too", async () => {
      const host = start();
      const browser = host.browser();
      const cookie = cookiesOf(await browser.login());
      const target = `/x"><script>alert(1)</script>?y='"><img`;
      await sendRaw(browser.server, [`GET ${target} HTTP/1.1`, `Cookie: ${cookie}`, "Accept: text/html"]);
      for (const path of ["/two-factor", "/two-factor/setup"]) {
        expect((await browser.visit(path).expect(200)).text).not.toMatch(unescaped);
      }
      const { secret } = (await browser.post("/two-factor/setup").expect(200)).body as { secret: string };
      const page = await browser.submit("/two-factor/setup/verify", { code: browser.code(0, secret) }).expect(200);
      expect(page.text).toContain("data-recovery-code");
      expect(page.text).not.toMatch(unescaped);
    });

    describe("`locals` cannot set EJS options", () => {
      const pwned = "globalThis.pwned=1";
      const attack = {
        settings: {
          "view options": { outputFunctionName: `x;${pwned};//`, client: true, escapeFunction: pwned },
          "view cache": true,
        },
        ...{
          outputFunctionName: `x;${pwned};//`,
          localsName: `x=(${pwned})`,
          destructuredLocals: [`x=(${pwned})`],
          client: true,
          debug: true,
        },
        ...{
          escape: (text: string) => text,
          escapeFunction: (text: string) => text,
          escapeFn: (text: string) => text,
          include: () => markup,
        },
        ...{
          delimiter: "?",
          openDelimiter: "[",
          closeDelimiter: "]",
          filename: "/etc/passwd",
          views: "/etc",
          root: "/etc",
          cache: true,
          _with: false,
          strict: true,
          async: true,
        },
        ...{
          t: () => markup,
          html: () => markup,
          page: null,
          links: null,
          formFields: { evil: markup },
          issuer: markup,
          body: markup,
          title: markup,
          problem: { title: markup },
        },
        ...{
          ["__proto__"]: { escape: (text: string) => text },
          constructor: markup,
          Object: null,
          undefined: markup,
          evil: markup,
        },
      };
      const locals = () => ({ ...attack, ...(JSON.parse('{"__proto__":{"client":true}}') as object) });

      it("of our own views", async () => {
        const strip = (text: string) => text.replace(/<time.*?<\/time>/g, "");
        const path = "/two-factor";
        const plain = await (await signedIn(start())).visit(path).expect(200);
        const attacked = await (await signedIn(start({ locals }))).visit(path).expect(200);
        expect(strip(attacked.text)).toBe(strip(plain.text));
        expect(globalThis).not.toHaveProperty("pwned");
      });

      it("of the host's, in its folder or by its engine", async () => {
        const folder = mkdtempSync(join(tmpdir(), "two-factor-views-"));
        const view = `<p id="own"><%= evil %>|<%= locals.locals ? locals.locals.evil : locals.evil %>|<%= typeof page.page %></p>`;
        writeFileSync(
          join(folder, "account.ejs"),
          `<p id="own"><%= evil %>|<%= locals.evil %>|<%= typeof page.page %></p>`,
        );
        writeFileSync(join(folder, "own.ejs"), view);
        const byEngine = (app: Host["app"]) => void app.set("views", folder).set("view engine", "ejs");
        const hosts = [start({ locals, views: folder }), start({ locals, views: { account: "own" } }, byEngine)];
        for (const host of hosts) {
          const { text } = await (await signedIn(host)).visit("/two-factor").expect(200);
          const [, evil, again, type] = /<p id="own">(.*?)\|(.*?)\|(.*?)<\/p>/.exec(text) ?? [];
          expect(evil).toContain("&lt;script&gt;");
          expect(again).toContain("&lt;script&gt;");
          expect(type).toBe("string");
          expect(text).not.toMatch(unescaped);
        }
        expect(globalThis).not.toHaveProperty("pwned");
      });
    });
  });
});
