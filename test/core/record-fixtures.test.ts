import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { memoryStore, twoFactor } from "../../src";
import { lockOf } from "../../src/core/attempts";
import { entriesOf, isEnrolled } from "../../src/core/factor-entry";
import { parseRecord, recordText } from "../../src/core/record-text";
import { kinds } from "./records";

interface Fixture {
  userKey: string;
  /** Unix seconds: when it was written. */
  at: number;
  secret?: string;
  recoveryCodes?: string[];
  text: string;
}

/** Texts as the software wrote them on 2026-11-25, with everything in them that a record can hold. They stay as they are. */
const { records } = JSON.parse(readFileSync(join(__dirname, "fixtures", "records-version-1.json"), "utf8")) as {
  records: Record<string, Fixture>;
};

const read = (name: string) => {
  const { text, userKey } = records[name]!;
  return parseRecord(text, userKey, kinds);
};

describe("stored records of version 1", () => {
  test.each(Object.keys(records))("%s: is read, and read again as it was once written", (name) => {
    const record = read(name);
    expect(parseRecord(recordText(record), record.user, kinds)).toEqual(record);
  });

  test("mean what they meant", () => {
    const [authenticator] = entriesOf(read("just enrolled"), "totp");
    expect(authenticator).toMatchObject({ strong: true, enabledAt: 1_777_593_660, lastStep: 59_253_122 });
    const used = read("months of use, locked");
    expect(kinds.get("recovery-codes")?.describe(entriesOf(used, "recovery-codes")[0]!).remaining).toBe(9);
    expect(used.browsers.map(({ name }) => name)).toEqual(["Firefox on Linux", "Safari on iOS"]);
    expect(used.endedProofs).toHaveLength(3);
    expect(used.history.map(([type]) => type)).toContain("recovery-code-used");
    expect(lockOf(used.attempts, records["months of use, locked"]!.at)).toEqual({ until: 1_777_597_710 });
    expect(lockOf(read("locked until reset").attempts, Number.MAX_SAFE_INTEGER)).toEqual({});
    for (const name of ["a tombstone", "turned off"]) {
      expect(isEnrolled(read(name))).toBe(false);
      expect(read(name).epoch).toMatch(/^[\w-]{22}$/);
    }
  });

  test("are told by `status`, and ended by `reset`", async () => {
    const store = memoryStore();
    const tfa = twoFactor({
      issuer: "EventHub",
      store,
      otpSecretEncryptionKey: "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=",
    });
    const { text, userKey } = records["months of use, locked"]!;
    await store.compareAndSet(userKey, undefined, { record: text, revision: "1" });
    expect(await tfa.status("ada")).toMatchObject({ enabled: true, recoveryCodesRemaining: 9 });
    await tfa.reset("ada", { reason: "test", by: "test" });
    expect(await tfa.status("ada")).toMatchObject({ enabled: false, recoveryCodesRemaining: 0 });
  });
});
