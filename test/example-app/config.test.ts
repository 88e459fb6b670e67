import { expect, test } from "vitest";
import { readConfig, StartError } from "../../example-app/src/config";

const key = Buffer.alloc(32, 7).toString("base64");

test("an empty environment is enough", () => {
  expect(readConfig({})).toMatchObject({
    host: "127.0.0.1",
    port: 3000,
    twoFactorStore: "postgres",
    rememberBrowser: "always",
    recoveryDelaySeconds: 60,
    appName: "EventHub",
  });
  expect(readConfig({}).dataDir).toMatch(/example-app\/\.data$/);
});

test.each([
  [{}, "http://127.0.0.1:3000"],
  [{ HOST: "::1", PORT: "80" }, "http://[::1]:80"],
  [{ PUBLIC_URL: "https://members.example.com" }, "https://members.example.com"],
  [{ PORT: "0" }, undefined],
  [{ HOST: "0.0.0.0" }, undefined],
  [{ HOST: "::" }, undefined],
  [{ HOST: "web" }, undefined],
])("with %j links in mails lead to %s", (env, expected) => {
  expect(readConfig(env).publicUrl).toBe(expected);
});

test("a variable set to nothing counts as not set", () => {
  expect(readConfig({ PORT: "", REDIS_URL: " ", TWO_FACTOR_STORE: "" })).toEqual(readConfig({}));
});

test("what is set is taken", () => {
  const config = readConfig({
    PORT: "0",
    HOST: "::1",
    APP_NAME: "Club",
    REDIS_URL: "redis://127.0.0.1:6379/3",
    DATABASE_URL: "postgresql://me@db/club",
    TWO_FACTOR_STORE: "redis",
    OTP_SECRET_ENCRYPTION_KEY: `${key},${key}`,
    SESSION_SECRET: `${"a".repeat(32)}, ${"b".repeat(32)}`,
    TRUST_PROXY: "1",
    REMEMBER_BROWSER: "ask",
  });
  expect(config.rememberBrowser).toBe("ask");
  expect(config).toMatchObject({ port: 0, host: "::1", appName: "Club", twoFactorStore: "redis", trustProxy: 1 });
  expect(config.sessionSecrets).toEqual(["a".repeat(32), "b".repeat(32)]);
});

test("one message names every problem", () => {
  const wrong = {
    PORT: "70000",
    DATABASE_URL: "mysql://x/y",
    TWO_FACTOR_STORE: "mongo",
    OTP_SECRET_ENCRYPTION_KEY: "short",
  };
  const attempt = () => readConfig(wrong);
  expect(attempt).toThrow(StartError);
  for (const name of Object.keys(wrong)) expect(attempt).toThrow(name);
});

test.each([
  [{ PORT: "3000.5" }, "PORT"],
  [{ PORT: "-1" }, "PORT"],
  [{ HOST: "http://here" }, "HOST"],
  [{ REDIS_URL: "127.0.0.1:6379" }, "REDIS_URL"],
  [{ TWO_FACTOR_STORE: "redis" }, "REDIS_URL"],
  [{ REDIS_URL: "redis://127.0.0.1:6379" }, "REDIS_URL needs OTP_SECRET_ENCRYPTION_KEY"],
  [{ APP_NAME: "Club\r\nBcc: all@example.com" }, "APP_NAME"],
  [{ OTP_SECRET_ENCRYPTION_KEY: Buffer.alloc(31).toString("base64") }, "OTP_SECRET_ENCRYPTION_KEY"],
  [{ OTP_SECRET_ENCRYPTION_KEY: `${key},` }, "OTP_SECRET_ENCRYPTION_KEY"],
  [{ SESSION_SECRET: "keyboard cat" }, "SESSION_SECRET"],
  [{ REMEMBER_BROWSER: "Always" }, "REMEMBER_BROWSER"],
  [{ PUBLIC_URL: "members.example.com" }, "PUBLIC_URL"],
  [{ PUBLIC_URL: "javascript:alert(1)" }, "PUBLIC_URL"],
  [{ REMEMBER_BROWSER: "constructor" }, "REMEMBER_BROWSER"],
  [{ TRUST_PROXY: "true" }, "TRUST_PROXY"],
  [{ TRUST_PROXY: "not an address" }, "TRUST_PROXY"],
])("%j is refused", (env, named) => {
  expect(() => readConfig(env)).toThrow(named);
});

test("a message never repeats the value, which may be a key or a password", () => {
  const secret = "hunter2-hunter2";
  for (const name of ["OTP_SECRET_ENCRYPTION_KEY", "SESSION_SECRET", "DATABASE_URL", "REDIS_URL"]) {
    expect(() => readConfig({ [name]: secret })).toThrow(expect.not.stringContaining(secret));
  }
});
