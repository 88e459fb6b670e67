import type { RenderContext } from "../../src/http/render/renderer";
import type { PageLinks } from "../../src/http/paths/links";
import type { KeysPart, Page } from "../../src/http/render/pages";

/** "Now" for every sample page. */
export const now = new Date("2026-11-21T14:00:00Z");

const minutesAgo = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000);

export const hostileLabel = `<script>alert("label")</script>'&`;

export const links: PageLinks = {
  account: "/two-factor",
  setup: "/two-factor/setup",
  beginSetup: "/two-factor/setup",
  submitCode: "/two-factor/verify",
  setupVerify: "/two-factor/setup/verify",
  verify: "/two-factor/verify",
  send: "/two-factor/verify/send",
  recoveryCodes: "/two-factor/recovery-codes",
  codesAgain: "/two-factor/recovery-codes/again",
  codesFile: "/two-factor/recovery-codes/file",
  codesSaved: "/two-factor/recovery-codes/saved",
  disable: "/two-factor/disable",
  forgetBrowsers: "/two-factor/browsers/forget",
  keys: "/two-factor/keys",
  keyOptions: "/two-factor/keys/options",
  renameKey: "/two-factor/keys/rename",
  removeKey: "/two-factor/keys/remove",
  verifyOptions: "/two-factor/verify/options",
  recovery: "/two-factor/recovery",
  confirmRecovery: "/two-factor/recovery/confirm",
  finishRecovery: "/two-factor/recovery/finish",
  login: "/login",
  next: "/events/42?tab=guests&all=1",
  logout: "/logout",
  stylesheet: "/two-factor/assets/two-factor.00000000.css",
  script: "/two-factor/assets/two-factor.00000000.js",
  comfort: "/two-factor/assets/two-factor-comfort.00000000.js",
};

export const contextIn = (locale: string, more: Partial<RenderContext> = {}): RenderContext => ({
  links,
  locale,
  formFields: { _csrf: "csrf-token-1" },
  locals: {},
  ...more,
});

const everything = { totp: true, recoveryCode: true, directCode: true };
const enrolled = { totp: true, recoveryCode: true, directCode: false };
const byMail = { totp: false, recoveryCode: false, directCode: true };

export const otpauthUri =
  "otpauth://totp/EventHub:super%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=EventHub&period=30";

const activity = [
  { type: "challenge-passed", at: minutesAgo(3), ip: "192.0.2.7", browser: "Firefox on Linux" },
  {
    type: "challenge-failed",
    at: minutesAgo(4),
    ip: "2001:db8:85a3:1234:5678:8a2e:370:7334",
    browser: "Chrome on Windows",
  },
  { type: "recovery-code-used", at: minutesAgo(60 * 24), ip: "192.0.2.7" },
  { type: "reset", at: minutesAgo(60 * 24 * 40) },
  { type: "written-by-a-later-version", at: minutesAgo(60 * 24 * 41) },
];

const inADay = new Date(now.getTime() + 86_400_000);

const browsers = [
  {
    id: "b1",
    name: "Firefox on Linux",
    rememberedAt: minutesAgo(600),
    rememberedUntil: inADay,
    lastUsedAt: minutesAgo(3),
    current: true,
  },
  {
    id: "b2",
    name: "",
    rememberedAt: minutesAgo(60 * 24 * 20),
    rememberedUntil: inADay,
    lastUsedAt: minutesAgo(60 * 24),
    current: false,
  },
];

/** What a key is asked with; the script shows the button. */
const prompt = { options: { challenge: "A".repeat(43) }, validForSeconds: 300, purpose: "sign-in" };

const keysWithProof = {
  list: [
    {
      id: "k1",
      name: hostileLabel,
      addedAt: minutesAgo(60 * 24 * 40),
      lastUsedAt: minutesAgo(3),
      synced: true,
      userVerified: true,
    },
    { id: "k2", name: "W".repeat(60), addedAt: minutesAgo(60 * 24), synced: false, userVerified: false },
  ],
  hasRoom: true,
  required: false,
} satisfies KeysPart;
const keys = { ...keysWithProof, prompt: { ...prompt, purpose: "add" } };

/** Of recovery codes. */
const whose = { accountName: "super@example.com", madeAt: now };

/** A page whose code field can be switched to the whole keyboard, which it is on where this is true. */
const withKeyboard = <P extends Page>(page: P, withRecoveryCode: boolean): P =>
  Object.assign({}, page, { withRecoveryCode });

/** Every page in every state that looks or reads differently, by a name that says which. */
export function samplePages(qrCodeSvg = "<svg></svg>"): Readonly<Record<string, Page>> {
  const setup = {
    page: "setup",
    qrCodeSvg,
    secret: "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP",
    otpauthUri,
    accountName: "super@example.com",
    otpLength: 6,
    replacing: false,
    required: true,
    goodUntil: new Date(now.getTime() + 600_000),
  } as const satisfies Page;
  const verify = {
    page: "verify",
    accepts: enrolled,
    otpLength: 6,
    askRemember: false,
    finishBy: new Date(now.getTime() + 600_000),
    rememberForSeconds: 86_400,
    stepUp: false,
  } as const satisfies Page;
  const confirm = {
    page: "confirm",
    action: "disable",
    needsCode: true,
    required: false,
    otpLength: 6,
    accepts: enrolled,
  } as const satisfies Page;
  const account = {
    page: "account",
    state: "on",
    required: false,
    methods: ["totp"],
    enabledAt: minutesAgo(60 * 24 * 40),
    recoveryCodesRemaining: 10,
    recoveryCodesLow: false,
    browsers,
    activity,
  } as const satisfies Page;
  const nothing = { methods: [], recoveryCodesRemaining: 0, browsers: [], activity: [] } as const;
  return {
    setup,
    "setup-optional": { ...setup, required: false },
    "setup-replacing": { ...setup, replacing: true, accountName: hostileLabel },
    "setup-wrong": { ...setup, problem: { code: "INVALID_2FA_CODE", attemptsRemaining: 1 } },
    "setup-expired": { ...setup, problem: { code: "SETUP_SESSION_EXPIRED" } },
    verify,
    "verify-remembers": { ...verify, remembers: true },
    "verify-remember": { ...verify, askRemember: true, rememberForSeconds: 30 * 86_400 },
    "verify-wrong": { ...verify, problem: { code: "INVALID_2FA_CODE", attemptsRemaining: 2 } },
    "verify-used": { ...verify, problem: { code: "CODE_ALREADY_USED" } },
    "verify-malformed": { ...verify, problem: { code: "VALIDATION_ERROR", reason: "malformed" } },
    "verify-letters": withKeyboard(verify, true),
    "verify-digits": withKeyboard(verify, false),
    "verify-step-up": { ...verify, stepUp: true, accepts: everything },
    "verify-direct": {
      ...verify,
      accepts: byMail,
      sentCodeValidForSeconds: 300,
      direct: { sent: true, canSendAgainInSeconds: 27 },
    },
    "verify-direct-unsent": {
      ...verify,
      accepts: byMail,
      direct: { sent: false, canSendAgainInSeconds: 0 },
    },
    "verify-not-delivered": {
      ...verify,
      accepts: byMail,
      direct: { sent: false, canSendAgainInSeconds: 0 },
      problem: { code: "STORE_UNAVAILABLE", reason: "delivery" },
    },
    "verify-too-soon": {
      ...verify,
      accepts: byMail,
      sentCodeValidForSeconds: 300,
      direct: { sent: true, canSendAgainInSeconds: 12 },
      problem: { code: "TOO_MANY_ATTEMPTS", reason: "too-soon" },
    },
    "enrolment-code": { page: "enrolment-code" },
    "enrolment-code-wrong": { page: "enrolment-code", problem: { code: "INVALID_ENROLMENT_CODE" } },
    "verify-unlock": {
      ...verify,
      unlock: { codesGiven: 1, codesNeeded: 3, nextAt: new Date(now.getTime() + 60_000) },
    },
    locked: { page: "locked", until: new Date(now.getTime() + 5 * 60_000) },
    "locked-for-good": { page: "locked" },
    "locked-soon": { page: "locked", until: new Date(now.getTime() + 60_000) },
    "locked-setup": { page: "locked", duringSetup: true, until: new Date(now.getTime() + 60_000) },
    "account-sent-codes": { ...account, ...nothing, state: "off", required: true, methods: ["direct-code"] },
    "confirm-forget-letters": { ...confirm, action: "forget", withRecoveryCode: true },
    "recovery-codes": {
      page: "recovery-codes",
      ...whose,
      occasion: "enabled",
      codes: Array.from(
        { length: 10 },
        (_, index) => `WQ7K-${index % 8 === 0 ? "MMMM" : "R2FJ"}-H6N3-ZX5${"ABCDEFGHIJ"[index]}`,
      ),
    },
    "recovery-codes-again": {
      page: "recovery-codes",
      ...whose,
      occasion: "enabled",
      codes: ["AAAA-BBBB-CCCC-DDDD"],
      againForSeconds: 300,
    },
    "recovery-codes-replaced": {
      page: "recovery-codes",
      ...whose,
      occasion: "replaced",
      codes: ["AAAA-BBBB-CCCC-DDDD"],
    },
    "recovery-codes-last-used": {
      page: "recovery-codes",
      ...whose,
      occasion: "last-used",
      codes: ["AAAA-BBBB-CCCC-DDDD"],
    },
    "recovery-codes-regenerated": {
      page: "recovery-codes",
      ...whose,
      occasion: "regenerated",
      codes: ["AAAA-BBBB-CCCC-DDDD"],
    },
    // Those of users with a key have a script, and these names.
    "key-recovery-codes": {
      page: "recovery-codes",
      ...whose,
      occasion: "enabled",
      codes: ["AAAA-BBBB-CCCC-DDDD", "EEEE-FFFF-GGGG-HHHH"],
      tools: true,
    },
    "key-verify": { ...verify, accepts: { ...enrolled, key: true }, prompt },
    "key-verify-second": { ...verify, accepts: { ...enrolled, key: true }, prompt: { ...prompt, second: true } },
    "key-verify-alone": {
      ...verify,
      accepts: { totp: false, recoveryCode: true, directCode: false, key: true },
      prompt,
    },
    "key-verify-refused": {
      ...verify,
      accepts: { ...enrolled, key: true },
      prompt,
      problem: { code: "KEY_REFUSED", refused: "key" },
    },
    "key-verify-expired": {
      ...verify,
      accepts: { ...enrolled, key: true },
      prompt,
      problem: { code: "KEY_CHALLENGE_EXPIRED" },
    },
    "key-confirm-remove": { ...confirm, action: "remove-key", keyId: "k1", prompt },
    "key-locked": { page: "locked", until: new Date(now.getTime() + 5 * 60_000), recoveryCode: true, prompt },
    "key-page": { page: "keys", keys, required: false },
    "key-page-none": { page: "keys", keys: { ...keys, list: [], required: true }, required: true },
    "key-page-full": { page: "keys", keys: { ...keysWithProof, hasRoom: false }, required: false },
    "key-page-needs-proof": { page: "keys", keys: keysWithProof, required: false },
    "key-page-last": { page: "keys", keys, required: false, problem: { code: "LAST_FACTOR" } },
    "key-page-known": { page: "keys", keys, required: false, problem: { code: "KEY_REFUSED", refused: "known" } },
    "key-setup": { ...setup, keys: { ...keys, list: [] } },
    "key-account": { ...account, methods: ["totp", "security-key"], keys, notice: "key-added" },
    "confirm-disable": confirm,
    "confirm-disable-required": { ...confirm, required: true, needsCode: false },
    "confirm-regenerate": withKeyboard({ ...confirm, action: "regenerate" }, false),
    "confirm-replace": { ...confirm, action: "replace", problem: { code: "INVALID_2FA_CODE", attemptsRemaining: 1 } },
    "confirm-forget": { ...confirm, action: "forget", browserId: "b2", needsCode: false },
    "confirm-forget-all": { ...confirm, action: "forget" },
    "account-off": { ...account, ...nothing, state: "off" },
    "account-off-required": { ...account, ...nothing, state: "off", required: true, notice: "disabled" },
    "account-setting-up": { ...account, ...nothing, state: "setting-up", required: true },
    "account-on": { ...account, notice: "browser-forgotten" },
    "account-on-low": { ...account, recoveryCodesRemaining: 2, recoveryCodesLow: true, browsers: [], required: true },
    "account-on-none-left": {
      ...account,
      recoveryCodesRemaining: 0,
      recoveryCodesLow: true,
      notice: "browsers-forgotten",
    },
    "account-acr": {
      ...account,
      ...nothing,
      state: "off",
      methods: ["direct-code"],
      provenBy: {
        method: "acr",
        acr: "https://proconnect.gouv.fr/assurance/consistency-checked-2fa",
        at: minutesAgo(2),
      },
    },
    "first-code": {
      page: "enrolment-code",
      sent: { otpLength: 6, canSendAgainInSeconds: 20 },
      problem: { code: "INVALID_2FA_CODE", attemptsRemaining: 1 },
    },
    "recovery-offered": { page: "recovery", state: "offered", delaySeconds: 259_200 },
    "recovery-requested": {
      page: "recovery",
      state: "requested",
      delaySeconds: 259_200,
      requestedAt: minutesAgo(2),
      problem: { code: "INVALID_MAILED_CODE" },
    },
    "recovery-mail-not-sent": {
      page: "recovery",
      state: "offered",
      delaySeconds: 259_200,
      problem: { code: "MAIL_NOT_SENT" },
    },
    "recovery-earlier-code": {
      page: "recovery",
      state: "requested",
      delaySeconds: 259_200,
      requestedAt: minutesAgo(60 * 13),
      problem: { code: "MAIL_NOT_SENT", reason: "earlier-code" },
    },
    "recovery-waiting": {
      page: "recovery",
      state: "waiting",
      delaySeconds: 259_200,
      requestedAt: minutesAgo(60),
      readyAt: minutesAgo(-60 * 24),
    },
    "recovery-ready": {
      page: "recovery",
      state: "ready",
      delaySeconds: 259_200,
      requestedAt: minutesAgo(60 * 24 * 4),
      readyAt: minutesAgo(60),
      codeSent: true,
    },
    "recovery-open": {
      page: "recovery",
      state: "ready",
      delaySeconds: 259_200,
      readyAt: minutesAgo(60),
      open: true,
    },
    "recovery-closed": {
      page: "recovery",
      state: "closed",
      delaySeconds: 259_200,
      closedUntil: minutesAgo(-60 * 11),
      problem: { code: "RECOVERY_CLOSED" },
    },
    "stop-recovery": { page: "stop-recovery", state: "asks", action: "/two-factor/recovery/cancel?token=abc" },
    "stop-recovery-stopped": {
      page: "stop-recovery",
      state: "stopped",
      action: "/two-factor/recovery/cancel?token=abc",
    },
    "problem-login-expired": {
      page: "problem",
      status: 401,
      problem: { code: "LOGIN_SESSION_EXPIRED" },
      action: { href: "/login", label: "login" },
    },
    "problem-recent": {
      page: "problem",
      status: 403,
      problem: { code: "TWO_FACTOR_REQUIRED", reason: "recent" },
      action: { href: "/two-factor/verify", label: "verify" },
    },
    "problem-set-up": {
      page: "problem",
      status: 403,
      problem: { code: "TWO_FACTOR_SETUP_REQUIRED" },
      action: { href: "/two-factor/setup", label: "setup" },
    },
    "problem-acr": { page: "problem", status: 403, problem: { code: "INSUFFICIENT_ACR" } },
    "problem-store": {
      page: "problem",
      status: 503,
      problem: { code: "STORE_UNAVAILABLE" },
      action: { href: "/", label: "home" },
    },
  };
}
