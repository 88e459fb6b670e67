import { expect, test } from "vitest";
import { blankRecord } from "../../src/core/record";
import { statusOf } from "../../src/service/status";
import { enrolledRecord, now, userKey } from "../core/records";
import { startService } from "./support";

const { factors } = startService().service;
const date = (seconds: number) => new Date(seconds * 1000);

test("nothing is told of somebody without a record, or after a reset, but that there is nothing", () => {
  const nothing = {
    enabled: false,
    locked: false,
    methods: [],
    recoveryCodesRemaining: 0,
    factors: [],
    browsers: [],
    activity: [],
  };
  expect(statusOf(undefined, factors, 60, now)).toEqual(nothing);
  expect(statusOf(blankRecord(userKey, ""), factors, 60, now)).toEqual(nothing);
});

test("a status tells what is enabled, and no secret, hash or token", () => {
  const record = enrolledRecord({
    attempts: { failures: 0, rounds: 1, inARow: 3, lockedUntil: now + 60 },
    browsers: [
      { id: "b-1", hash: "hash-of-b-1", name: "Firefox on Linux", rememberedAt: now - 30, lastUsedAt: now - 10 },
      { id: "b-2", hash: "hash-of-b-2", name: "Safari on iOS", rememberedAt: now - 60, lastUsedAt: now - 10 },
    ],
    history: [
      ["enabled", now - 100, "", ""],
      ["locked", now, "2001:db8::1", "Firefox on Linux"],
    ],
  });
  expect(statusOf(record, factors, 60, now)).toEqual({
    enabled: true,
    enabledAt: date(now),
    locked: true,
    lockedUntil: date(now + 60),
    lock: { lane: "unknown-browsers", until: date(now + 60) },
    methods: ["totp", "recovery-code"],
    recoveryCodesRemaining: 2,
    factors: [
      { id: "totp", kind: "totp", addedAt: date(now) },
      { id: "recovery-codes", kind: "recovery-codes", addedAt: date(now), remaining: 2 },
    ],
    browsers: [{ id: "b-1", name: "Firefox on Linux", rememberedAt: date(now - 30), lastUsedAt: date(now - 10) }],
    activity: [
      { type: "locked", at: date(now), ip: "2001:db8::1", browser: "Firefox on Linux" },
      { type: "enabled", at: date(now - 100) },
    ],
  });
});

test("a lock that only a reset ends has no end, and one that is over is none", () => {
  const locked = (lockedUntil: number | "reset") =>
    statusOf(enrolledRecord({ attempts: { failures: 0, rounds: 1, inARow: 3, lockedUntil } }), factors, 60, now);
  expect(locked("reset")).toMatchObject({ locked: true });
  expect(locked("reset")).not.toHaveProperty("lockedUntil");
  expect(locked(now)).toMatchObject({ locked: false });
});
