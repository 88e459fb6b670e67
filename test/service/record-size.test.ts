import { entryFor } from "../factors/security-keys/support";
import { SoftKey } from "../support/soft-key";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withHistory } from "../../src/core/history";
import { issueProof, withProofEnded } from "../../src/core/proof";
import { recordText } from "../../src/core/record-text";
import { subjectOf } from "../../src/core/user-id";
import type { EventOrigin, TwoFactorEventType } from "../../src/events";
import { historyEntry } from "../../src/service/announce";
import { code, enrolAda, later, recoveryCodesIn, startService, stopClock, stored, totpOf } from "./support";

beforeEach(() => stopClock());
afterEach(() => {
  vi.useRealTimers();
});

const user = subjectOf("user", "3f2b8c1e-9d4a-4c57-8e61-0a7b5d2c9f38");
const origins: EventOrigin[] = [
  {
    ip: "2001:db8:85a3:1234:5678:8a2e:370:7334",
    userAgent:
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
  },
  {
    ip: "2001:db8:4f2c:9b01:a1b2:c3d4:e5f6:1d07",
    userAgent:
      "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
  },
];
const types: TwoFactorEventType[] = ["challenge-passed", "challenge-failed", "challenge-passed", "recovery-code-used"];

/** Somebody who has used it for months: ten recovery codes, two browsers, twenty entries of history, some logouts. */
async function typical(logouts: number) {
  const rig = startService({ recoveryCodes: { count: 10 } });
  const { secret } = await enrolAda(rig, user);
  for (const [offset, origin] of origins.entries()) {
    // The first of them is the one that has set it up.
    const lane = offset === 0 ? (await stored(rig.store, user))?.knownBrowsers?.[0]?.hash : undefined;
    const by = code(totpOf(secret, offset), { ...(lane !== undefined && { lane }) });
    await rig.service.submissions.submitAndRemember(user, by, origin, undefined);
  }
  let record = await stored(rig.store, user);
  if (record === undefined) throw new Error("There is no record.");
  for (let index = 0; index < 20; index += 1) {
    later(86_400);
    const [type, origin] = [types[index % types.length], origins[index % 5 === 0 ? 1 : 0]] as [
      TwoFactorEventType,
      EventOrigin,
    ];
    record = { ...record, history: withHistory(record.history, historyEntry(type, origin, rig.service.clock())) };
  }
  for (let index = 0; index < logouts; index += 1) {
    later(86_400);
    const proof = { id: `${String(index).padStart(8, "x")}-id`, method: "totp", at: rig.service.clock() } as const;
    record = withProofEnded(record, issueProof(record, proof, rig.service.clock()));
  }
  return { record, bytes: Buffer.byteLength(recordText(record)) };
}

test("a typical record is at most 2 KiB: twenty entries of history, ten recovery codes, two browsers, many logouts", async () => {
  const { record, bytes } = await typical(30);
  expect(record.history).toHaveLength(20);
  expect(recoveryCodesIn(record)?.hashes).toHaveLength(10);
  expect(record.browsers).toHaveLength(2);
  expect(record.knownBrowsers).toHaveLength(2);
  expect(record.endedProofs).toHaveLength(12);
  expect(bytes).toBeLessThanOrEqual(2048);
});

test("with two ES256 keys that were used, ten recovery codes, two browsers and all the logouts that it keeps, it is at most 2,560 bytes", async () => {
  const { record } = await typical(30);
  expect(record.endedProofs).toHaveLength(12);
  const keys = await Promise.all([
    entryFor(new SoftKey({ idBytes: 32, counter: 1_234_567 })),
    entryFor(new SoftKey({ idBytes: 32, flags: { eligible: true, synced: true } })),
  ]);
  // As long as real ones: the tools of that support sign for show, and "not used yet" is short.
  const signed = keys.map((entry) => ({
    ...entry,
    mac: "m".repeat(43),
    key: [...entry.key.slice(0, -1), entry.key[6]],
  }));
  const handle = "h".repeat(43);
  const browsers = record.browsers.map((browser) => ({ ...browser, resistant: true as const }));
  const used = { ...record, handle, browsers, factors: [...record.factors, ...signed] };
  expect(Buffer.byteLength(recordText(used))).toBeLessThanOrEqual(2560);
});
