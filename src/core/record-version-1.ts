import type { FactorEntry } from "./factor-entry";
import {
  anyText,
  checkFields,
  count,
  listOf,
  optional,
  refuse,
  shape,
  text,
  tuple,
  wholeNumber,
  type StoredField,
} from "./shape";

/** Version 1 as it was, when each kind of factor had a field of its own. It stands still, as do the texts out there. */
interface Version1 {
  totp?: object;
  recoveryCodes?: { salt: string };
  directCode?: object;
  browsers: readonly { id: string; hash: string; name: string; rememberedAt: number; lastUsedAt: number }[];
}

const lockEnd: StoredField = (value, field) => {
  if (value !== "reset") count(value, field);
};
const attempts = shape({ failures: count, rounds: count, inARow: count, lockedUntil: optional(lockEnd) });
const sentCode = shape({ hash: text, expiresAt: count });

const fields: Readonly<Record<string, StoredField>> = {
  version: count,
  user: text,
  epoch: anyText,
  totp: optional(shape({ secret: text, enabledAt: count, lastStep: count })),
  recoveryCodes: optional(shape({ salt: text, hashes: listOf(text), createdAt: count })),
  directCode: optional(
    shape({ current: optional(sentCode), sending: optional(sentCode), sentAt: count, sends: count }),
  ),
  identityProvider: optional(shape({ acr: text, at: count })),
  resetAt: optional(count),
  attempts,
  setupAttempts: optional(attempts),
  endedProofs: listOf(tuple(text, count)),
  proofsVoidUntil: count,
  browsers: listOf(shape({ id: text, hash: text, name: anyText, rememberedAt: count, lastUsedAt: count })),
  history: shape({ texts: listOf(anyText), entries: listOf(tuple(count, wholeNumber, count, count)) }),
};

/** Of sets made before salts were wrapped: 16 bytes. What is neither that nor wrapped is damaged. */
const plainSalt = /^[\w-]{22}$/;

/**
 * A record of version 1 in the stored form of version 2. What version 1 refused is refused; what it took is looked at
 * once more, as any other record of version 2.
 * @throws RecordRefused naming the field
 */
export function fromVersion1(stored: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  checkFields(stored, fields);
  const { totp, recoveryCodes, directCode, ...rest } = stored as unknown as Version1;
  if (totp === undefined && recoveryCodes !== undefined) refuse("totp", "it where there are recovery codes");
  const factors: FactorEntry[] = [];
  if (totp !== undefined) factors.push({ kind: "totp", strong: true, ...totp });
  if (recoveryCodes !== undefined) factors.push({ kind: "recovery-codes", ...withNamedSalt(recoveryCodes) });
  if (directCode !== undefined) factors.push({ kind: "sent-codes", ...directCode });
  return {
    ...rest,
    version: 2,
    factors,
    browsers: rest.browsers.map((one) => [one.id, one.hash, one.name, one.rememberedAt, one.lastUsedAt]),
  };
}

const withNamedSalt = ({ salt, ...codes }: { salt: string }) =>
  plainSalt.test(salt) ? { ...codes, plainSalt: salt } : { ...codes, salt };
