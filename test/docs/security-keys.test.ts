import { beforeEach, describe, expect, test } from "vitest";
import { memoryStore, type TwoFactorOptions } from "../../src";
import * as client from "../../src/client";
import * as keys from "../../src/factors/security-keys";
import { cookieOf, listening, portOf } from "../support/sockets";
import { stopClock } from "../support/clock";
import { addKey, ownerOfKey, verifyWith } from "../support/keys";
import { startHost, type Host, type HostUser } from "../support/host";
import { SoftKey } from "../support/soft-key";
import { blocksOf, recipe, runModule, textOf } from "./pages";

beforeEach(() => void stopClock());

const modules = { "express-two-factor/security-keys": keys };

/** A host with the option as a page has it. */
async function startSite(code: string, more: Partial<TwoFactorOptions<HostUser>> = {}): Promise<Host> {
  let host: Host | undefined;
  await runModule(code, modules, {
    twoFactor: (options: Partial<TwoFactorOptions<HostUser>>) => {
      host = startHost({ options: { store: memoryStore(), recoveryCodes: { count: 2 }, ...more, ...options } });
      return host.tfa;
    },
  });
  return host!;
}

const page = "docs/security-keys.md";

describe.each([
  ["README.md", "securityKeys({"],
  [page, "import { securityKeys }"],
])("the lines of %s", (file, text) => {
  const code = recipe(file, text);

  test("are all that a key needs: it is added, and is asked for at the next sign-in", async () => {
    const host = await startSite(code);
    const { owner, browser, key } = await ownerOfKey(host);
    await owner.get("/page").expect(200);
    await browser.get("/page").expect(403);
    expect((await browser.visit("/two-factor/verify")).text).toContain("use-security-key");
    expect((await verifyWith(browser, key)).status).toBe(200);
    await browser.get("/page").expect(200);
  });

  test("take nothing that was signed for another origin", async () => {
    const { browser, key } = await ownerOfKey(await startSite(code));
    const refused = await verifyWith(browser, key, { origin: "https://app.example.com.evil.example" });
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({ code: "KEY_REFUSED" });
  });

  test("offer it beside the app, which stays possible", async () => {
    const host = await startSite(code);
    const browser = host.browser();
    await browser.login();
    const { text } = await browser.visit("/two-factor/setup").expect(200);
    expect(text).toContain("add-security-key");
    expect(text).toContain("two-factor-secret");
    await browser.enrol();
  });
});

test("what the page has installed is what the package asks for", () => {
  const [command] = blocksOf(page, "sh");
  const { peerDependencies } = JSON.parse(textOf("package.json")) as { peerDependencies: Record<string, string> };
  const [, name, major] = /^npm install (\S+)@(\d+)\n$/.exec(command!.code)!;
  expect(peerDependencies[name!]).toBe(`^${major}.0.0`);
});

test("the page's line for development takes keys of http://localhost:3000", async () => {
  const line = /`(securityKeys\(\{ rpId: "localhost".*?\}\))`/.exec(textOf(page))![1]!;
  const host = await startSite(`import { securityKeys } from "express-two-factor/security-keys";
    twoFactor({ factors: [${line}] });`);
  const browser = host.browser();
  await browser.login();
  const key = new SoftKey({ rpId: "localhost", origin: "http://localhost:3000" });
  expect((await addKey(browser, key)).status).toBe(201);
});

test("the page's requiredFor gives those people no authenticator app, and everybody else one", async () => {
  const option = /`(requiredFor: .*?)`/.exec(textOf(page))![1]!;
  const host = await startSite(`import { securityKeys } from "express-two-factor/security-keys";
    twoFactor({ factors: [securityKeys({ rpId: "example.com", origins: ["https://app.example.com"], ${option} })] });`);
  const admin = host.browser();
  await admin.login({ id: "1", role: "admin" });
  await admin.visit("/two-factor/setup").expect(303).expect("location", "/two-factor/keys");
  await admin.post("/two-factor/setup").expect(403, /KEY_REQUIRED/);
  const other = host.browser();
  await other.login({ id: "2", role: "member" });
  await other.enrol();
});

test("the page's code of a front end signs in with a key", async () => {
  const host = await startSite(recipe(page, "import { securityKeys }"));
  const { browser, key } = await ownerOfKey(host);
  const server = await listening(host.app);
  const fetchAsBrowser = (url: string, init: RequestInit) =>
    fetch(`http://127.0.0.1:${portOf(server)}${url}`, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), cookie: cookieOf(browser) },
    });
  const known = {
    twoFactorClient: () => client.twoFactorClient({ fetch: fetchAsBrowser as never }),
    // What a browser has: options of JSON, and an answer that turns into it.
    PublicKeyCredential: { parseRequestOptionsFromJSON: (options: object) => ({ parsed: options }) },
    navigator: {
      credentials: {
        get: async ({ publicKey }: { publicKey: { parsed: { challenge: string } } }) => ({
          toJSON: () => key.assert(publicKey.parsed),
        }),
      },
    },
  };
  const made = await runModule<{ result: object }>(recipe(page, "client.verifyKey"), {}, known, ["result"]);
  expect(made.result).toMatchObject({ ok: true, method: "security-key", next: "/" });
});
