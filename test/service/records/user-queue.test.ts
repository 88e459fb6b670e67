import { describe, expect, test, vi } from "vitest";
import { createUserQueue } from "../../../src/service/records/user-queue";

const never = new Promise<never>(() => undefined);
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("the queue", () => {
  test("lets one in at a time for one user, in order", async () => {
    const inLine = createUserQueue(5);
    const seen: string[] = [];
    let inside = 0;
    const work = (name: number) => async () => {
      inside += 1;
      seen.push(`${name} of ${inside}`);
      await pause(1);
      inside -= 1;
      return name;
    };
    const done = await Promise.all([1, 2, 3].map((name) => inLine("ada", work(name))));
    expect(done).toEqual([1, 2, 3]);
    expect(seen).toEqual(["1 of 1", "2 of 1", "3 of 1"]);
  });

  test("lets different users pass each other", async () => {
    const inLine = createUserQueue(5);
    void inLine("ada", () => never);
    expect(await inLine("eve", async () => "eve")).toBe("eve");
    expect(await inLine("__proto__", async () => "proto")).toBe("proto");
  });

  test("goes on after somebody failed", async () => {
    const inLine = createUserQueue(5);
    const failing = inLine("ada", () => Promise.reject(new Error("failed")));
    const next = inLine("ada", async () => "next");
    await expect(failing).rejects.toThrow("failed");
    expect(await next).toBe("next");
  });

  test("turns away whoever waited too long, without beginning their work", async () => {
    const inLine = createUserQueue(0.05);
    let begun = false;
    const slow = inLine("ada", () => pause(100));
    const late = inLine("ada", async () => {
      begun = true;
    });
    await expect(late).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    await slow;
    expect(begun).toBe(false);
    expect(await inLine("ada", async () => "later")).toBe("later");
  });

  test("lets whoever waits go at their deadline, not when the turn comes at last", async () => {
    const inLine = createUserQueue(0.05);
    const hanging = inLine("ada", () => never);
    hanging.catch(() => undefined);
    const from = performance.now();
    await expect(inLine("ada", async () => "never begun")).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(performance.now() - from).toBeLessThan(1000);
  });

  test("ends a turn that hangs, tells it so, and gives the turn to the next", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const inLine = createUserQueue(5);
    let over = (): boolean => false;
    const hanging = inLine("ada", (isOver) => {
      over = isOver;
      return never;
    }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(19_000);
    expect(over()).toBe(false);
    const next = inLine("ada", async () => "next");
    await vi.advanceTimersByTimeAsync(1000);
    expect(await hanging).toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(over()).toBe(true);
    expect(await next).toBe("next");
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  test("does not measure waiting by the clock on the wall", async () => {
    const inLine = createUserQueue(5);
    const { now } = Date;
    try {
      const slow = inLine("ada", () => pause(20));
      const next = inLine("ada", async () => "next");
      Date.now = () => now() + 3_600_000;
      await slow;
      expect(await next).toBe("next");
    } finally {
      Date.now = now;
    }
  });

  test("is short: what is beyond is turned away at once, and nobody else", async () => {
    const inLine = createUserQueue(60);
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    const waiting = Array.from({ length: 512 }, () => inLine("ada", () => gate));
    await expect(inLine("ada", async () => "one too many")).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(await inLine("eve", async () => "eve")).toBe("eve");
    go();
    await Promise.all(waiting);
    expect(await inLine("ada", async () => "room again")).toBe("room again");
  });
});
