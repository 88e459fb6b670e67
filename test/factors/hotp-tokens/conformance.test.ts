import type { Factor, FactorEntry } from "express-two-factor/factors";
import { factorConformance, type FactorUnderTest } from "express-two-factor/factors/conformance";
import { describe, expect, test } from "vitest";
import { recoveryCodes } from "../../../src/factors/recovery-codes";
import { totp } from "../../../src/factors/totp";
import { rfcCode, rfcSecret } from "../reference";
import { hotpTokens } from "./index";
import { rfc4226Codes, rfc4226Secret } from "./rfc4226";

const under = (change: Partial<Factor> = {}): FactorUnderTest => {
  const factor = hotpTokens();
  return {
    factor: { ...factor, ...change } as Factor,
    entry: async (tools) => {
      const entry = await factor.assign?.({ serial: "T-1", secret: rfc4226Secret }, tools);
      if (entry === undefined) throw new Error("It is not handed out.");
      return entry;
    },
    right: (nth) => ({ code: rfc4226Codes[nth] }),
    wrong: { code: "000000" },
  };
};

describe("hardware tokens, a kind from outside", () => {
  test.each(factorConformance)("$name", async ({ run }) => run(() => under()));
});

describe("the kinds that are always there keep what the kit asks of any", () => {
  test.each(factorConformance)("authenticator: $name", async ({ run }) => {
    const factor = totp({ otpLength: 6, allowedOtpDriftSeconds: 30 });
    const step = Math.floor(1_777_593_600 / 30);
    await run(() => ({
      factor,
      entry: async (tools) => {
        const made = await factor.setUp?.confirm(rfcSecret, rfcCode(step - 1), tools);
        if (made?.is !== "right") throw new Error("It was not set up.");
        return made.entry;
      },
      right: (nth) => ({ code: rfcCode(step + nth) }),
      wrong: { code: rfcCode(step + 100) },
    }));
  });

  test.each(factorConformance)("recovery codes: $name", async ({ run }) => {
    const factor = recoveryCodes({ count: 2 });
    let texts: readonly string[] = [];
    await run(() => ({
      factor,
      entry: async (tools) => {
        const issued = await factor.issue?.(tools);
        texts = issued?.texts ?? [];
        return issued?.entry as FactorEntry;
      },
      right: (nth) => ({ code: texts[nth] }),
      wrong: { code: "AAAA-AAAA-AAAA-AAAA" },
    }));
  });
});

describe("the kit finds a kind that", () => {
  const { check } = hotpTokens();
  const broken = async (change: Partial<Factor>) => {
    const failed: string[] = [];
    for (const { name, run } of factorConformance) {
      await run(() => under(change)).catch(() => failed.push(name));
    }
    return failed;
  };
  const changed = (change: (verdict: Awaited<ReturnType<Factor["check"]>>, entry: FactorEntry) => object) =>
    broken({
      check: async (entry, input, tools) =>
        change(await check(entry, input, tools), entry) as Awaited<ReturnType<Factor["check"]>>,
    });

  test("keeps its promises, in none of them", async () => {
    expect(await broken({})).toEqual([]);
  });

  test.each<[string, () => Promise<string[]>]>([
    [
      "spends nothing",
      () => changed((verdict, entry) => ({ ...verdict, ...(verdict.is === "right" && { left: entry }) })),
    ],
    ["counts nothing", () => broken({ isGuessable: false })],
    [
      "accepts twice",
      () =>
        changed((verdict, entry) =>
          verdict.is === "right"
            ? { is: "right", left: { ...verdict.left, next: 0, addedAt: entryTime(entry) + 1 } }
            : verdict,
        ),
    ],
    ["loses state in the stored form", () => broken({ upgrade: (stored) => ({ ...stored, next: 0 }) as FactorEntry })],
    ["accepts anything", () => changed((_, entry) => ({ is: "right", left: { ...entry, next: 9 } }))],
    ["says that it is strong, and is not", () => broken({ rank: "weak" })],
    [
      "takes fields that it does not know",
      () => broken({ fields: { secret: () => undefined, next: () => undefined, addedAt: () => undefined } }),
    ],
    ["throws at what people type", () => broken({ read: ({ code }) => (code ?? null)!.slice(0, 6) })],
    ["tells its secret", () => broken({ describe: (entry) => ({ name: JSON.stringify(entry) }) })],
    ["says nothing of old keys", () => broken({ sealed: { ...hotpTokens().sealed!, needsOldKey: () => false } })],
    ["opens for anybody", () => broken({ check: (entry, input) => check(entry, input, openEverywhere) })],
  ])("%s", async (_, run) => {
    expect(await run()).not.toEqual([]);
  });
});

const entryTime = (entry: FactorEntry): number => (entry as unknown as { addedAt: number }).addedAt;
const openEverywhere = { open: async () => rfc4226Secret.toString("base64") } as never;
