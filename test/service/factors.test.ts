import { describe, expect, test } from "vitest";
import { defineFactor } from "../../src/factors/factor";
import { blankRecord } from "../../src/core/record";
import { ada, startService } from "./support";

const { factors } = startService({
  sendTwoFactorAuthenticationCode: async () => undefined,
  directOtpLength: 8,
}).service;
const kindsThatRead = (code: unknown, from = factors) => [...(from.read({ code })?.keys() ?? [])];

describe("what a form brings", () => {
  test("is read by each kind whose code it can be", () => {
    expect(kindsThatRead("012345")).toEqual(["totp"]);
    expect(kindsThatRead("01234567")).toEqual(["sent-codes"]);
    expect(kindsThatRead("abcd-2345-efgh-67wx")).toEqual(["recovery-codes"]);
    expect(kindsThatRead("012 345", startService().service.factors)).toEqual(["totp", "sent-codes"]);
    expect(factors.read({ code: "abcd-2345-efgh-67wx" })?.get("recovery-codes")).toBe("ABCD2345EFGH67WX");
  });

  test.each([
    ["too few digits", "01234"],
    ["digits of another length", "0123456"],
    ["letters that are none of base32", "ABCD-2345-EFGH-6701"],
    ["fifteen characters of base32", "ABCD-2345-EFGH-67W"],
    ["nothing", ""],
    ["a number", 12_345],
    ["a list", ["012345"]],
    ["nothing of that name", undefined],
  ])("is malformed, not wrong, where it is %s", (_, code) => {
    expect(factors.read({ code })).toBeUndefined();
    expect(factors.read({ code, other: "012345" })).toBeUndefined();
  });
});

/** Remembers what it was told of both words that it asks to be hashed under one salt. */
const twoWords = (hashes: string[][]) =>
  defineFactor<{ kind: string }, string>({
    kind: "two-words",
    method: "two-words",
    rank: "backup",
    isGuessable: true,
    fields: {},
    read: ({ code }) => code,
    async check(_, code, { slowHash }) {
      hashes.push(await Promise.all([slowHash(code, "salt"), slowHash(`${code}2`, "salt"), slowHash(code, "other")]));
      return { is: "wrong" };
    },
    describe: () => ({}),
  });

describe("the slow hash", () => {
  test("is of this text and this salt, and the same again in the same submission", async () => {
    const hashes: string[][] = [];
    const { service } = startService({ factors: [twoWords(hashes)] });
    const record = { ...blankRecord(ada.key, "epoch"), factors: [{ kind: "two-words" }] };
    const presented = service.factors.read({ code: "word" });
    if (presented === undefined) throw new Error("It was not read.");
    const judging = { now: 1_777_593_600, hashed: new Map() };
    for (let times = 0; times < 2; times += 1) {
      await service.factors.verdictsOf(ada, record, presented, service.factors.kinds, judging);
    }
    expect(hashes[1]).toEqual(hashes[0]);
    expect(new Set(hashes[0]).size).toBe(3);
  });
});
