import { securityKeys, type SecurityKeysOptions } from "../../../src/factors/security-keys";
import type { FactorEntry } from "../../../src/core/factor-entry";
import type { FactorTools } from "../../../src/factors/factor";
import { now } from "../../core/records";
import type { SoftKey } from "../../support/soft-key";
import { toolsOf } from "../tools";

export const party = { rpId: "example.com", origins: ["https://app.example.com"] };
export const challenge = { value: Buffer.alloc(32, 7).toString("base64url"), expiresAt: now + 300 };
const handle = Buffer.alloc(32, 9).toString("base64url");

export type Entry = FactorEntry & { id: string; key: readonly (string | number)[]; name: string; mac: string };

export function kindOf(options: Partial<SecurityKeysOptions> = {}) {
  const factor = securityKeys({ ...party, ...options });
  const { ceremony } = factor;
  if (ceremony === undefined) throw new Error("There is no ceremony.");
  return { factor, ceremony };
}

export const tools = (user?: string): FactorTools => ({ ...toolsOf(user).tools, handle });

/** Adds a key as the service does. */
export async function add(key: SoftKey, { change = {}, beside = [] as Entry[], options = {} } = {}) {
  const { ceremony } = kindOf(options);
  const response = key.register({ challenge: challenge.value, user: { id: handle } }, change);
  const added = ceremony.readAdded({ response });
  if (added === undefined) return { is: "malformed" as const };
  return ceremony.add(added, { challenge, beside, name: "blue key" }, tools());
}

export async function entryFor(key: SoftKey, options: Partial<SecurityKeysOptions> = {}): Promise<Entry> {
  const result = await add(key, { options });
  if (result.is !== "right") throw new Error(`It was not added: ${JSON.stringify(result)}`);
  return result.entry as Entry;
}

/** Holds an answer, as it comes in a body, against an entry. */
export async function check(entry: Entry, given: unknown, options: Partial<SecurityKeysOptions> = {}, own = tools()) {
  const { factor, ceremony } = kindOf(options);
  const answer = factor.read({ fields: { key: given } });
  if (answer === undefined) return { is: "malformed" as const };
  return factor.check(entry, ceremony.answered(answer, challenge), own);
}
