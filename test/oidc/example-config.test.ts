import { generateEncryptionKey, memoryStore } from "express-two-factor";
import request from "supertest";
import { describe, expect, test } from "vitest";
import { createApp } from "../../example-app/src/app";
import { readConfig } from "../../example-app/src/config";
import { createMembers } from "../../example-app/src/members";
import { MemorySessions } from "../../example-app/src/sessions";
import { proConnectAcr } from "../../src/oidc";

const named = { OIDC_ISSUER: "https://idp.example/api/v2", OIDC_CLIENT_ID: "id", OIDC_CLIENT_SECRET: "secret" };

describe("the environment", () => {
  test("without an identity provider has none", () => {
    expect(readConfig({}).oidc).toBeUndefined();
    expect(readConfig({ OIDC_ISSUER: " ", OIDC_NAME: "TestConnect" }).oidc).toBeUndefined();
  });

  test("with one asks for ProConnect's values, and refuses less", () => {
    expect(readConfig(named).oidc).toMatchObject({
      clientId: "id",
      clientSecret: "secret",
      name: "idp.example",
      acrValues: proConnectAcr,
      onWeakAcr: "refuse",
    });
    expect(readConfig(named).oidc!.issuer.href).toBe("https://idp.example/api/v2");
  });

  test("may name other values, and lead to the local second factor", () => {
    const more = { OIDC_ACR_VALUES: "eidas2, eidas1-mfa", OIDC_ON_WEAK_ACR: "challenge", OIDC_NAME: "ProConnect" };
    expect(readConfig({ ...named, ...more }).oidc).toMatchObject({
      acrValues: ["eidas2", "eidas1-mfa"],
      onWeakAcr: "challenge",
      name: "ProConnect",
    });
  });

  test.each(["http://localhost:4000", "http://127.0.0.1:4000", "http://[::1]:4000"])(
    "takes %s, this machine",
    (issuer) => {
      expect(readConfig({ ...named, OIDC_ISSUER: issuer }).oidc!.issuer.href).toBe(`${issuer}/`);
    },
  );

  test.each([
    [{ OIDC_ISSUER: "http://idp.example" }, "OIDC_ISSUER must be an https address"],
    [{ OIDC_ISSUER: "http://localhost.idp.example" }, "OIDC_ISSUER must be an https address"],
    [{ OIDC_ISSUER: "idp.example" }, "OIDC_ISSUER must be an https address"],
    [{ OIDC_CLIENT_SECRET: "" }, "must be set together"],
    [{ OIDC_ISSUER: "" }, "must be set together"],
    [{ OIDC_ON_WEAK_ACR: "pass" }, "OIDC_ON_WEAK_ACR must be refuse or challenge"],
    [{ OIDC_ACR_VALUES: "eidas2,,eidas3" }, "OIDC_ACR_VALUES must be values"],
    [{ OIDC_NAME: "x".repeat(41) }, "OIDC_NAME must be at most 40"],
  ])("with %j is told what is wrong", (variables, problem) => {
    expect(() => readConfig({ ...named, ...variables })).toThrow(problem);
  });
});

describe("the login page", () => {
  const site = (env: Record<string, string>) =>
    createApp(readConfig(env), {
      store: memoryStore(),
      sessionStore: new MemorySessions(),
      sessionSecrets: ["s".repeat(32)],
      limitStore: undefined,
      encryptionKeys: generateEncryptionKey(),
      members: createMembers(),
      mailer: { directory: "", send: () => Promise.resolve() },
      log: () => undefined,
    });

  test("has no second button without an identity provider, and no such address", async () => {
    const app = site({});
    expect((await request(app).get("/login").expect(200)).text).not.toContain("/login/oidc");
    await request(app).get("/login/oidc").expect(404);
  });

  test("has one that keeps the page first asked for", async () => {
    const app = site({ ...named, OIDC_NAME: "<Test>Connect" });
    const { text } = await request(app).get("/login?next=%2Fadmin%3Fa%3D1%26b%3D2").expect(200);
    expect(text).toContain('href="/login/oidc?next=%2Fadmin%3Fa%3D1%26b%3D2"');
    expect(text).toContain("Sign in with &lt;Test&gt;Connect");
  });

  test("is shown with it again after a wrong password", async () => {
    const app = site(named);
    const answer = await request(app).post("/login").type("form").send({ email: "a@example.com", password: "x" });
    expect(answer.status).toBe(401);
    expect(answer.text).toContain("/login/oidc?next=");
  });
});
