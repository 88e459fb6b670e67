import type { FactorEntry } from "../../core/factor-entry";
import { groupsOfFour } from "../../core/groups-of-four";
import { count, listOf, oneOf, optional, shape, text } from "../../core/shape";
import { randomRecoveryCode, randomToken } from "../../crypto/random";
import type { UseEvent } from "../../events";
import { defineFactor, type FactorTools } from "../factor";

/** One salt a set (a guess costs one scrypt, not ten), and the hashes of the codes still unused. */
interface RecoveryCodesEntry extends FactorEntry {
  /** Wrapped for this user, so that without the key of the ring no code can be checked. */
  readonly salt?: string;
  /** In the clear, from a record of version 1; wrapped when the record is next written. */
  readonly plainSalt?: string;
  readonly hashes: readonly string[];
  readonly createdAt: number;
  /** The last code that was used, and when (Unix seconds). */
  readonly spent?: { readonly hash: string; readonly at: number };
}

export interface RecoveryCodesOptions {
  /** Codes of a set. */
  count: number;
}

const kind = "recovery-codes";

/** For so long the last code is known as used: an impatient second and third click are no guesses that lock their owner out. */
const clicksSeconds = 60;

/** At this many or fewer the user is warned. */
const fewRecoveryCodes = 3;

/** NIST SP 800-63B-4 §3.1.1.2 asks for 32 bits; the user is hashed along, so only sets of one user must differ by it. */
const saltBytes = 6;

/** A salt in the clear names no key, so what the user has of strong factors must open: else the set is another app's. */
async function saltOf({ salt, plainSalt }: RecoveryCodesEntry, tools: FactorTools): Promise<string> {
  if (plainSalt === undefined) return tools.unwrap(salt ?? "");
  await tools.strongOpens();
  return plainSalt;
}

const justSpent = ({ spent }: RecoveryCodesEntry, now: number): string | undefined =>
  spent !== undefined && Math.abs(now - spent.at) <= clicksSeconds ? spent.hash : undefined;

/** The printed codes, each good once in place of the factor that is lost. */
export const recoveryCodes = ({ count: howMany }: RecoveryCodesOptions) =>
  defineFactor<RecoveryCodesEntry, string>({
    kind,
    method: "recovery-code",
    rank: "backup",
    // 80 bits: what a lock would stop is the owner alone.
    isGuessable: false,
    isCostly: true,
    fields: {
      salt: optional(text),
      plainSalt: optional(text),
      hashes: listOf(text),
      createdAt: count,
      spent: optional(shape({ hash: text, at: count })),
    },
    whole: oneOf("salt", "plainSalt"),
    read: ({ code }) => (code !== undefined && /^[A-Z2-7]{16}$/.test(code) ? code : undefined),
    isLive: (entry, now) => entry.hashes.length > 0 || justSpent(entry, now) !== undefined,

    async check(entry, code, tools) {
      const hashed = await tools.slowHash(code, await saltOf(entry, tools));
      // Compared as hashes of 80 random bits: how long that takes tells nothing about a code.
      if (!entry.hashes.includes(hashed)) return { is: hashed === justSpent(entry, tools.now) ? "used" : "wrong" };
      const hashes = entry.hashes.filter((kept) => kept !== hashed);
      const left = { ...entry, hashes, spent: { hash: hashed, at: tools.now } };
      return { is: "right", left, events: eventsOf(hashes.length) };
    },

    describe: ({ hashes, createdAt }) => ({
      addedAt: createdAt,
      remaining: hashes.length,
      low: hashes.length <= fewRecoveryCodes,
    }),

    sealed: {
      isCurrent: ({ salt }, tools) => salt !== undefined && tools.isWrapCurrent(salt),
      needsOldKey: ({ salt }, tools) => salt !== undefined && tools.wrapNeedsOldKey(salt),
      open: saltOf,
      async renewed(entry, tools) {
        const { plainSalt: _, ...kept } = entry;
        return { ...kept, salt: tools.wrap(await saltOf(entry, tools)) };
      },
    },

    async issue({ slowHash, wrap, now }) {
      const codes = Array.from({ length: howMany }, randomRecoveryCode);
      const salt = randomToken(saltBytes);
      const hashes = await Promise.all(codes.map((code) => slowHash(code, salt)));
      const entry = { kind, salt: wrap(salt), hashes, createdAt: now };
      return { entry, texts: codes.map((code) => groupsOfFour(code, "-")) };
    },
  });

const eventsOf = (remaining: number): readonly UseEvent[] => [
  { type: "recovery-code-used", remaining },
  ...(remaining <= fewRecoveryCodes ? [{ type: "recovery-codes-low", remaining } as const] : []),
];
