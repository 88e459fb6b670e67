import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { examples, password, startExample } from "./example";

test("jwt is short", () => {
  expect(readFileSync(join(examples, "jwt/app.js"), "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(60);
});

describe.each([4, 5] as const)("on Express %i", (version) => {
  test("jwt: a login without a session sets up, is asked for a code, and leaves nothing behind", async () => {
    const app = await startExample("jwt", { version });
    const logIn = (browser: ReturnType<typeof app.browser>) =>
      browser.post("/login", { email: "anna@example.com", password });
    const browser = app.browser();
    await browser.post("/login", { email: "anna@example.com", password: "wrong" }).expect(401);
    await browser.get("/auth/me").expect(401);
    expect((await logIn(browser).expect(200)).body).toMatchObject({ requiresOtpSetup: true, next: "/auth/2fa/setup" });
    expect((await browser.get("/auth/me").expect(403)).body).toMatchObject({ code: "TWO_FACTOR_SETUP_REQUIRED" });
    await browser.enrol("/auth/2fa");
    expect((await browser.get("/auth/me").expect(200)).body).toEqual({ has2FA: true });

    const other = app.browser();
    expect((await logIn(other).expect(200)).body).toMatchObject({ requiresOtp: true, next: "/auth/2fa/verify" });
    await other.get("/auth/me").expect(403);
    await other.post("/auth/2fa/verify", { code: browser.wrongCode() }).expect(422);
    await other.post("/auth/2fa/verify", { code: browser.code(1) }).expect(200);
    await other.get("/auth/me").expect(200);
    await other.post("/logout").expect(200);
    await other.get("/auth/me").expect(401);
  });
});
