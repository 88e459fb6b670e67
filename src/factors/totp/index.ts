import type { FactorEntry } from "../../core/factor-entry";
import { count, onlyTrue, optional, text } from "../../core/shape";
import { defineFactor } from "../factor";
import { otpauthUri } from "./key-uri";
import { clockOff, matchTotp, newTotpSecret } from "./match";
import { readSecret } from "./secret";

interface TotpEntry extends FactorEntry {
  /** Sealed. */
  readonly secret: string;
  readonly enabledAt: number;
  /** The last accepted time step (RFC 6238 §5.2: at most once). */
  readonly lastStep: number;
  /** The key has less than 128 bits (RFC 4226 §4 R6): another library made it. */
  readonly isShort?: true;
}

export interface TotpOptions {
  otpLength: number;
  allowedOtpDriftSeconds: number;
}

const kind = "totp";

/** The authenticator app (RFC 6238). */
export function totp({ otpLength, allowedOtpDriftSeconds }: TotpOptions) {
  const window = { digits: otpLength, driftSeconds: allowedOtpDriftSeconds };
  const isCode = new RegExp(`^[0-9]{${otpLength}}$`);

  async function hintOf(secret: string, code: string, now: number): Promise<{ clockOffSeconds?: number }> {
    const clockOffSeconds = await clockOff(secret, code, window, now);
    return clockOffSeconds === undefined ? {} : { clockOffSeconds };
  }

  return defineFactor<TotpEntry, string>({
    kind,
    method: "totp",
    rank: "strong",
    isGuessable: true,
    digits: otpLength,
    fields: { secret: text, enabledAt: count, lastStep: count, isShort: optional(onlyTrue) },
    read: ({ code }) => (code !== undefined && isCode.test(code) ? code : undefined),

    async check(entry, code, { open, now, mayHint }) {
      const secret = await open(entry.secret);
      const match = await matchTotp(secret, code, window, now, entry.lastStep);
      if (match.is === "right") return { is: "right", left: { ...entry, lastStep: match.step } };
      return match.is === "wrong" && mayHint ? { ...match, ...(await hintOf(secret, code, now)) } : match;
    },

    describe: ({ enabledAt, isShort }) => ({ addedAt: enabledAt, ...(isShort && { replaceAdvised: true }) }),

    sealed: {
      isCurrent: ({ secret }, tools) => tools.isCurrent(secret),
      needsOldKey: ({ secret }, tools) => tools.needsOldKey(secret),
      open: ({ secret }, tools) => tools.open(secret),
      renewed: async (entry, { open, seal }) => ({ ...entry, secret: await seal(await open(entry.secret)) }),
    },

    setUp: {
      newSecret: newTotpSecret,
      uri: (secret, { issuer, account }) => otpauthUri(secret, issuer, account, otpLength),
      async confirm(secret, code, { seal, now }) {
        const match = await matchTotp(secret, code, window, now);
        // Whoever sets up was shown the secret.
        if (match.is !== "right") return { is: "wrong", ...(await hintOf(secret, code, now)) };
        const kept = { secret: await seal(secret), enabledAt: now, lastStep: match.step };
        return { is: "right", entry: { kind, strong: true, ...kept } };
      },

      async adopt(given, { seal, now }) {
        const read = readSecret(given);
        if ("why" in read) throw new TypeError(read.why);
        const kept = { secret: await seal(read.secret), enabledAt: now, lastStep: 0 };
        return { kind, strong: true, ...kept, ...(read.isShort && { isShort: true }) };
      },
    },
  });
}
