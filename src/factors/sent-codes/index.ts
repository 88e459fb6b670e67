import type { FactorEntry } from "../../core/factor-entry";
import { count, optional, shape, text } from "../../core/shape";
import { randomDigits } from "../../crypto/random";
import { defineFactor } from "../factor";
import {
  beginsLimit,
  deliverySeconds,
  freeSends,
  hasLiveCode,
  liveCode,
  secondsUntilResend,
  secondsUntilSentOnOpening,
  sendingLimitedUntil,
  withCodeUsed,
  withDelivery,
  withSending,
  type SendingPolicy,
  type SentCodes,
} from "./state";

interface SentCodesEntry extends FactorEntry, SentCodes {}

export interface SentCodesOptions extends SendingPolicy {
  directOtpLength: number;
}

const kind = "sent-codes";
const sentCode = shape({ hash: text, expiresAt: count });

/** Codes by mail or SMS, for those whom nothing strong protects. */
export function sentCodes(options: SentCodesOptions) {
  const { directOtpLength, directOtpValidForSeconds } = options;
  const isCode = new RegExp(`^[0-9]{${directOtpLength}}$`);

  return defineFactor<SentCodesEntry, string>({
    kind,
    method: "direct-code",
    // The name that they had before kinds had names: codes on their way while an app is updated stay good.
    signsAs: "direct-code",
    rank: "weak",
    isGuessable: true,
    digits: directOtpLength,
    fields: { current: optional(sentCode), sending: optional(sentCode), sentAt: count, sends: count },
    read: ({ code }) => (code !== undefined && isCode.test(code) ? code : undefined),
    isLive: hasLiveCode,

    async check(entry, code, { isSigned, now }) {
      const live = liveCode(entry, (hash) => isSigned(hash, code), now);
      return live === undefined ? { is: "wrong" } : { is: "right", left: { kind, ...withCodeUsed(entry) } };
    },

    describe: ({ sentAt }) => ({ lastUsedAt: sentAt }),

    delivery: {
      withinSeconds: deliverySeconds,
      secondsUntilNext: (entry, { opening }, now) =>
        (opening ? secondsUntilSentOnOpening : secondsUntilResend)(entry, options, now),
      limitedUntil: (entry, now) => sendingLimitedUntil(entry, options, now),
      newCode: () => randomDigits(directOtpLength),
      sending(entry, code, { sign, now }) {
        const sent = { hash: sign(code), expiresAt: now + directOtpValidForSeconds };
        return { kind, ...withSending(entry, sent, now) };
      },
      settled(entry, code, delivered, { isSigned }) {
        const { sending } = entry;
        if (sending === undefined || !isSigned(sending.hash, code)) return entry;
        return { kind, ...withDelivery(entry, sending.hash, delivered) };
      },
      told: (entry) => (beginsLimit(entry) ? "limited" : entry.sends <= freeSends ? "each" : "nothing"),
    },
  });
}
