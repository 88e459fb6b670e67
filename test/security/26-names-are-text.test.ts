import { describe, expect, it } from "vitest";
import { startHost } from "../hosts/host";

const hostile = "<script>alert(1)</script>\"'&";
const disguised = "ann\u202Egro.live\u202C\u0000\u0007\r\nBcc: x\u2066y\u2069:z@example.com";

describe("Names are text everywhere.", () => {
  it("labels and issuers lose control and bidi characters and colons in the URI", async () => {
    const host = startHost({ options: { issuer: "Evil:\u202EHost\u0000", label: () => disguised } });
    const browser = host.browser();
    await browser.login();
    const { otpauthUri } = (await browser.post("/two-factor/setup").expect(200)).body as { otpauthUri: string };
    const [, path = ""] = otpauthUri.split("otpauth://totp/");
    const label = decodeURIComponent(path.split("?")[0] ?? "");
    expect(label.split(":")).toHaveLength(2);
    expect(decodeURIComponent(otpauthUri)).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    expect(new URL(otpauthUri).searchParams.get("issuer")).not.toContain(":");
  });

  it("views escape the label, the issuer, the form fields and the browser's name, in pages and attributes", async () => {
    const host = startHost({
      options: {
        issuer: hostile,
        label: () => hostile,
        formFields: () => ({ [hostile]: hostile }),
        loginPath: "/login",
      },
    });
    const browser = host.browser();
    browser.agent.set("user-agent", hostile);
    await browser.login();
    const setup = (await browser.visit("/two-factor/setup").expect(200)).text;
    await browser.enrol();
    const account = (await browser.visit("/two-factor").expect(200)).text;
    for (const page of [setup, account]) {
      expect(page).not.toContain("<script>");
      expect(page).toContain("&lt;script&gt;");
    }
  });

  it("a name that is empty, or no text at all, is no fault", async () => {
    for (const label of ["", "\u0000", 42, null, { toString: () => "x" }]) {
      const host = startHost({ options: { label: (() => label) as never } });
      const browser = host.browser();
      await browser.login();
      const { body } = await browser.post("/two-factor/setup").expect(200);
      expect((body as { otpauthUri: string }).otpauthUri).toMatch(/^otpauth:\/\/totp\/[^?]+\?/);
    }
  });

  it("`locals` cannot set EJS options, nor take the place of our own values", async () => {
    const outside = "x;globalThis.__pwned=1;//";
    const locals = {
      settings: { "view options": { outputFunctionName: outside, client: true } },
      outputFunctionName: outside,
      escapeFunction: outside,
      client: true,
      delimiter: "?",
      destructuredLocals: [outside],
      localsName: outside,
      cache: false,
      filename: "/etc/passwd",
      include: () => "hijacked",
      page: { page: "verify" },
      links: { verify: "https://evil.example" },
      title: "hijacked",
    };
    const host = startHost({ options: { locals: () => locals } });
    const browser = host.browser();
    await browser.login();
    const { text } = await browser.visit("/two-factor/setup").expect(200);
    expect(text).toContain('id="two-factor-secret"');
    expect(text).not.toMatch(/hijacked|evil\.example|root:/);
    expect(Reflect.get(globalThis, "__pwned")).toBeUndefined();
  });
});
