import { liveCode, withCodeUsed } from "../core/direct-code";
import type { Subject } from "../core/user-id";
import type { Factor } from "./factor";

/** A code sent by mail or SMS. `matches` compares its keyed hash in constant time. */
export const directCodeFactor = (matches: (subject: Subject, code: string, hash: string) => boolean): Factor => ({
  async check(subject, { directCode }, shape, now) {
    if (directCode === undefined || !shape.directCode) return undefined;
    const live = liveCode(directCode, (hash) => matches(subject, shape.code, hash), now);
    if (live === undefined) return { is: "wrong" };
    return {
      is: "right",
      method: "direct-code",
      spend: (record) => ({ ...record, directCode: withCodeUsed(directCode) }),
    };
  },
});
