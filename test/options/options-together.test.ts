import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { checkOptions } from "../../src/options/check-options";
import { generateEncryptionKey } from "../../src/crypto/key-ring";
import { TwoFactorOptionsError } from "../../src/errors";
import { memoryStore } from "../../src/stores/memory";

const least = { store: memoryStore(), issuer: "EventHub", otpSecretEncryptionKey: generateEncryptionKey() };
const keyring = { onEncrypt: () => undefined, onDecrypt: () => undefined };
const longSecret = "0123456789abcdef0123456789abcdef";

beforeEach(() => {
  vi.stubEnv("OTP_SECRET_ENCRYPTION_KEY", undefined);
  vi.stubEnv("APP_NAME", undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

function problems(options: object): readonly string[] {
  try {
    checkOptions({ ...least, ...options });
  } catch (error) {
    if (error instanceof TwoFactorOptionsError) return error.problems;
    throw error;
  }
  return [];
}

describe("what is right", () => {
  test.each<[string, object]>([
    [
      "a key ring with a secret for the cookie",
      { otpSecretEncryptionKey: undefined, keyring, cookie: { secret: longSecret } },
    ],
    ["several cookie secrets", { cookie: { secret: [longSecret, `${longSecret}2`] } }],
    ["a cookie for hosts alone", { cookie: { prefix: "__Host-", secure: true } }],
    ["a lock until reset", { lockout: "until-reset" }],
    ["part of a lockout", { lockout: { maxSeconds: 60 } }],
    ["a hard limit as low as the attempts", { lockout: { hardLimit: 3 } }],
    ["codes of 8 digits", { otpLength: 8, directOtpLength: 10 }],
    ["no remembering", { rememberOtpSessionForSeconds: 0 }],
    ["half a second of patience", { storeTimeoutSeconds: 0.5 }],
    ["reading every time", { revalidateSeconds: 0 }],
    ["another path", { path: "/auth/2fa" }],
    ["a function for what is allowed", { allow: () => false }],
    ["a login page with a query", { loginPath: "/login?from=2fa" }],
    ["own pages beside ours", { pages: { verify: "/two-factor-code", account: "/profile" } }],
    [
      "own pages of another origin that is allowed",
      {
        pages: { verify: "https://app.example.com/code", setup: "https://app.example.com", account: "/profile" },
        allowedOrigins: ["https://app.example.com"],
      },
    ],
    [
      "own pages of a front end on this machine",
      { pages: { verify: "http://localhost:5173/#/code" }, allowedOrigins: ["http://localhost:5173"] },
    ],
    ["an origin with a port", { allowedOrigins: ["https://app.example.com:8443"] }],
    ["a function for the id", { secondFactorResourceId: () => 1 }],
    ["direct codes with a sender", { directOtp: () => true, sendTwoFactorAuthenticationCode: () => undefined }],
  ])("%s is taken", (_, options) => {
    expect(problems(options)).toEqual([]);
  });
});

describe("what is wrong by itself", () => {
  test.each<[string, object, RegExp]>([
    ["a store without methods", { store: {} }, /^`store` must be an object with the methods get and compareAndSet/],
    ["null for a function", { user: null }, /^`user` must be a function; it is null/],
    ["NaN", { maxLoginAttempts: Number.NaN }, /it is NaN/],
    ["a number in quotes", { otpLength: "6" }, /whole number from 6 to 8; it is another text/],
    ["codes of 5 digits", { otpLength: 5 }, /from 6 to 8/],
    ["a drift beyond 5 minutes", { allowedOtpDriftSeconds: 301 }, /from 0 to 300/],
    ["no patience at all", { storeTimeoutSeconds: 0 }, /above 0/],
    ["a scope with a space", { scope: "my users" }, /^`scope`/],
    ["a path with a slash at the end", { path: "/2fa/" }, /^`path`/],
    ["a path of another site", { path: "//evil.com" }, /^`path`/],
    [
      "a login page of another site",
      { loginPath: "https://evil.com/login" },
      /^`loginPath` must be a path of this site/,
    ],
    ["an own page elsewhere without TLS", { pages: { verify: "http://evil.com/" } }, /begin it with "https:\/\/"/],
    [
      "an own page of no site",
      { pages: { setup: "javascript:alert(1)" } },
      /^`pages.setup` must be a path of this site, or/,
    ],
    [
      "an own page with a password",
      { pages: { setup: `https://a:${longSecret}@b.com/` } },
      /without a name and a password/,
    ],
    ["an own page as no browser writes it", { pages: { account: "https://b.com/ä" } }, /as a browser does/],
    ["an own page behind two slashes", { pages: { account: "//b.com/" } }, /begin it with one "\/"/],
    ["a login page behind a backslash", { loginPath: "/\\evil.com" }, /^`loginPath`/],
    ["a cookie name with a space", { cookie: { name: "remember me" } }, /^`cookie.name`/],
    ["a short cookie secret", { cookie: { secret: "short" } }, /at least 32 characters/],
    ["a short one among several", { cookie: { secret: [longSecret, "short"] } }, /at least 32 characters/],
    ["no cookie secret in a list", { cookie: { secret: [] } }, /at least 32 characters/],
    ["no recovery codes", { recoveryCodes: { count: 0 } }, /^`recoveryCodes.count` must be a whole number from 1/],
    ["a lockout by another name", { lockout: "forever" }, /"until-reset".*Or: .*an object/],
    [
      "an origin with a path",
      { allowedOrigins: ["https://app.example.com/"] },
      /^`allowedOrigins\[0\]` must be an origin/,
    ],
    ["the origin null", { allowedOrigins: ["null"] }, /^`allowedOrigins\[0\]`/],
    ["an empty issuer", { issuer: "" }, /^`issuer` must be a text that is not empty/],
    ["null for languages", { locales: null }, /^`locales` must be an object/],
    [
      "a key of 31 bytes",
      { otpSecretEncryptionKey: Buffer.alloc(31, 7).toString("base64") },
      /31 bytes, 32 are needed/,
    ],
  ])("%s", (_, options, message) => {
    expect(problems(options)[0]).toMatch(message);
  });
});

describe("what is wrong together", () => {
  test.each<[string, object, RegExp]>([
    ["a key and a key ring", { keyring, cookie: { secret: longSecret } }, /not both/],
    [
      "a key ring without a cookie secret",
      { otpSecretEncryptionKey: undefined, keyring },
      /^`keyring` needs `cookie.secret`/,
    ],
    ["a cookie for hosts alone in the clear", { cookie: { prefix: "__Host-", secure: false } }, /__Host-.*needs/],
    ["a cookie for every site in the clear", { cookie: { sameSite: "none", secure: false } }, /none.*needs/],
    ["direct codes without a sender", { directOtp: () => true }, /how shall the codes be sent/],
    ["a longest lock below the first", { lockout: { maxSeconds: 59 } }, /must not be below `lockout.baseSeconds`/],
    ["a hard limit below the attempts", { lockout: { hardLimit: 2 } }, /must not be below `maxLoginAttempts`/],
    ["an own page below our path", { pages: { verify: "/two-factor/code" } }, /^`pages` are the host's own/],
    [
      "an own page of an origin that is not allowed",
      { pages: { verify: "https://app.example.com:8443/code" }, allowedOrigins: ["https://app.example.com"] },
      /^`pages` are of https:\/\/app\.example\.com:8443, .*`allowedOrigins`/,
    ],
    ["an own page that is our path, which would lead to itself", { pages: { account: "/two-factor" } }, /^`pages`/],
    ["the same with a query", { pages: { account: "/two-factor?tab=2" } }, /^`pages`/],
    ["a login page below our path, which nobody could reach", { loginPath: "/two-factor/login" }, /^`loginPath`/],
    ["a logout below our path", { logoutPath: "/two-factor/logout" }, /^`logoutPath`/],
    ["help below our path", { help: "/two-factor/help" }, /^`help` is the host's own/],
    ["help that whoever is locked out cannot reach", { help: "/help?from=2fa", allow: ["/other"] }, /^`help`.*`allow`/],
    ["help that would run as a script", { help: "javascript:alert(1)" }, /^`help` must be a mail address/],
    ["help with a scheme before the mail address", { help: "mailto:help@example.com" }, /leave out "mailto:"/],
    ["an issuer of which nothing can be shown", { issuer: ":\u202e" }, /^`issuer` is missing/],
  ])("%s", (_, options, message) => {
    expect(problems(options)).toEqual([expect.stringMatching(message)]);
  });
});
