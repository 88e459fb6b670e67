import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import type { Express } from "express";
import session from "express-session";
import type { Page } from "playwright-core";
import ts from "typescript5";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { memoryStore, type TwoFactor, type TwoFactorOptions } from "../../src";
import type * as client from "../../src/client";
import { recipe, run } from "../docs/pages";
import { guard, login, withUser } from "../hosts/host-parts";
import { hostPackages } from "../hosts/packages";
import { codeOf, makeApp, type HostUser } from "../support/host";
import { launchProfile, nginxBefore } from "../support/services";
import { listening } from "../support/sockets";

let load: NodeJS.Require;
beforeAll(async () => {
  load = await hostPackages();
});

const plain = (file: string): string =>
  ts.transpileModule(readFileSync(join(__dirname, "../../src", file), "utf8"), {
    compilerOptions: { module: ts.ModuleKind.ES2022, target: ts.ScriptTarget.ES2022 },
  }).outputText;

const html = `<!doctype html><title>Front end</title><script type="module">
  import { twoFactorClient } from "/client/index.js";
  window.twoFactorClient = twoFactorClient;
</script>`;

/** Every page of it is the same, as those of single pages are; what it does is in the tests. */
async function startFrontEnd(host: "localhost" | "127.0.0.1"): Promise<string> {
  const server = await listening((req, res) => {
    const file = /^\/((?:client\/)?[\w-]+)\.js$/.exec(req.url ?? "")?.[1];
    if (file !== undefined) return void res.setHeader("content-type", "text/javascript").end(plain(`${file}.ts`));
    res.setHeader("content-type", "text/html").end(html);
  });
  return `https://${host}:${await nginxBefore(server, "", { tls: true })}`;
}

interface Api {
  origin: string;
  tfa: TwoFactor;
}

/** The app as docs/front-ends.md has it, at an origin of its own. */
async function startApi(front: string): Promise<Api> {
  const app: Express = makeApp(5);
  const code = recipe("docs/front-ends.md", 'require("cors")').replace('"https://app.example.com"', `"${front}"`);
  const made = run(
    code,
    {
      app,
      require: load,
      session,
      process: { env: { SESSION_SECRET: "for tests" } },
      store: memoryStore(),
      twoFactor: (options: Partial<TwoFactorOptions<HostUser>>) => guard(options),
    },
    ["tfa"],
  ) as { tfa: TwoFactor };
  app.use(withUser);
  app.post("/login", login);
  app.use(made.tfa);
  app.use((_req, res) => void res.send("behind the gate"));
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => (server.closeAllConnections(), void server.close()));
  return { origin: `https://127.0.0.1:${await nginxBefore(server, "", { tls: true })}`, tfa: made.tfa };
}

async function open(url: string): Promise<Page> {
  const context = await launchProfile();
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(url);
  return page;
}

const signIn = (page: Page, api: string) =>
  page.evaluate(async (to) => {
    const body = JSON.stringify({ id: "1", email: "one@example.com" });
    const answer = await fetch(`${to}/login`, { method: "POST", credentials: "include", body });
    return answer.status;
  }, api);

type Call = { name: "beginSetup" | "confirmSetup" | "verify" | "status" | "disable"; given?: string };

/** By our client, in the page. */
const call = (page: Page, origin: string, { name, given }: Call): Promise<Record<string, unknown>> =>
  page.evaluate(
    async ([to, method, code]) => {
      const { twoFactorClient } = window as unknown as typeof client;
      const twoFactor = twoFactorClient({ origin: to });
      const calls: Record<Call["name"], () => Promise<object>> = {
        beginSetup: () => twoFactor.beginSetup(),
        confirmSetup: () => twoFactor.confirmSetup(code!),
        verify: () => twoFactor.verify(code!),
        status: () => twoFactor.status(),
        disable: () => twoFactor.disable(),
      };
      return calls[method]() as Promise<Record<string, unknown>>;
    },
    [origin, name, given] as const,
  );

/** The client of docs/front-ends.md, as it is printed there. It leaves the page, so nothing waits for it. */
async function runPagesCode(page: Page, origin: string, given: string): Promise<void> {
  const code = recipe("docs/front-ends.md", "// sends cookies along").replace("https://api.example.com", origin);
  await page.evaluate(`void (async () => { const code = "${given}"; ${code} })()`);
}

describe.each([
  { sites: "one site", at: "127.0.0.1" },
  { sites: "two sites", at: "localhost" },
] as const)("a front end of another origin ($sites), by TLS with SameSite=None", ({ at }) => {
  test("has the pages: the gate leads to them, they work, and lead back to the page first asked for", async () => {
    const front = await startFrontEnd(at);
    const api = await startApi(front);
    const page = await open(front);
    expect(await signIn(page, api.origin)).toBe(200);
    await page.goto(`${api.origin}/reports?year=2027`);
    expect(page.url()).toBe(`${front}/set-up`);
    const begun = await call(page, api.origin, { name: "beginSetup" });
    const secret = begun["secret"] as string;
    const done = await call(page, api.origin, { name: "confirmSetup", given: codeOf(secret) });
    expect(done).toMatchObject({ ok: true, next: `${api.origin}/reports?year=2027` });
    await page.goto(done["next"] as string);
    expect(await page.locator("body").innerText()).toBe("behind the gate");

    const later = await open(front);
    await signIn(later, api.origin);
    await later.goto(`${api.origin}/two-factor/verify`);
    expect(later.url()).toBe(`${front}/code`);
    const wrong = await call(later, api.origin, { name: "verify", given: "000000" });
    expect(wrong).toMatchObject({ ok: false, code: "INVALID_2FA_CODE" });
    // Nothing was asked for: home, which is the front end's.
    await runPagesCode(later, api.origin, codeOf(secret, 1));
    await later.waitForURL(`${front}/`);
    const cookies = await later.context().cookies(api.origin);
    expect(cookies.map(({ name }) => name).sort()).toEqual(["connect.sid", "known_tfa", "remember_tfa"]);
    for (const cookie of cookies) expect(cookie).toMatchObject({ sameSite: "None", secure: true });
  });

  test("is alone with that: another origin's script and form are refused, although the cookies come along", async () => {
    const [front, evil] = [await startFrontEnd(at), await startFrontEnd(at)];
    const api = await startApi(front);
    const page = await open(front);
    await signIn(page, api.origin);
    const { secret } = await call(page, api.origin, { name: "beginSetup" });
    await call(page, api.origin, { name: "confirmSetup", given: codeOf(secret as string) });

    await page.goto(evil);
    expect(await call(page, api.origin, { name: "status" })).toMatchObject({ ok: false, code: "NETWORK_FAILURE" });
    expect(await call(page, api.origin, { name: "disable" })).toMatchObject({ ok: false, code: "NETWORK_FAILURE" });
    const answered = page.waitForResponse((response) => response.url().endsWith("/two-factor/disable"));
    await page.evaluate((to) => {
      const form = Object.assign(document.createElement("form"), {
        method: "post",
        action: `${to}/two-factor/disable`,
      });
      document.body.append(form);
      form.submit();
    }, api.origin);
    expect((await answered).status()).toBe(403);
    expect(await (await answered).json().catch(() => "a page")).toBe("a page");
    expect((await api.tfa.status("1")).enabled).toBe(true);

    await page.goto(front);
    expect(await call(page, api.origin, { name: "disable" })).toMatchObject({ ok: true, enabled: false });
  });
});
