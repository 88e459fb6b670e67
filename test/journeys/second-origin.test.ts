import { readFileSync } from "node:fs";
import { createServer, request, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import helmet from "helmet";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { codeOf, startHost, type Host } from "../support/host";
import { launchChromium } from "../support/services";

let chromium: Browser;
beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium?.close());

const fixture = (name: string) => readFileSync(join(__dirname, "fixtures", name));

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** As proxies are: TLS outside, plain HTTP to an inner name inside. */
function tlsProxy(innerPort: number): RequestListener {
  return (outer, answer) => {
    const headers = {
      ...outer.headers,
      host: `127.0.0.1:${innerPort}`,
      "x-forwarded-host": outer.headers.host,
      "x-forwarded-proto": "https",
    };
    const inner = request({ port: innerPort, host: "127.0.0.1", method: outer.method, path: outer.url, headers });
    inner.on("response", (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    inner.on("error", () => answer.destroy());
    outer.pipe(inner);
  };
}

interface Site {
  host: Host;
  origin: string;
}

async function site({ tls, withoutFetchMetadata }: { tls: boolean; withoutFetchMetadata: boolean }): Promise<Site> {
  const host = startHost({
    options: { needTwoFactorAuthentication: () => "optional" },
    session: { proxy: tls, cookie: { secure: tls } },
    early: (app) => {
      app.use(helmet());
      if (tls) app.set("trust proxy", "loopback");
      app.use((req, _res, next) => {
        // A browser from before Fetch Metadata has Origin alone.
        if (withoutFetchMetadata)
          for (const name of ["site", "mode", "dest", "user"]) delete req.headers[`sec-fetch-${name}`];
        next();
      });
    },
  });
  const port = await listen(createServer(host.app));
  if (!tls) return { host, origin: `http://127.0.0.1:${port}` };
  const pair = { key: fixture("localhost.key"), cert: fixture("localhost.crt") };
  return { host, origin: `https://127.0.0.1:${await listen(createTlsServer(pair, tlsProxy(port)))}` };
}

async function signedIn({ origin }: Site): Promise<Page> {
  const context = await chromium.newContext({ ignoreHTTPSErrors: true });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(`${origin}/welcome`);
  await page.evaluate(async () => {
    const headers = { "content-type": "application/json" };
    await fetch("/login", { method: "POST", headers, body: JSON.stringify({ id: "1", email: "one@example.com" }) });
  });
  return page;
}

describe.each([
  { tls: false, withoutFetchMetadata: false },
  { tls: false, withoutFetchMetadata: true },
  { tls: true, withoutFetchMetadata: false },
  { tls: true, withoutFetchMetadata: true },
])("With helmet's defaults (TLS proxy: $tls, a browser without Fetch Metadata: $withoutFetchMetadata)", (shape) => {
  test("our own forms are taken, and another origin's are refused although the cookies come along", async () => {
    const here = await site(shape);
    const page = await signedIn(here);
    await page.goto(`${here.origin}/two-factor/setup`);
    const secret = (await page.locator("#two-factor-secret").innerText()).replaceAll(" ", "");
    await page.locator("[name=code]").fill(codeOf(secret));
    await page.locator("[name=code]").press("Enter");
    expect(await page.locator("[data-recovery-code]").count()).toBe(10);

    // Another port of the same machine: another origin of the same site, so SameSite cookies are no help.
    const evil: RequestListener = (_req, res) =>
      void res
        .setHeader("content-type", "text/html")
        .end(`<form method="post" action="${here.origin}/two-factor/disable"><button>A kitten</button></form>`);
    const pair = { key: fixture("localhost.key"), cert: fixture("localhost.crt") };
    const evilPort = await listen(shape.tls ? createTlsServer(pair, evil) : createServer(evil));
    await page.goto(`${shape.tls ? "https" : "http"}://127.0.0.1:${evilPort}/`);
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.url().endsWith("/two-factor/disable")),
      page.getByRole("button", { name: "A kitten" }).click(),
    ]);
    expect(answer.status()).toBe(403);
    expect((await here.host.tfa.status("1")).enabled).toBe(true);

    await page.goto(`${here.origin}/two-factor/disable`);
    await page.getByRole("button", { name: /turn off/i }).click();
    await page.waitForURL(`${here.origin}/two-factor`);
    expect((await here.host.tfa.status("1")).enabled).toBe(false);
  });
});
