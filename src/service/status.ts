import { lockOf, type Lock } from "../core/attempts";
import { liveBrowsers } from "../core/browsers";
import { hasLiveCode, sendingLimitedUntil, type SendingPolicy } from "../core/direct-code";
import type { TwoFactorRecord } from "../core/record";

/** What may be told of a user's second factor: no secret, no hash. Dates are `Date`s, for hosts and JSON alike. */
export interface TwoFactorStatus {
  /** An authenticator is set up and confirmed. */
  enabled: boolean;
  enabledAt?: Date;
  locked: boolean;
  /** Absent while locked: only an unlock or a reset ends it. */
  lockedUntil?: Date;
  methods: readonly ("totp" | "recovery-code" | "direct-code")[];
  recoveryCodesRemaining: number;
  /** Present while codes are sent more rarely, because too many in a row were asked for and never used. */
  sending?: { limitedUntil: Date };
  browsers: readonly { id: string; name: string; rememberedAt: Date; lastUsedAt: Date }[];
  /** The last time that the identity provider proved a second factor (`tfa.satisfy`). */
  identityProvider?: { acr: string; at: Date };
  /** Newest first, at most 20. */
  activity: readonly { type: string; at: Date; ip?: string; browser?: string }[];
}

const date = (seconds: number): Date => new Date(seconds * 1000);

export function statusOf(
  record: TwoFactorRecord | undefined,
  settings: SendingPolicy & { rememberOtpSessionForSeconds: number },
  now: number,
): TwoFactorStatus {
  const limitedUntil = sendingLimitedUntil(record?.directCode, settings, now);
  const lock: Lock | undefined = record && lockOf(record.attempts, now);
  const remaining = record?.recoveryCodes?.hashes.length ?? 0;
  return {
    enabled: record?.totp !== undefined,
    ...(record?.totp && { enabledAt: date(record.totp.enabledAt) }),
    locked: lock !== undefined,
    ...(lock?.until !== undefined && { lockedUntil: date(lock.until) }),
    methods: [
      ...(record?.totp ? (["totp"] as const) : []),
      ...(remaining > 0 ? (["recovery-code"] as const) : []),
      ...(hasLiveCode(record?.directCode, now) ? (["direct-code"] as const) : []),
    ],
    recoveryCodesRemaining: remaining,
    ...(limitedUntil !== undefined && { sending: { limitedUntil: date(limitedUntil) } }),
    browsers: liveBrowsers(record?.browsers ?? [], settings.rememberOtpSessionForSeconds, now).map(
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
