import { liveBrowsers } from "../core/browsers";
import { isUntouched } from "../core/enrolment";
import { entriesOf, entryId, isEnrolled, type FactorEntry } from "../core/factor-entry";
import { anyLock } from "../core/attempts";
import { recoveryOf } from "../core/recovery";
import type { LaneName } from "../events";
import type { TwoFactorRecord } from "../core/record";
import type { FactorSet } from "./factors";

/** What may be told of a user's second factor: no secret, no hash. Dates are `Date`s, for hosts and JSON alike. */
export interface TwoFactorStatus {
  /** Something strong is set up and confirmed: an authenticator app, or what the option `factors` brings. */
  enabled: boolean;
  enabledAt?: Date;
  /** Nothing is enabled, and something was reset, turned off or proven here before: `tfa.adopt` takes nothing over. */
  adoptable?: false;
  /** Codes are refused from some browsers. */
  locked: boolean;
  /** Absent while locked: only an unlock or a reset ends it. */
  lockedUntil?: Date;
  /** From which browsers: those that are not known, or only a known one; `until` as `lockedUntil`. */
  lock?: { lane: LaneName; until?: Date };
  /** What a code can be given of just now, such as `totp`, `recovery-code`, `direct-code`. */
  methods: readonly string[];
  /** Each by itself; `id` is what `removeFactor` takes. */
  factors: readonly FactorStatus[];
  /** Security keys and passkeys, where the host has loaded them; `id` is what `removeKey` takes. */
  keys?: readonly KeyStatus[];
  recoveryCodesRemaining: number;
  /** Somebody with the password has asked for a new second step. `readyAt`: it is confirmed, and opens then. */
  recovery?: { requestedAt: Date; readyAt?: Date };
  /** Present while codes are sent more rarely, because too many in a row were asked for and never used. */
  sending?: { limitedUntil: Date };
  browsers: readonly { id: string; name: string; rememberedAt: Date; lastUsedAt: Date }[];
  /** The last time that the identity provider proved a second factor (`tfa.satisfy`). */
  identityProvider?: { acr: string; at: Date };
  /** Newest first, at most 20. */
  activity: readonly { type: string; at: Date; ip?: string; browser?: string }[];
}

export interface FactorStatus {
  id: string;
  kind: string;
  name?: string;
  addedAt?: Date;
  lastUsedAt?: Date;
  /** Of what is used up by use. */
  remaining?: number;
  /** It serves, but its key is shorter than those made today. */
  replaceAdvised?: true;
}

export interface KeyStatus {
  id: string;
  name: string;
  addedAt: Date;
  /** Absent: never, since it was added. */
  lastUsedAt?: Date;
  /** There are copies of it on the user's other devices. */
  synced: boolean;
  /** It has checked who holds it, when it was last used. */
  userVerified: boolean;
}

const date = (seconds: number): Date => new Date(seconds * 1000);

export function statusOf(
  record: TwoFactorRecord | undefined,
  factors: FactorSet,
  rememberForSeconds: number,
  now: number,
): TwoFactorStatus {
  const [sent] = entriesOf(record, factors.sent.kind);
  const limitedUntil = factors.sent.delivery.limitedUntil(sent, now);
  const lock = anyLock(record, now);
  const since = factors.strongSince(record);
  return {
    enabled: isEnrolled(record),
    ...(since !== undefined && { enabledAt: date(since) }),
    ...(!isEnrolled(record) && !isUntouched(record) && { adoptable: false as const }),
    locked: lock !== undefined,
    ...(lock?.until !== undefined && { lockedUntil: date(lock.until) }),
    ...(lock && { lock: { lane: lock.lane, ...(lock.until !== undefined && { until: date(lock.until) }) } }),
    methods: factors.usable(record, now).map(({ method }) => method),
    factors: factorsOf(record, factors),
    ...(factors.asked && { keys: keysOf(record, factors) }),
    recoveryCodesRemaining: factors.backupsLeft(record),
    ...recoveryTold(record, now),
    ...(limitedUntil !== undefined && { sending: { limitedUntil: date(limitedUntil) } }),
    browsers: liveBrowsers(record?.browsers ?? [], rememberForSeconds, now).map(
      ({ id, name, rememberedAt, lastUsedAt }) => ({
        id,
        name,
        rememberedAt: date(rememberedAt),
        lastUsedAt: date(lastUsedAt),
      }),
    ),
    ...(record?.identityProvider && {
      identityProvider: { acr: record.identityProvider.acr, at: date(record.identityProvider.at) },
    }),
    activity: (record?.history ?? [])
      .map(([type, at, ip, browser]) => ({ type, at: date(at), ...(ip && { ip }), ...(browser && { browser }) }))
      .reverse(),
  };
}

function recoveryTold(record: TwoFactorRecord | undefined, now: number): Pick<TwoFactorStatus, "recovery"> {
  const live = recoveryOf(record, now);
  if (live === undefined) return {};
  const { requestedAt, readyAt } = live.recovery;
  return { recovery: { requestedAt: date(requestedAt), ...(readyAt !== undefined && { readyAt: date(readyAt) }) } };
}

const factorsOf = (record: TwoFactorRecord | undefined, factors: FactorSet): readonly FactorStatus[] =>
  (record?.factors ?? []).map((entry) => {
    const { name, addedAt, lastUsedAt, remaining, replaceAdvised } =
      factors.byKind.get(entry.kind)?.describe(entry) ?? {};
    return {
      id: entryId(entry),
      kind: entry.kind,
      ...(name !== undefined && { name }),
      ...(addedAt !== undefined && { addedAt: date(addedAt) }),
      ...(lastUsedAt !== undefined && { lastUsedAt: date(lastUsedAt) }),
      ...(remaining !== undefined && { remaining }),
      ...(replaceAdvised && { replaceAdvised }),
    };
  });

export const keysOf = (record: TwoFactorRecord | undefined, factors: FactorSet): readonly KeyStatus[] =>
  factors.asked === undefined ? [] : entriesOf(record, factors.asked.kind).map((entry) => keyOf(entry, factors));

export function keyOf(entry: FactorEntry, { asked }: FactorSet): KeyStatus {
  const { name = "", addedAt = 0, lastUsedAt, synced = false, userVerified = false } = asked?.describe(entry) ?? {};
  return {
    id: entry.id ?? "",
    name,
    addedAt: date(addedAt),
    ...(lastUsedAt !== undefined && { lastUsedAt: date(lastUsedAt) }),
    synced,
    userVerified,
  };
}
