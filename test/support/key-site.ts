import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import helmet from "helmet";
import type { Browser, Page } from "playwright-core";
import { onTestFinished } from "vitest";
import type { TwoFactorEvent, TwoFactorOptions } from "../../src";
import { securityKeys, type SecurityKeysOptions } from "../../src/factors/security-keys";
import { startHost, type HostOptions, type HostUser } from "./host";

export interface KeySiteOptions {
  keys?: Partial<SecurityKeysOptions<HostUser>>;
  options?: Partial<TwoFactorOptions<HostUser>>;
  version?: 4 | 5;
  javaScriptEnabled?: boolean;
  early?: HostOptions["early"];
  session?: HostOptions["session"];
  /** What stands before the server. @returns the origin that browsers see; by default the server's own. */
  before?: (server: Server) => Promise<string>;
}

const one: HostUser = { id: "1", email: "one@example.com" };

/** A server that answers once there is an app, for origins have to be known before. */
export async function listenOnLocalhost(listener: () => RequestListener): Promise<{ server: Server; origin: string }> {
  const server = createServer((req, res) => listener()(req, res));
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  onTestFinished(() => void server.close());
  return { server, origin: `http://localhost:${(server.address() as AddressInfo).port}` };
}

/** A host under helmet's defaults that has keys, and a browser that can sign in there. */
export async function keySite(chromium: Browser, given: KeySiteOptions = {}) {
  const { keys = {}, options = {}, version = 5, javaScriptEnabled = true, early, session, before } = given;
  let listener: RequestListener = (_req, res) => void res.end();
  const inner = await listenOnLocalhost(() => listener);
  const origin = before === undefined ? inner.origin : await before(inner.server);
  const events: TwoFactorEvent[] = [];
  const factors = [securityKeys<HostUser>({ rpId: "localhost", origins: [origin], ...keys })];
  const onEvent = (event: TwoFactorEvent) => void events.push(event);
  const host = startHost({
    version,
    ...(session !== undefined && { session }),
    options: { factors, recoveryCodes: { count: 2 }, onEvent, ...options },
    early: (app) => {
      app.use(helmet());
      early?.(app);
    },
  });
  listener = host.app as RequestListener;
  const newPage = async (user = one, at = origin): Promise<Page> => {
    const context = await chromium.newContext({ javaScriptEnabled, ignoreHTTPSErrors: before !== undefined });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    await send(page, at, "/login", user);
    return page;
  };
  /** Signs out and in again, in a browser that has forgotten all. */
  const logOut = async (page: Page, user = one) => {
    await send(page, origin, "/logout");
    await page.context().clearCookies();
    await send(page, origin, "/login", user);
  };
  return { host, events, origin, listener: () => listener, newPage, logOut };
}

/** A domain that only the browser finds is asked by it; elsewhere that takes no page. */
async function send(page: Page, origin: string, path: string, data: object = {}): Promise<void> {
  if (origin.startsWith("http:")) {
    return void (await page.context().request.post(`${origin}${path}`, { data, headers: { origin } }));
  }
  await page.goto(`${origin}/two-factor/assets/none`);
  await page.evaluate(
    async ([to, body]) => {
      const headers = { "content-type": "application/json" };
      await fetch(to, { method: "POST", headers, body });
    },
    [path, JSON.stringify(data)] as const,
  );
}

export const pathOf = (page: Page) => new URL(page.url()).pathname;
export const main = (page: Page) => page.locator("main").innerText();

export async function addKeyAt(page: Page, address: string, name: string): Promise<void> {
  await page.goto(address);
  await page.locator("#tf-key-name").fill(name);
  await page.locator("#add-security-key").click();
}

/** Somebody's first key, added on the page of set-up. @returns the recovery codes */
export async function enrolKey(page: Page, origin: string, name = "blue key"): Promise<string[]> {
  await addKeyAt(page, `${origin}/two-factor/setup`, name);
  await page.locator("[data-recovery-code]").first().waitFor();
  return page.locator("[data-recovery-code]").allInnerTexts();
}

export async function typeCode(page: Page, code: string | undefined): Promise<void> {
  await page.locator("[name=code]").fill(code ?? "");
  await page.locator("[name=code]").press("Enter");
}
