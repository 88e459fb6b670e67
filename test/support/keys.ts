import { securityKeys, type SecurityKeysOptions } from "../../src/factors/security-keys";
import type { TwoFactorEvent } from "../../src";
import { startHost, type Browser, type HostOptions, type HostUser } from "./host";
import { SoftKey, type Change, type SoftKeyOptions } from "./soft-key";

const rpId = "example.com";
const origin = "https://app.example.com";

export interface KeyHostOptions extends HostOptions {
  keys?: Partial<SecurityKeysOptions<HostUser>>;
}

/** A host that has loaded security keys, and what it was told. */
export function startKeyHost({ keys = {}, ...given }: KeyHostOptions = {}) {
  const events: TwoFactorEvent[] = [];
  const factors = [securityKeys<HostUser>({ rpId, origins: [origin], ...keys })];
  const host = startHost({
    ...given,
    options: {
      factors,
      // Each costs one scrypt.
      recoveryCodes: { count: 2 },
      onEvent: (event) => void events.push(event),
      ...given.options,
    },
  });
  return { ...host, events };
}

export interface Options {
  publicKey: {
    challenge: string;
    user: { id: string };
    rpId: string;
    allowCredentials: { id: string; transports: string[] }[];
    excludeCredentials: { id: string; transports: string[] }[];
    [more: string]: unknown;
  };
  expiresAt: string;
}

export async function optionsAt(browser: Browser, path: string, fields: object = {}): Promise<Options["publicKey"]> {
  const answer = await browser.post(`/two-factor${path}`, fields);
  if (answer.status !== 200) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
  return (answer.body as Options).publicKey;
}

/** Adds a key from options to answer. */
export async function addKey(browser: Browser, key = new SoftKey(), fields: object = {}) {
  const asked = await optionsAt(browser, "/keys/options");
  return browser.post("/two-factor/keys", { response: key.register(asked), ...fields });
}

/** Signs in with a key, or tries to. */
export async function verifyWith(browser: Browser, key: SoftKey, change: Change = {}, fields: object = {}) {
  const asked = await optionsAt(browser, "/verify/options");
  return browser.post("/two-factor/verify", { key: key.assert(asked, change), ...fields });
}

/** Somebody whose only factor is a key, and another browser of theirs that has only the password. */
export async function ownerOfKey(host: { browser(): Browser }, options: SoftKeyOptions = {}) {
  const [owner, browser] = [host.browser(), host.browser()];
  const key = new SoftKey(options);
  await owner.login();
  const added = await addKey(owner, key);
  if (added.status !== 201) throw new Error(`It was not added: ${JSON.stringify(added.body)}`);
  const { recoveryCodes } = added.body as { recoveryCodes: string[] };
  await browser.login();
  return { owner, browser, key, recoveryCodes };
}
