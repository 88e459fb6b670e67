import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addKeyAt, enrolKey, keySite, pathOf } from "../support/key-site";
import { launchChromium } from "../support/services";
import { nginxBefore } from "../support/services/nginx";
import { plugIn } from "../support/virtual-keys";

const certificate = new X509Certificate(readFileSync(join(__dirname, "fixtures/localhost.crt")));
const publicKey = certificate.publicKey.export({ type: "spki", format: "der" });

let chromium: Browser;
beforeAll(async () => {
  // A browser that finds the domain here, and holds its certificate for good: with a bad one it asks no key.
  chromium = await launchChromium([
    "--host-resolver-rules=MAP *.example.test 127.0.0.1",
    `--ignore-certificate-errors-spki-list=${createHash("sha256").update(publicKey).digest("base64")}`,
  ]);
});
afterAll(() => chromium?.close());

const nginx = (name: string) => async (server: Server) =>
  `https://${name}.example.test:${await nginxBefore(server, "", { tls: true })}`;

test.each([4, 5] as const)(
  "behind a proxy that ends TLS, on a subdomain, a key is added and signs in (Express %i)",
  async (version) => {
    const { host, origin, newPage, logOut } = await keySite(chromium, {
      version,
      keys: { rpId: "example.test" },
      early: (app) => app.set("trust proxy", "loopback"),
      session: { cookie: { secure: true } },
      before: nginx("app"),
    });
    const page = await newPage();
    await plugIn(page, "usb");
    expect(await enrolKey(page, origin)).toHaveLength(2);
    await addKeyAt(page, `${origin}/two-factor`, "again");
    await page.getByText("registered already").waitFor();
    await logOut(page);
    await page.goto(`${origin}/private`);
    expect(pathOf(page)).toBe("/two-factor/verify");
    await page.locator("#use-security-key").click();
    await page.waitForURL(`${origin}/private`);
    expect(await host.tfa.status("1")).toMatchObject({ keys: [{ name: "blue key" }], locked: false });
    const cookies = await page.context().cookies();
    expect(cookies.filter(({ secure }) => !secure)).toEqual([]);
  },
);
