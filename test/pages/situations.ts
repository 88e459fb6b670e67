import { generateEncryptionKey, type TwoFactorOptions } from "../../src";
import { securityKeys } from "../../src/factors/security-keys";
import { later } from "../support/clock";
import { startHost, type Browser, type Host, type HostUser } from "../support/host";
import { addKey } from "../support/keys";
import { daySeconds, mailbox, recovery, waitingFor, type Mailbox } from "../support/recovery";
import { SoftKey } from "../support/soft-key";

/** Somebody before pages of ours, and whoever else is needed to go on. */
export interface Situation {
  host: Host;
  browser: Browser;
  box: Mailbox;
}

type Options = Partial<TwoFactorOptions<HostUser>>;

const origin = "https://app.example.com";

/** One scrypt a recovery code: one is enough. Nothing that a test tries often is locked. */
async function start(options: Options = {}): Promise<Situation> {
  const box = mailbox();
  const host = startHost({
    options: {
      otpSecretEncryptionKey: generateEncryptionKey(),
      recoveryCodes: { count: 1 },
      help: "help@example.com",
      recovery: { delaySeconds: 3 * daySeconds, send: box.send },
      ...options,
    },
  });
  const browser = host.browser();
  await browser.login();
  return { host, browser, box };
}

/** Another browser, with the password alone. */
async function elsewhere({ host, browser: owner, box }: Situation): Promise<Situation> {
  const browser = host.browser();
  await browser.login();
  Object.assign(browser, { secret: owner.secret, recoveryCodes: owner.recoveryCodes });
  return { host, browser, box };
}

async function enrolled(options: Options = {}): Promise<Situation> {
  const situation = await start(options);
  await situation.browser.enrol();
  return situation;
}

const unproven = async (options: Options = {}): Promise<Situation> => elsewhere(await enrolled(options));

async function withKey(options: Options = {}): Promise<Situation> {
  const situation = await start({ factors: [securityKeys({ rpId: "example.com", origins: [origin] })], ...options });
  await addKey(situation.browser, new SoftKey(), { name: "blue key" });
  await situation.browser.enrol();
  return situation;
}

async function locked(options: Options = {}): Promise<Situation> {
  const situation = await unproven(options);
  const { browser } = situation;
  for (let wrong = 0; wrong < (options.maxLoginAttempts ?? 3); wrong += 1) {
    await browser.post("/two-factor/verify", { code: browser.wrongCode() });
  }
  return situation;
}

/** The proof is older than five minutes. */
async function provenLongAgo(begun: Promise<Situation>): Promise<Situation> {
  const situation = await begun;
  later(600);
  return situation;
}

async function waiting(options: Options = {}): Promise<Situation> {
  const situation = await unproven({ pendingLoginSeconds: daySeconds, ...options });
  await waitingFor(situation.browser, situation.box);
  return situation;
}

async function ready(options: Options = {}): Promise<Situation> {
  const situation = await waiting(options);
  later(3 * daySeconds);
  const late = await elsewhere(situation);
  await late.browser.post(`${recovery}/finish`).expect(200);
  return late;
}

const sendsCodes: Options = { sendTwoFactorAuthenticationCode: () => undefined };

async function reset(): Promise<Situation> {
  const situation = await enrolled();
  await situation.host.tfa.reset("1", { reason: "lost phone", by: "the help desk", enrolmentCode: true });
  return elsewhere(situation);
}

async function requested(options: Options = {}): Promise<Situation> {
  const situation = await unproven(options);
  await situation.browser.post(recovery).expect(200);
  return situation;
}
export const situations = {
  start,
  enrolled,
  unproven,
  withKey,
  locked,
  provenLongAgo,
  waiting,
  requested,
  ready,
  reset,
  sendsCodes,
};
