import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { TwoFactorEvent } from "../../src/events";
import { createAnnounce, eventChannel, historyEntry } from "../../src/service/announce";
import { memoryStore } from "../../src/stores/memory";
import { ada, code, enrolAda, origin, startService, stopClock, stored, totpIn, totpOf, wrongTotp } from "./support";

const warnings: string[] = [];

beforeEach(() => {
  warnings.length = 0;
  vi.spyOn(process, "emitWarning").mockImplementation((warning) => void warnings.push(String(warning)));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const listeners: [string, (event: TwoFactorEvent) => unknown, RegExp][] = [
  [
    "throws",
    () => {
      throw new Error("no mail today");
    },
    /onEvent failed \(Error: no mail today\) on "challenge-failed"/,
  ],
  [
    "rejects",
    () => Promise.reject(new Error("no mail today")),
    /onEvent failed \(Error: no mail today\) on "challenge-failed"/,
  ],
  ["rejects with nothing", () => Promise.reject(), /onEvent failed \(undefined\) on "challenge-failed"/],
  ["hangs", () => new Promise(() => undefined), /onEvent has not answered in time on "challenge-failed"/],
];

describe.each(listeners)("a listener that %s", (_, onEvent, warning) => {
  test("changes nothing for the user but 3 s at most, and is warned about", async () => {
    stopClock();
    const store = memoryStore();
    const { secret } = await enrolAda(startService({ store }));
    const rig = startService({ store, onEvent });
    const from = performance.now();
    const result = await rig.service.submissions.submit(ada, code(wrongTotp(secret)), origin);
    expect(result).toMatchObject({ is: "wrong", attemptsRemaining: 2 });
    expect(performance.now() - from).toBeLessThan(4000);
    expect((await stored(store))?.attempts.failures).toBe(1);
    expect(warnings).toEqual([expect.stringMatching(warning)]);
  });
});

describe("a listener", () => {
  test("that hangs is told of every event all the same, and waited for once", async () => {
    const told: string[] = [];
    const announce = createAnnounce((event) => {
      told.push(event.type);
      return new Promise(() => undefined);
    });
    const from = performance.now();
    await announce(ada, origin, [{ type: "disabled" }, { type: "enabled" }, { type: "erased" }]);
    expect(told).toEqual(["disabled", "enabled", "erased"]);
    expect(performance.now() - from).toBeLessThan(4000);
  });

  test("that fails after it was given up is warned about, and ends no process", async () => {
    vi.useFakeTimers();
    let fail: (error: Error) => void = () => undefined;
    const announce = createAnnounce(() => new Promise((_, reject) => (fail = reject)));
    const telling = announce(ada, origin, [{ type: "disabled" }]);
    await vi.advanceTimersByTimeAsync(3100);
    await telling;
    fail(new Error("far too late"));
    await vi.advanceTimersByTimeAsync(0);
    expect(warnings.join("\n")).toMatch(/not answered in time[^]*far too late/);
  });

  test("hears of it only once it can be read from the store", async () => {
    stopClock();
    const store = memoryStore();
    const seen: unknown[] = [];
    const rig = startService({
      store,
      onEvent: async (event) => seen.push([event.type, totpIn(await stored(store)) !== undefined]),
    });
    await enrolAda(rig);
    expect(seen).toEqual([["enabled", true]]);
  });

  test("cannot change an event for the next one", async () => {
    let event: TwoFactorEvent | undefined;
    const announce = createAnnounce((given) => (event = given));
    await announce(ada, origin, [{ type: "disabled" }]);
    expect(Object.isFrozen(event)).toBe(true);
    expect(event).toEqual({ ...origin, type: "disabled", userId: "ada", scope: "user", at: expect.any(Date) as Date });
  });
});

test("every event is on the diagnostics channel, with or without a listener", async () => {
  const heard: unknown[] = [];
  const hear = (message: unknown) => heard.push(message);
  subscribe(eventChannel, hear);
  await createAnnounce(undefined)(ada, {}, [{ type: "disabled" }]);
  unsubscribe(eventChannel, hear);
  expect(heard).toEqual([expect.objectContaining({ type: "disabled", userId: "ada" })]);
});

describe("an entry of the history", () => {
  test("names the browser, and no more than an address has characters of whatever came as one", () => {
    expect(historyEntry("enabled", origin, 7)).toEqual(["enabled", 7, origin.ip, "Firefox on Linux"]);
    expect(historyEntry("enabled", { ip: "x".repeat(10_000) }, 7)[2]).toHaveLength(45);
    expect(historyEntry("enabled", {}, 7)).toEqual(["enabled", 7, "", ""]);
  });
});

test("a code that was accepted is told as such, with how and from where", async () => {
  stopClock();
  const rig = startService();
  const { secret } = await enrolAda(rig);
  await rig.service.submissions.submit(ada, code(totpOf(secret)), origin);
  expect(rig.events.at(-1)).toEqual({
    ...origin,
    type: "challenge-passed",
    method: "totp",
    userId: "ada",
    scope: "user",
    at: new Date(),
  });
});
