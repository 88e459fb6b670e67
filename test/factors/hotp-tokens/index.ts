import { createHmac, timingSafeEqual } from "node:crypto";
import { count, defineFactor, text, type FactorEntry } from "express-two-factor/factors";

/** Hardware tokens with a button (RFC 4226), which an administrator hands out. */
interface HotpEntry extends FactorEntry {
  readonly id: string;
  /** Sealed. */
  readonly secret: string;
  /** The next counter that can be right (RFC 4226 §7.2): no code is good twice. */
  readonly next: number;
  readonly addedAt: number;
}

/** Presses of the button that did not reach us (RFC 4226 §7.4). */
const lookAhead = 10;

/** RFC 4226 §5.3. */
function hotp(key: Buffer, counter: number, digits: number): string {
  const moving = Buffer.alloc(8);
  moving.writeBigUInt64BE(BigInt(counter));
  const hash = createHmac("sha1", key).update(moving).digest();
  const offset = (hash[19] ?? 0) & 0xf;
  const binary = hash.readUInt32BE(offset) & 0x7fffffff;
  return String(binary % 10 ** digits).padStart(digits, "0");
}

const isSame = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(a), Buffer.from(b));

export const hotpTokens = ({ digits = 6 } = {}) =>
  defineFactor<HotpEntry, string>({
    kind: "hotp-tokens",
    method: "hotp-token",
    rank: "strong",
    many: true,
    isGuessable: true,
    digits,
    words: {
      en: { name: "Hardware token", hint: `Press the button on your token and type its ${digits} digits.` },
      fr: { name: "Jeton matériel", hint: `Appuyez sur le bouton du jeton et saisissez ses ${digits} chiffres.` },
    },
    fields: { secret: text, next: count, addedAt: count },
    read: ({ code }) => (code !== undefined && code.length === digits && /^[0-9]+$/.test(code) ? code : undefined),

    async check(entry, code, { open }) {
      const key = Buffer.from(await open(entry.secret), "base64");
      const counters = Array.from({ length: lookAhead }, (_, ahead) => entry.next + ahead);
      const counter = counters.find((candidate) => isSame(hotp(key, candidate, digits), code));
      return counter === undefined ? { is: "wrong" } : { is: "right", left: { ...entry, next: counter + 1 } };
    },

    describe: ({ id, addedAt }) => ({ name: id, addedAt }),

    sealed: {
      isCurrent: ({ secret }, tools) => tools.isCurrent(secret),
      needsOldKey: ({ secret }, tools) => tools.needsOldKey(secret),
      open: ({ secret }, tools) => tools.open(secret),
      renewed: async (entry, { open, seal }) => ({ ...entry, secret: await seal(await open(entry.secret)) }),
    },

    async assign(details, { seal, now }) {
      const { serial, secret, counter = 0 } = details as { serial?: unknown; secret?: unknown; counter?: unknown };
      if (typeof serial !== "string" || !/^[\w-]{1,40}$/.test(serial))
        throw new TypeError("`serial` is no serial number");
      if (!(secret instanceof Uint8Array) || secret.length < 16)
        throw new TypeError("`secret` has fewer than 128 bits");
      if (!Number.isSafeInteger(counter)) throw new TypeError("`counter` is no whole number");
      const kept = { secret: await seal(Buffer.from(secret).toString("base64")), next: Number(counter), addedAt: now };
      return { kind: "hotp-tokens", id: serial, strong: true, ...kept };
    },
  });
