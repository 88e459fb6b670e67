import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { createBase32Plugin, createCryptoPlugin, createGuardrails, generateSecret } from "@otplib/core";
import { verify } from "@otplib/totp";
import { base32nopad } from "@scure/base";
import { leastSecretBytes } from "./secret";

// otplib's parts instead of the whole: that brings two packages which only `import` can load, and Jest requires.
const crypto = createCryptoPlugin({
  name: "node:crypto",
  hmac: (algorithm, key, data) => new Uint8Array(createHmac(algorithm, key).update(data).digest()),
  randomBytes: (length) => new Uint8Array(randomBytes(length)),
  constantTimeEqual: (a, b) => {
    const [left, right] = [Buffer.from(a), Buffer.from(b)];
    return left.length === right.length && timingSafeEqual(left, right);
  },
});
const base32 = createBase32Plugin({
  name: "@scure/base",
  encode: (data) => base32nopad.encode(data),
  decode: (text) => base32nopad.decode(text.toUpperCase()),
});

/** By default otplib refuses what older libraries made. */
const guardrails = createGuardrails({ MIN_SECRET_BYTES: leastSecretBytes });

/** Time step of RFC 6238 §4, which every authenticator app assumes. */
export const stepSeconds = 30;

export interface TotpOptions {
  digits: number;
  driftSeconds: number;
}

/** `stepInWindow`: the accepted time step, to be kept as `lastStep`. */
/** As far as a clock is likely to be off, and a step is still worth looking for. */
const mostOffSeconds = 600;

/**
 * How far the clock is ahead (below 0: behind) for which a wrong code would be right; the least, up to ten minutes. It says
 * so much of a secret that only its owner may hear it.
 */
export async function clockOff(
  secret: string,
  code: string,
  { digits }: TotpOptions,
  now: number,
): Promise<number | undefined> {
  for (let off = stepSeconds; off <= mostOffSeconds; off += stepSeconds) {
    for (const seconds of [off, -off]) {
      if ((await matchTotp(secret, code, { digits, driftSeconds: 0 }, now + seconds)).is === "right") return seconds;
    }
  }
  return undefined;
}

export type TotpMatch = { is: "right"; step: number } | { is: "used" } | { is: "wrong" };

/** 160 random bits (RFC 4226 §4 R6), in base32. */
export const newTotpSecret = (): string => generateSecret({ crypto, base32, length: 20 });

/**
 * Compares a code of the right shape with all steps within the drift (RFC 6238 §5.2).
 * A step at or below `lastStep` is `used`, also where the clock was set back and every step in reach is.
 */
export async function matchTotp(
  secret: string,
  code: string,
  { digits, driftSeconds }: TotpOptions,
  now: number,
  lastStep = -1,
): Promise<TotpMatch> {
  const asked = {
    secret,
    token: code,
    digits: digits as 6 | 7 | 8,
    period: stepSeconds,
    epoch: now,
    epochTolerance: driftSeconds,
    crypto,
    base32,
    guardrails,
  };
  const newestStep = Math.floor((now + driftSeconds) / stepSeconds);
  // otplib throws where the stored step is ahead of its window, so it is not asked then.
  if (lastStep < newestStep) {
    const fresh = await verify({ ...asked, ...(lastStep >= 0 && { afterTimeStep: lastStep }) });
    if (fresh.valid && "timeStep" in fresh) return { is: "right", step: fresh.timeStep };
  }
  return { is: (await verify(asked)).valid ? "used" : "wrong" };
}
