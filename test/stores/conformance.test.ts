import { AssertionError } from "node:assert";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { conformance, type MakeStore } from "../../src/stores/conformance";
import { memoryStore } from "../../src/stores/memory";
import type { TwoFactorStore } from "../../src/stores/store";
import { badStores, Engine, goodStore } from "./bad-stores";

/** The names of the cases that a store fails, with what they say. */
async function failures(make: MakeStore): Promise<Map<string, unknown>> {
  const failed = new Map<string, unknown>();
  for (const { name, run } of conformance) {
    const error: unknown = await run(make, { skip() {} }).then(
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
    ["given alone, with the word that it serves one process", () => ({ ...alone(goodStore(new Engine())) })],
    ["given as a promise", async () => alone(goodStore(new Engine()))],
    ["of two methods", () => alone(twoMethods(goodStore(new Engine())))],
    ["of the memory's, which says that by its name", () => memoryStore({ production: true })],
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
          updateUser: async () => {},
        };
      },
    ],
  ];
  test.each(shapes)("%s", async (_, make) => {
    expect(await failures(make)).toEqual(new Map());
  });

  test("that already holds the records of an earlier run", async () => {
    const engine = new Engine();
    for (const _ of [1, 2]) expect(await failures(() => alone(goodStore(engine)))).toEqual(new Map());
  });
});

describe("the kit", () => {
  test("says what went wrong, as an assertion that any runner shows", async () => {
    const [, , naive] = badStores[0] ?? [];
    const told = [...(await failures(naive as MakeStore)).values()];
    expect(told[0]).toBeInstanceOf(AssertionError);
    expect(String(told[0])).toMatch(/16 of 16 writers at once were told that they won/);
  });

  test("needs two clients, or the word that there will never be a second process", async () => {
    const good = goodStore(new Engine());
    for (const one of [good, { clients: [good] }, { clients: [good, good] }] as const) {
      const told = await failures(() => one);
      expect(told.size).toBe(conformance.length);
      expect(String([...told.values()][0])).toMatch(/Give two clients.*oneProcess: true/);
    }
  });

  test("says what it skipped, and why: to the runner's test, else as a warning, and in its answer", async () => {
    const make = () => alone(twoMethods(goodStore(new Engine())));
    const warned = vi.spyOn(process, "emitWarning").mockReturnValue();
    onTestFinished(() => warned.mockRestore());
    const told: unknown[] = [];
    const answers: unknown[] = [];
    const unexamined = /a transaction of the host's|stale model|their own data|^erase|^userIds/;
    for (const { name, run } of conformance) {
      const { skipped } = await run(make, { skip: (why) => told.push(why) });
      expect({ name, isSkipped: skipped !== undefined }).toEqual({ name, isSkipped: unexamined.test(name) });
      if (skipped !== undefined) answers.push(skipped);
    }
    expect(told).toEqual(answers);
    expect(told).toHaveLength(5);
    expect(warned).not.toHaveBeenCalled();
    for (const { run } of conformance) await run(make);
    expect(warned).toHaveBeenCalledTimes(5);
    expect(warned.mock.calls[0]?.[0]).toMatch(/^Not examined: a write takes no part.*give `hostTransaction/);
  });

  test("shows in Node's own runner what it skipped", async () => {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const file = join(__dirname, "worker/kit-in-node-test.mjs");
    const { stdout } = await promisify(execFile)(process.execPath, ["--test-reporter=tap", file], { env });
    expect(stdout).toMatch(new RegExp(`^# pass ${conformance.length - 3}$`, "m"));
    expect(stdout).toMatch(/^# skipped 3$/m);
    expect(stdout).toMatch(/a write takes no part in a transaction.* # SKIP give `hostTransaction/);
  });

  test("runs each hook in its case, and closes what it made, also when the case fails", async () => {
    const calls: string[] = [];
    class UnderTest {
      oneProcess = true as const;
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

const alone = (store: TwoFactorStore) => ({ clients: [store], oneProcess: true }) as const;
const twoMethods = ({ get, compareAndSet }: ReturnType<typeof goodStore>) => ({ get, compareAndSet });
