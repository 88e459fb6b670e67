import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { memoryStore } from "../../src/stores/memory";
import type { TwoFactorOptions } from "../../src/options";
import { ada, code, later, origin, sentCodesIn, startService, stopClock, stored, type Rig } from "./support";

beforeEach(() => stopClock());
afterEach(() => {
  vi.useRealTimers();
});

function start(options: Partial<TwoFactorOptions<unknown>> = {}) {
  const rig = startService({ sendTwoFactorAuthenticationCode: async () => undefined, ...options });
  const sent: string[] = [];
  const send = ({ service }: Rig = rig) =>
    service.deliveries.send(ada, async (text) => sent.push(text), origin, { opening: false });
  const submit = (text = sent.at(-1) ?? "") => rig.service.submissions.submit(ada, code(text, { weak: true }), origin);
  return { rig, sent, send, submit };
}

describe("a code by mail", () => {
  test("is right once, and only its keyed hash is kept", async () => {
    const { rig, sent, send, submit } = start();
    expect(await send()).toEqual({ is: "sent", canSendAgainInSeconds: 30 });
    expect(sent[0]).toMatch(/^[0-9]{6}$/);
    expect((await rig.store.get(ada.key))?.record).not.toContain(sent[0]);
    expect(await submit()).toMatchObject({ is: "passed", method: "direct-code" });
    expect((await submit()).is).toBe("wrong");
  });

  test("expires", async () => {
    const { send, submit } = start();
    await send();
    later(300);
    expect((await submit()).is).toBe("wrong");
  });

  test("is sent once for parallel requests over two processes", async () => {
    const store = memoryStore();
    const { sent, send, rig } = start({ store });
    const other = startService({ store, sendTwoFactorAuthenticationCode: async () => undefined });
    const results = await Promise.all([send(rig), send(other), send(rig), send(other)]);
    expect(results.map(({ is }) => is).toSorted()).toEqual(["sent", "too-soon", "too-soon", "too-soon"]);
    expect(results.find(({ is }) => is === "too-soon")).toMatchObject({ canSendAgainInSeconds: 30, live: true });
    expect(sent).toHaveLength(1);
  });

  test("voids the one before it once it is sent", async () => {
    const { sent, send, submit } = start();
    await send();
    later(30);
    await send();
    // The same again, once in a million, would be the new one.
    expect((await submit(sent[0])).is).toBe(sent[0] === sent[1] ? "passed" : "wrong");
    expect((await submit(sent[1])).is).toBe(sent[0] === sent[1] ? "wrong" : "passed");
  });

  test("is none during a lock, and guesses at it lock", async () => {
    const { sent, send, submit } = start();
    await send();
    const wrong = sent[0] === "000000" ? "111111" : "000000";
    for (const remaining of [2, 1]) expect(await submit(wrong)).toMatchObject({ attemptsRemaining: remaining });
    expect((await submit(wrong)).is).toBe("locked");
    later(30);
    expect((await send()).is).toBe("locked");
    expect(sent).toHaveLength(1);
  });
});

describe("a sender", () => {
  test.each<[string, () => Promise<unknown>]>([
    ["rejects", () => Promise.reject(new Error("no SMS today"))],
    [
      "throws",
      () => {
        throw new Error("no SMS today");
      },
    ],
  ])("that %s leaves the older code good, and the failure is told without the code", async (_, deliver) => {
    const { rig, sent, send, submit } = start();
    await send();
    later(30);
    const failed = await rig.service.deliveries.send(ada, deliver, origin, { opening: false });
    expect(failed).toEqual({ is: "not-delivered", canSendAgainInSeconds: 30 });
    expect(rig.events.at(-1)).toEqual({
      ...origin,
      type: "code-delivery-failed",
      userId: "ada",
      scope: "user",
      at: new Date(),
    });
    expect((await submit(sent[0])).is).toBe("passed");
  });

  test("that hangs has failed after 10 s, and its code is void", async () => {
    vi.useFakeTimers();
    const { rig, submit } = start();
    let text = "";
    const hanging = (code: string) => {
      text = code;
      return new Promise(() => undefined);
    };
    const sending = rig.service.deliveries.send(ada, hanging, origin, { opening: false });
    await vi.advanceTimersByTimeAsync(10_100);
    expect((await sending).is).toBe("not-delivered");
    expect((await submit(text)).is).toBe("wrong");
  });

  test("may be slower than the user: the code is good while it is on its way", async () => {
    const { rig, submit } = start();
    let answer: (value: unknown) => void = () => undefined;
    let text = "";
    const sending = rig.service.deliveries.send(
      ada,
      (given) => {
        text = given;
        return new Promise((resolve) => (answer = resolve));
      },
      origin,
      { opening: false },
    );
    await vi.waitFor(() => expect(text).not.toBe(""));
    expect((await submit(text)).is).toBe("passed");
    answer("sent");
    expect((await sending).is).toBe("sent");
    expect((await submit(text)).is).toBe("wrong");
    expect(sentCodesIn(await stored(rig.store))).toMatchObject({ sends: 0 });
    expect(sentCodesIn(await stored(rig.store))?.current).toBeUndefined();
  });
});
