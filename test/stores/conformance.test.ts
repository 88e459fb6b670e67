import { AssertionError } from "node:assert";
import { describe, expect, test } from "vitest";
import { conformance, type MakeStore } from "../../src/stores/conformance";
import { badStores, Engine, goodStore } from "./bad-stores";

/** The names of the cases that a store fails, with what they say. */
async function failures(make: MakeStore): Promise<Map<string, unknown>> {
  const failed = new Map<string, unknown>();
  for (const { name, run } of conformance) {
    const error: unknown = await run(make).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error !== undefined) failed.set(name, error);
  }
  return failed;
}

describe("the kit catches a store that", () => {
  test.each(badStores)("%s", async (_, caughtBy, make) => {
    const failed = await failures(make);
    expect([...failed.keys()]).toEqual(expect.arrayContaining(caughtBy));
  });
});

describe("the kit passes a right store", () => {
  const shapes: [string, MakeStore][] = [
    ["given alone", () => goodStore(new Engine())],
    ["given as a promise", async () => goodStore(new Engine())],
    ["of two methods", () => ({ clients: [twoMethods(goodStore(new Engine()))] })],
    [
      "with two clients and all hooks",
      () => {
        const engine = new Engine();
        const users = new Set<string>();
        const known = (userId: string) => {
          if (!users.has(userId)) throw new Error(`no row was made for ${userId}`);
        };
        const client = () => {
          const good = goodStore(engine);
          return {
            ...good,
            get: async (userId: string) => (known(userId), good.get(userId)),
          };
        };
        return {
          clients: [client(), client()],
          addUser: async (userId) => void users.add(userId),
          hostTransaction: (work) => work(),
          saveStaleModel: (_, work) => work(),
        };
      },
    ],
  ];
  test.each(shapes)("%s", async (_, make) => {
    expect(await failures(make)).toEqual(new Map());
  });

  test("that already holds the records of an earlier run", async () => {
    const engine = new Engine();
    for (const _ of [1, 2]) expect(await failures(() => goodStore(engine))).toEqual(new Map());
  });
});

describe("the kit", () => {
  test("says what went wrong, as an assertion that any runner shows", async () => {
    const [, , naive] = badStores[0] ?? [];
    const told = [...(await failures(naive as MakeStore)).values()];
    expect(told[0]).toBeInstanceOf(AssertionError);
    expect(String(told[0])).toMatch(/16 of 16 writers at once were told that they won/);
  });

  test("runs each hook in its case, and closes what it made, also when the case fails", async () => {
    const calls: string[] = [];
    class UnderTest {
      clients = [goodStore(new Engine())] as const;
      async addUser() {
        this.note("addUser");
      }
      async hostTransaction(work: () => Promise<void>) {
        this.note("hostTransaction");
        await work();
      }
      async saveStaleModel(_: string, work: () => Promise<void>) {
        this.note("saveStaleModel");
        await work();
        throw new Error("the host cannot save");
      }
      async close() {
        this.note("close");
      }
      private note(call: string) {
        if (calls.at(-1) !== call) calls.push(call);
      }
    }
    const named = (part: string) => conformance.find(({ name }) => name.includes(part));
    await named("transaction")?.run(() => new UnderTest());
    await expect(named("stale")?.run(() => new UnderTest())).rejects.toThrow("the host cannot save");
    expect(calls).toEqual(["addUser", "hostTransaction", "close", "addUser", "saveStaleModel", "close"]);
  });

  test("names every case differently", () => {
    expect(new Set(conformance.map(({ name }) => name)).size).toBe(conformance.length);
  });

  test("has a bad store for every promise", () => {
    const proven = new Set(badStores.flatMap(([, caughtBy]) => caughtBy));
    expect(conformance.map(({ name }) => name).filter((name) => !proven.has(name))).toEqual([]);
  });
});

const twoMethods = ({ get, compareAndSet }: ReturnType<typeof goodStore>) => ({ get, compareAndSet });
