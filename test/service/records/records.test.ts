import { describe, expect, test, vi } from "vitest";
import { blankRecord, type TwoFactorRecord } from "../../../src/core/record";
import { recordText } from "../../../src/core/record-text";
import { TwoFactorError } from "../../../src/errors";
import { createRecords, type Records } from "../../../src/service/records/records";
import { faultyStore, type Fault } from "../faults";
import { ada } from "../support";

const timeout = 0.2;
/** None is known, and nothing is under an old key. */
const others = { kinds: new Map(), refresh: async (_: unknown, record: TwoFactorRecord) => record };

function start(fault: { get?: Fault; write?: Fault } = {}) {
  const store = faultyStore();
  store.faults = { get: "none", write: "none", ...fault };
  const options = { storeTimeoutSeconds: timeout, revalidateSeconds: 30 };
  const records = createRecords({ store, ...options, ...others });
  return { store, records };
}

/** One more in the record; how often it was decided is counted. */
async function addOne(records: Records, seen: number[] = []): Promise<number> {
  return records.change(ada, (record) => {
    const known = record ?? blankRecord(ada.key, "epoch");
    const proofsVoidUntil = known.proofsVoidUntil + 1;
    seen.push(proofsVoidUntil);
    return { outcome: proofsVoidUntil, next: { ...known, proofsVoidUntil } };
  });
}

async function refusal(work: Promise<unknown>): Promise<TwoFactorError & { milliseconds: number }> {
  const from = performance.now();
  const error: unknown = await work.then(
    () => new Error("it was done"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TwoFactorError);
  return Object.assign(error as TwoFactorError, { milliseconds: performance.now() - from });
}

describe("a store that fails", () => {
  test.each<[Fault]>([["hang"], ["reject"], ["throw"]])(
    "to read (%s) is 503 within its time, and changes nothing",
    async (get) => {
      const { records, store } = start({ get });
      for (const work of [records.load(ada), addOne(records)]) {
        const error = await refusal(work);
        expect(error).toMatchObject({ code: "STORE_UNAVAILABLE", status: 503 });
        expect(error.milliseconds).toBeLessThan(2 * timeout * 1000 + 500);
      }
      expect(store.calls.write).toBe(0);
    },
  );

  test.each<[Fault]>([["hang"], ["reject"], ["throw"]])("to write (%s) is 503 within its time", async (write) => {
    const { records, store } = start({ write });
    const error = await refusal(addOne(records));
    expect(error.code).toBe("STORE_UNAVAILABLE");
    expect(error.milliseconds).toBeLessThan(4 * timeout * 1000 + 500);
    expect(await store.inner.get(ada.key)).toBeUndefined();
  });

  test("names the fault as the cause, and not what it was to keep", async () => {
    const error = await refusal(addOne(start({ write: "reject" }).records));
    expect(String(error.cause)).toBe("Error: the store rejected");
    expect(error.message).toBe("The store failed.");
  });

  test("leaves the records as good as new once it is back", async () => {
    const { records, store } = start({ get: "hang" });
    await refusal(addOne(records));
    store.faults.get = "none";
    expect(await addOne(records)).toBe(1);
    expect(await addOne(records)).toBe(2);
  });

  test("and a write of a turn that was given up, come late, breaks no later one", async () => {
    const { records, store } = start();
    await addOne(records);
    const { compareAndSet } = store;
    const release: (() => void)[] = [];
    const lateAnswers: Promise<boolean>[] = [];
    store.compareAndSet = (...given) => {
      const late = new Promise<void>((resolve) => release.push(resolve)).then(() => compareAndSet(...given));
      lateAnswers.push(late);
      return late;
    };
    expect((await refusal(addOne(records))).code).toBe("STORE_UNAVAILABLE");
    store.compareAndSet = compareAndSet;
    expect(await addOne(records)).toBe(2);
    for (const go of release) go();
    expect(await Promise.all(lateAnswers)).toEqual([false]);
    expect(await addOne(records)).toBe(3);
    expect(records.recent(ada)?.record?.proofsVoidUntil).toBe(3);
  });

  test("and what a turn decides after it was given up is not written", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { records, store } = start();
    let decide = (): void => undefined;
    const slow = new Promise<void>((resolve) => (decide = resolve));
    const givenUp = refusal(
      records.change(ada, async (record) => {
        await slow;
        return { outcome: undefined, next: record ?? blankRecord(ada.key, "epoch") };
      }),
    );
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await givenUp).code).toBe("STORE_UNAVAILABLE");
    decide();
    await vi.advanceTimersByTimeAsync(1000);
    vi.useRealTimers();
    expect(store.calls.write).toBe(0);
  });

  test("with an error of its own is heard as it is", async () => {
    const { records, store } = start();
    const evicting = new TwoFactorError("MISCONFIGURED", "This Redis evicts keys.");
    store.get = () => Promise.reject(evicting);
    expect(await refusal(records.load(ada))).toBe(evicting);
  });
});

describe("a write whose acknowledgement is lost", () => {
  test("has won when its own revision is there", async () => {
    const { records, store } = start({ write: "lost acknowledgement" });
    const seen: number[] = [];
    expect(await addOne(records, seen)).toBe(1);
    expect(seen).toEqual([1]);
    expect(store.calls.write).toBe(1);
  });

  test("has not when somebody else's is there", async () => {
    const { records, store } = start();
    store.compareAndSet = async (key) => {
      await store.inner.compareAndSet(key, undefined, {
        record: recordText(blankRecord(ada.key, "theirs")),
        revision: "r",
      });
      throw new Error("connection lost");
    };
    expect((await refusal(addOne(records))).code).toBe("STORE_UNAVAILABLE");
  });

  test("is decided once although a driver sends it twice and hears of a conflict", async () => {
    const { records, store } = start({ write: "sent twice" });
    const seen: number[] = [];
    expect(await addOne(records, seen)).toBe(1);
    expect(seen).toEqual([1]);
    expect(store.calls.write).toBe(1);
  });
});

describe("somebody faster", () => {
  test("sixteen times in a row is 503, and no seventeenth try", async () => {
    const store = faultyStore();
    store.faults.write = "conflict";
    const options = { storeTimeoutSeconds: 5, revalidateSeconds: 30 };
    const records = createRecords({ store, ...options, ...others });
    expect((await refusal(addOne(records))).code).toBe("STORE_UNAVAILABLE");
    expect(store.calls.write).toBe(16);
  });

  test("for longer than the store may take is 503, too", async () => {
    const { records, store } = start({ write: "conflict" });
    const { get } = store;
    store.get = (key) => new Promise((resolve) => setTimeout(() => resolve(get(key)), 60));
    expect((await refusal(addOne(records))).milliseconds).toBeLessThan(timeout * 1000 + 400);
    expect(store.calls.write).toBeLessThan(8);
  });

  test("is decided upon anew, and nothing is lost over two processes", async () => {
    const { store } = start();
    const instances = Array.from({ length: 2 }, () =>
      createRecords({ store, storeTimeoutSeconds: 5, revalidateSeconds: 30, ...others }),
    );
    await Promise.all(Array.from({ length: 100 }, (_, index) => addOne(instances[index % 2] as Records)));
    expect((await instances[0]?.load(ada))?.proofsVoidUntil).toBe(100);
  });
});

describe("a change", () => {
  test("that changes nothing writes nothing", async () => {
    const { records, store } = start();
    await addOne(records);
    expect(await records.change(ada, () => ({ outcome: "seen" }))).toBe("seen");
    expect(await records.change(ada, (record) => ({ outcome: "same", next: record }))).toBe("same");
    expect(store.calls.write).toBe(1);
  });

  test("that fails to decide writes nothing, and the next one goes on", async () => {
    const { records, store } = start();
    await expect(records.change(ada, () => Promise.reject(new Error("no key")))).rejects.toThrow("no key");
    expect(store.calls.write).toBe(0);
    expect(await addOne(records)).toBe(1);
  });

  test("within a process waits its turn: parallel ones cost no conflict", async () => {
    const { records, store } = start();
    await Promise.all(Array.from({ length: 50 }, () => addOne(records)));
    expect(store.calls.write).toBe(50);
  });
});

describe("what a store gives", () => {
  test.each<[string, unknown, RegExp]>([
    [
      "a record of somebody else",
      { record: recordText(blankRecord('["user","eve"]', "e")), revision: "r" },
      /user: it belongs to somebody else/,
    ],
    [
      "a record cut off",
      { record: recordText(blankRecord(ada.key, "e")).slice(0, 40), revision: "r" },
      /record: no JSON text/,
    ],
    [
      "a record read as JSON already",
      { record: blankRecord(ada.key, "e"), revision: "r" },
      /get.* must answer \{ record, revision \}/,
    ],
    ["no revision", { record: recordText(blankRecord(ada.key, "e")) }, /get.* must answer/],
    ["a number for a revision", { record: recordText(blankRecord(ada.key, "e")), revision: 7 }, /get.* must answer/],
    ["a text", "record", /get.* must answer/],
  ])("%s is refused, and never written over", async (_, given, message) => {
    const { records, store } = start();
    store.get = () => Promise.resolve(given as never);
    expect((await refusal(records.load(ada))).message).toMatch(message);
    expect((await refusal(addOne(records))).message).toMatch(message);
    expect(store.calls.write).toBe(0);
  });

  test("null is nothing, as some databases say it", async () => {
    const { records, store } = start();
    store.get = () => Promise.resolve(null as never);
    expect(await records.load(ada)).toBeUndefined();
  });

  test("for an answer but true to a write is no win", async () => {
    const { records, store } = start();
    store.compareAndSet = () => Promise.resolve(1 as never);
    expect((await refusal(addOne(records))).code).toBe("STORE_UNAVAILABLE");
  });

  test.each<[unknown, string]>([
    [undefined, "nothing"],
    [null, "a value of the type object"],
    [0, "0"],
    [1, "1"],
    ["OK", "a value of the type string"],
    [{ rowCount: 1 }, "a value of the type object"],
  ])(
    "%j to a write is told at once, with what to answer instead, and is tried no second time",
    async (answer, told) => {
      const { records, store } = start();
      let writes = 0;
      store.compareAndSet = async (...write) => {
        writes += 1;
        await store.inner.compareAndSet(...write);
        return answer as never;
      };
      const { message } = await refusal(addOne(records));
      expect(message).toMatch(/^The store's `compareAndSet` must answer true \(written\) or false/);
      expect(message).toContain(`and answered ${told}: let it return`);
      expect(writes).toBe(1);
    },
  );
});

describe("a copy in the process", () => {
  test("is of the last write, and of nothing that was read before it", async () => {
    const { records, store } = start();
    await addOne(records);
    let go = (): void => undefined;
    const { get } = store;
    const slow = new Promise<void>((resolve) => (go = resolve));
    store.get = async (key) => {
      const old = await get(key);
      await slow;
      return old;
    };
    const reading = records.load(ada);
    store.get = get;
    await addOne(records);
    go();
    expect((await reading)?.proofsVoidUntil).toBe(1);
    expect(records.recent(ada)?.record?.proofsVoidUntil).toBe(2);
  });

  test("is not made of a record that was erased", async () => {
    const { records } = start();
    await addOne(records);
    await records.erase(ada);
    expect(records.recent(ada)).toMatchObject({ record: undefined });
    expect(await records.load(ada)).toBeUndefined();
  });
});

test("a store without `erase` or `userIds` says so", async () => {
  const { get, compareAndSet } = faultyStore();
  const records = createRecords({
    store: { get, compareAndSet },
    storeTimeoutSeconds: 1,
    revalidateSeconds: 0,
    ...others,
  });
  expect((await refusal(records.erase(ada))).message).toMatch(/no `erase`; use `reset`/);
  expect(() => records.keys()).toThrow(/no `userIds`/);
});

test("a listing takes what `for await` takes, and ends what it was reading", async () => {
  const { records, store } = start();
  const listed = async () => {
    const found: string[] = [];
    for await (const key of records.keys()) found.push(key);
    return found;
  };
  store.userIds = () => ["a", "b"] as never;
  expect(await listed()).toEqual(["a", "b"]);
  let isClosed = false;
  store.userIds = async function* () {
    try {
      yield "a";
      yield "b";
    } finally {
      isClosed = true;
    }
  };
  expect(await listed()).toEqual(["a", "b"]);
  isClosed = false;
  for await (const _ of records.keys()) break;
  expect(isClosed).toBe(true);
});

describe("what a request has read", () => {
  test("is what its change is first decided on: one reading and one write", async () => {
    const { records, store } = start();
    await addOne(records);
    const mine = { ...ada };
    await records.load(mine);
    store.calls = { get: 0, write: 0 };
    const change = records.change(mine, (record) => ({ outcome: 1, next: { ...record!, proofsVoidUntil: 7 } }));
    expect(await change).toBe(1);
    expect(store.calls).toEqual({ get: 0, write: 1 });
    // Once: a second change of the same request reads anew.
    await addOne(records);
    expect(store.calls.get).toBe(1);
  });

  test("is read anew where this process has read or written since, and where another one has", async () => {
    const { records, store } = start();
    const other = createRecords({ store, storeTimeoutSeconds: 5, revalidateSeconds: 30, ...others });
    await addOne(records);
    const mine = { ...ada };
    await records.load(mine);
    await addOne(records);
    const seen: number[] = [];
    const append = () =>
      records.change(mine, (record) => {
        seen.push(record?.proofsVoidUntil ?? 0);
        return { outcome: undefined, next: { ...record!, proofsVoidUntil: (record?.proofsVoidUntil ?? 0) + 1 } };
      });
    await append();
    await records.load(mine);
    await addOne(other);
    await append();
    // The first try of the second one lost against the other process.
    expect(seen).toEqual([2, 3, 4]);
    expect((await records.load(ada))?.proofsVoidUntil).toBe(5);
  });
});
