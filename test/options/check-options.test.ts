import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { checkOptions } from "../../src/options/check-options";
import { generateEncryptionKey } from "../../src/crypto/key-ring";
import { TwoFactorOptionsError } from "../../src/errors";
import { memoryStore } from "../../src/stores/memory";

const key = generateEncryptionKey();
const least = { store: memoryStore(), issuer: "EventHub", otpSecretEncryptionKey: key };

beforeEach(() => {
  vi.stubEnv("OTP_SECRET_ENCRYPTION_KEY", undefined);
  vi.stubEnv("APP_NAME", undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** The problems of these options, besides the least that is needed. */
function problemsOf(options: unknown): readonly string[] {
  try {
    checkOptions(options);
  } catch (error) {
    if (error instanceof TwoFactorOptionsError) return error.problems;
    throw error;
  }
  return [];
}
const problemsWith = (options: object) => problemsOf({ ...least, ...options });

describe("the defaults", () => {
  test("are those of the documentation", () => {
    const { settings } = checkOptions(least);
    expect(settings).toMatchObject({
      maxLoginAttempts: 3,
      allowedOtpDriftSeconds: 30,
      otpLength: 6,
      rememberOtpSessionForSeconds: 86_400,
      deleteCookieOnLogout: false,
      secondFactorResourceId: "id",
      directOtpValidForSeconds: 300,
      directOtpLength: 6,
      directOtpResendAfterSeconds: 30,
      issuer: "EventHub",
      storeTimeoutSeconds: 5,
      scope: "user",
      path: "/two-factor",
      rememberBrowser: "always",
      cookie: { name: "remember_tfa", sameSite: "lax", secure: "auto", prefix: "", secret: [] },
      lockout: { baseSeconds: 60, maxSeconds: 86_400, hardLimit: 100 },
      recoveryCodes: { count: 10 },
      pendingLoginSeconds: 600,
      setupValidForSeconds: 600,
      revalidateSeconds: 30,
      loginPath: "/login",
      logoutPath: "/logout",
      allow: [],
      allowedOrigins: [],
      handleErrors: true,
      acceptedAcr: [],
      onWeakAcr: "challenge",
    });
    const req = { user: { id: 1 } } as never;
    expect(settings.user(req)).toEqual({ id: 1 });
    expect(settings.needTwoFactorAuthentication({}, req)).toBe(true);
    expect(settings.directOtp({}, { enrolled: true })).toBe(false);
    expect(settings.directOtp({}, { enrolled: false })).toBe(true);
  });

  test.each([
    [{ email: "ada@example.com", username: "ada", id: 1 }, "ada@example.com"],
    [{ email: "", username: "ada", id: 1 }, "ada"],
    [{ email: null, id: 0 }, "0"],
    [{ id: { toHexString: () => "65f0" } }, ""],
    [{}, ""],
  ])("name %j as %j in the authenticator", (user, label) => {
    expect(checkOptions(least).settings.label(user)).toBe(label);
  });

  test("stand where an option is undefined, inside of groups of options too", () => {
    const group = { baseSeconds: undefined, maxSeconds: undefined, hardLimit: undefined };
    const { settings } = checkOptions({
      ...least,
      maxLoginAttempts: undefined,
      lockout: group,
      recoveryCodes: { count: undefined },
      cookie: { name: undefined, secure: undefined, secret: undefined },
    });
    expect(JSON.stringify(settings)).toBe(JSON.stringify(checkOptions(least).settings));
  });

  test("take key and issuer from the environment", () => {
    vi.stubEnv("OTP_SECRET_ENCRYPTION_KEY", `${key},${generateEncryptionKey()}`);
    vi.stubEnv("APP_NAME", "From the environment");
    const { settings, keys } = checkOptions({ store: memoryStore() });
    expect(settings.issuer).toBe("From the environment");
    expect(keys).toHaveLength(2);
    expect(checkOptions(least).keys).toHaveLength(1);
  });
});

describe("the settings", () => {
  test("are frozen, with their groups and lists, and a host's later change is none", () => {
    const allow = ["/help"];
    const lockout = { baseSeconds: 30 };
    const { settings } = checkOptions({ ...least, allow, lockout, acceptedAcr: ["a"], pages: { verify: "/code" } });
    allow.push("/admin");
    lockout.baseSeconds = 1;
    expect(settings).toMatchObject({ allow: ["/help"], lockout: { baseSeconds: 30 } });
    const { cookie, recoveryCodes, allowedOrigins, acceptedAcr, pages } = settings;
    const parts = [settings, settings.allow, settings.lockout, cookie, cookie.secret, recoveryCodes, allowedOrigins];
    for (const part of [...parts, acceptedAcr, pages]) expect(Object.isFrozen(part)).toBe(true);
    expect(Object.isFrozen(settings.store)).toBe(false);
  });

  test("are made of what is the options' own: what was checked is what is used", () => {
    const inherited = Object.create(least) as object;
    expect(problemsOf(inherited)).toHaveLength(3);
  });
});

describe("one error", () => {
  test("lists every problem, each with its fix", () => {
    const problems = problemsOf({
      maxLoginAttempts: 0,
      otpLenght: 6,
      path: "/",
      cookie: { nmae: "x", sameSite: "Lax" },
      lockout: { hardLimit: 1000 },
      directOtp: () => true,
    });
    expect(problems).toEqual([
      "`otpLenght` is no option. Did you mean `otpLength`?",
      "`maxLoginAttempts` must be a whole number from 1 to 100; it is 0.",
      '`path` must be a path such as "/two-factor"; "/" alone would take the whole app; it is another text.',
      "`cookie.nmae` is no option. It knows: name, sameSite, secure, secret, prefix.",
      '`cookie.sameSite` must be "lax" or "strict" or "none"; it is another text.',
      "`lockout.hardLimit` must be a whole number from 1 to 100; it is 1000.",
      expect.stringMatching(
        /^otpSecretEncryptionKey .* is missing: make one with `npx express-two-factor generate-key`$/,
      ),
      expect.stringMatching(/^`store` is missing: pass one/),
      expect.stringMatching(/^`issuer` is missing: pass the name/),
      expect.stringMatching(/^`directOtp` needs `sendTwoFactorAuthenticationCode`/),
    ]);
  });

  test("is a TwoFactorError, with a line for each problem", () => {
    expect(() => checkOptions({ ...least, otpLength: 9, scope: "" })).toThrow(
      /^express-two-factor cannot start:\n {2}- `otpLength` .*\n {2}- `scope` /,
    );
  });

  test.each([[undefined], [null], ["postgres"], [7]])("says what to call it with instead of %s", (given) => {
    expect(problemsOf(given)).toEqual([expect.stringMatching(/^Call twoFactor\(\{ … \}\)/)]);
  });

  test("comes of any value whatever for any option, and never another", () => {
    const values = [
      null,
      "",
      " ",
      "x",
      0,
      -1,
      1.5,
      Number.NaN,
      Infinity,
      true,
      [],
      [null],
      {},
      { x: 1 },
      Symbol("x"),
      1n,
    ];
    const names = [
      ...Object.keys(checkOptions(least).settings),
      "keyring",
      "views",
      "pages",
      "logo",
      "locales",
      "locale",
    ];
    for (const name of names)
      for (const value of values) expect(Array.isArray(problemsWith({ [name]: value }))).toBe(true);
  });
});

describe("a name that is no option", () => {
  test.each([
    ["max_login_attempts", "maxLoginAttempts"],
    ["allowed_otp_drift_seconds", "allowedOtpDriftSeconds"],
    ["otp_length", "otpLength"],
    ["remember_otp_session_for_seconds", "rememberOtpSessionForSeconds"],
    ["otp_secret_encryption_key", "otpSecretEncryptionKey"],
    ["second_factor_resource_id", "secondFactorResourceId"],
    ["delete_cookie_on_logout", "deleteCookieOnLogout"],
    ["direct_otp_length", "directOtpLength"],
    ["direct_otp_valid_for", "directOtpValidForSeconds"],
    ["Store", "store"],
    ["stor", "store"],
    ["cookies", "cookie"],
    ["onEvents", "onEvent"],
    ["recoveryCode", "recoveryCodes"],
    ["rememberBrowsers", "rememberBrowser"],
  ])("%s: did you mean %s?", (name, meant) => {
    expect(problemsWith({ [name]: 1 })).toEqual([`\`${name}\` is no option. Did you mean \`${meant}\`?`]);
  });

  test.each(["x", "database", "constructor", "toString", "passport", "1"])("%s: remove it", (name) => {
    expect(problemsWith({ [name]: 1 })).toEqual([`\`${name}\` is no option. Remove it.`]);
  });
});

describe("a secret in the wrong place", () => {
  const secrets = { text: `${"A1b2C3d4".repeat(5)}!`, number: 4_815_162_342 };

  test.each<[string, unknown]>([
    ["otpSecretEncryptionKey", secrets.text],
    ["otpSecretEncryptionKey", secrets.number],
    ["otpSecretEncryptionKey", [secrets.text]],
    ["otpSecretEncryptionKey", `${key},${secrets.text}`],
    ["cookie", { secret: secrets.text.slice(0, 20) }],
    ["cookie", { secret: secrets.number }],
    ["cookie", { secret: [secrets.number] }],
    ["cookie", secrets.text],
    ["store", secrets.text],
    ["keyring", secrets.text],
    ["issuer", secrets.number],
    ["path", secrets.text],
    ["scope", secrets.text],
    ["allowedOrigins", [`https://user:${secrets.text}@example.com`]],
  ])("is not repeated: %s", (name, value) => {
    const problems = problemsWith({ [name]: value });
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join("\n")).not.toMatch(/A1b2C3d4|4815162342/);
    expect(problems.join("\n")).not.toContain(key);
  });
});
