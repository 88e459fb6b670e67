import type { FactorEntry } from "../../core/factor-entry";
import { count, text, tuple, wholeNumber, type StoredField } from "../../core/shape";
import type { FactorTools } from "../factor";
import type { PublicKey } from "./public-key";

export const kind = "security-keys";

/** A key as the record holds it; the form is ours, so that no library's next version locks anybody out. */
export interface KeyEntry extends FactorEntry {
  /** The credential's own. */
  readonly id: string;
  readonly key: readonly [
    bytes: string,
    algorithm: number,
    counter: number,
    transports: number,
    backup: number,
    verified: number,
    addedAt: number,
    usedAt: number,
  ];
  readonly name: string;
  /** Over all of it, for this user and scope: whoever writes to the store makes no key of theirs one of ours. */
  readonly mac: string;
}

/** A key as the rest of the folder sees it. Times are Unix seconds. */
export interface Key extends PublicKey {
  readonly id: string;
  readonly name: string;
  readonly counter: number;
  readonly transports: readonly string[];
  /** May be copied to other devices: for the life of a key it stays what it is. */
  readonly eligible: boolean;
  /** Is copied. */
  readonly synced: boolean;
  /** It checked who holds it when it was last used. */
  readonly verified: boolean;
  readonly addedAt: number;
  /** 0: never, since it was added. */
  readonly usedAt: number;
}

export const fields: Readonly<Record<string, StoredField>> = {
  key: tuple(text, wholeNumber, count, count, count, count, count, count),
  name: text,
  mac: text,
};

/** Stored as bits; never renumbered. What a browser calls otherwise is dropped: `get` would refuse all of it. */
const knownTransports = ["usb", "nfc", "ble", "hybrid", "internal", "smart-card", "cable"];

export function keyOf({ id, key, name }: KeyEntry): Key {
  const [bytes, algorithm, counter, transports, backup, verified, addedAt, usedAt] = key;
  return {
    id,
    name,
    bytes,
    algorithm,
    counter,
    addedAt,
    usedAt,
    transports: knownTransports.filter((_, bit) => (transports & (1 << bit)) !== 0),
    eligible: backup > 0,
    synced: backup === 2,
    verified: verified === 1,
  };
}

export function entryOf(key: Key, tools: FactorTools): KeyEntry {
  const transports = knownTransports.reduce(
    (bits, name, bit) => (key.transports.includes(name) ? bits | (1 << bit) : bits),
    0,
  );
  const backup = key.eligible ? (key.synced ? 2 : 1) : 0;
  const { id, name, bytes, algorithm, counter, addedAt, usedAt } = key;
  return signed(
    {
      kind,
      id,
      strong: true,
      name,
      mac: "",
      key: [bytes, algorithm, counter, transports, backup, key.verified ? 1 : 0, addedAt, usedAt],
    },
    tools,
  );
}

const parts = ({ id, key, name }: KeyEntry): readonly string[] => [id, name, ...key.map(String)];

export const signed = (entry: KeyEntry, { sign }: FactorTools): KeyEntry => ({ ...entry, mac: sign(...parts(entry)) });

/** We have written it, for this user and scope, under one of the keys of the ring. */
export const isOurs = (entry: KeyEntry, { isSigned }: FactorTools): boolean => isSigned(entry.mac, ...parts(entry));

/** Under the first key of the ring. */
export const isCurrent = (entry: KeyEntry, tools: FactorTools): boolean => tools.sign(...parts(entry)) === entry.mac;
