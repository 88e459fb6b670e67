import { expect, onTestFinished, test } from "vitest";
import { Browser } from "../support/host";
import { startProvider } from "../oidc/provider";
import { onFreePort } from "../../scripts/servers.mjs";
import { goesTo, type RemoteBrowser, startExample, variables } from "./example";

const isPath = (location: string) => location.startsWith("/");

/** The provider's redirects and its one form, as a browser would follow them. */
async function signIn(browser: RemoteBrowser, account: string, acr: string): Promise<void> {
  let { headers } = await browser.visit("/login/start").expect(303);
  const provider = new Browser(new URL(headers["location"]!).origin);
  for (let at = headers["location"]!; !at.includes("/login/callback"); at = headers["location"]!) {
    const path = isPath(at) ? at : at.slice(new URL(at).origin.length);
    ({ headers } = path.startsWith("/interaction/")
      ? await provider.submit(path, { account, acr })
      : await provider.visit(path));
    expect(headers["location"]).toBeDefined();
  }
  const { pathname, search } = new URL(headers["location"]!);
  await browser.visit(`${pathname}${search}`).expect(303).expect("location", "/");
}

test.each([4, 5] as const)(
  "identity-provider asks who proved no second factor there for one of its own, on Express %i",
  async (version) => {
    const { app } = await onFreePort(async (port) => {
      const redirectUri = `http://127.0.0.1:${port}/login/callback`;
      const provider = await startProvider({ redirectUri });
      onTestFinished(() => provider.stop());
      const env = variables({
        PORT: String(port),
        OIDC_ISSUER: provider.issuer,
        OIDC_CLIENT_ID: provider.clientId,
        OIDC_CLIENT_SECRET: provider.clientSecret,
        OIDC_REDIRECT_URI: redirectUri,
      });
      return { app: await startExample("identity-provider", { version, env }) };
    });
    const susan = app.browser();
    await goesTo(susan, "/", "/login");
    await signIn(susan, "susan", "eidas2");
    expect((await susan.visit("/").expect(200)).text).toContain("super@example.com");

    const max = app.browser();
    await signIn(max, "max", "eidas1");
    await goesTo(max, "/", "/two-factor/setup");
    await max.enrol();
    await max.visit("/").expect(200);
    await max.submit("/logout", {}).expect(303);

    const again = app.browser();
    await signIn(again, "max", "eidas1");
    await goesTo(again, "/", "/two-factor/verify");
    await again.submit("/two-factor/verify", { code: max.code(1) }).expect(303);
    await again.visit("/").expect(200);

    // An answer is taken once, and only in the browser that asked.
    await again.visit("/login/callback?code=x&state=y").expect(303).expect("location", "/login");
  },
);
