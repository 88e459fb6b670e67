import type { ErrorRequestHandler } from "express";
import { Pool } from "pg";
import { createClient } from "redis";
import { MemoryStore } from "express-session";
import request from "supertest";
import { describe, expect, test, vi } from "vitest";
import {
  generateEncryptionKey,
  memoryStore,
  twoFactor,
  TwoFactorOptionsError,
  type TwoFactorOptions,
  type TwoFactorStore,
} from "../../src";
import { postgresStore } from "../../src/stores/postgres";
import { makeApp, startHost } from "../support/host";

const least = { issuer: "Test Host", store: memoryStore(), otpSecretEncryptionKey: generateEncryptionKey() };

function problemsOf(options: Record<string, unknown>): readonly string[] {
  try {
    twoFactor({ ...least, ...options } as TwoFactorOptions);
  } catch (error) {
    if (error instanceof TwoFactorOptionsError) return error.problems;
    throw error;
  }
  return [];
}

describe("What is taken for a store is named, with what to pass instead", () => {
  test.each<[string, () => unknown, RegExp]>([
    [
      "a pool of pg",
      () => new Pool(),
      /^`store` is a pool .* of PostgreSQL: pass postgresStore\(pool\), of express-two-factor\/stores\/postgres\.$/,
    ],
    ["a client of Redis", () => createClient(), /^`store` is a client of Redis: pass redisStore\(client\)/],
    ["a store of sessions", () => new MemoryStore(), /^`store` is a store of sessions/],
    ["a store that is still to come", async () => memoryStore(), /^`store` is a promise: await it first\.$/],
    ["the function that makes one", () => postgresStore, /^`store` is a function: call it/],
    ["a class that nobody made one of", () => Map, /^`store` is a function: call it/],
  ])("%s", (_, make, line) => {
    expect(problemsOf({ store: make() })).toEqual([expect.stringMatching(line)]);
  });
});

describe("A path that is none says what to change in it, and is not repeated", () => {
  test.each<[string, RegExp]>([
    ["a/", /it is another text: begin it with "\/", and leave out the "\/" at its end\.$/],
    ["2fa", /: begin it with "\/"\.$/],
    ["/2fa/", /: leave out the "\/" at its end\.$/],
    ["//2fa", /: begin it with one "\/"\.$/],
    ["https://app.example.com/2fa", /: leave out what is before the path\.$/],
    ["/2fa?x=1", /: leave out its query\.$/],
    ["/zwei faktor", /: write it as a browser does/],
    ["/zweiter-schlüssel", /: write it as a browser does/],
  ])("path: %j", (path, line) => {
    const [problem, ...more] = problemsOf({ path });
    expect(more).toEqual([]);
    expect(problem).toMatch(/^`path` must be a path such as "\/two-factor"/);
    expect(problem).toMatch(line);
    expect(problem).not.toContain(path);
  });

  test("where it is a login, a logout, a page of the host's or one that is allowed: by the same check", () => {
    const wrong = "anmelden/ü";
    const problems = problemsOf({ loginPath: wrong, logoutPath: wrong, allow: [wrong], pages: { verify: wrong } });
    expect(problems.map((line) => line.split(" ")[0])).toEqual(
      expect.arrayContaining(["`loginPath`", "`logoutPath`", "`allow[0]`", "`pages.verify`"]) as unknown,
    );
    for (const line of problems) expect(line).toMatch(/must be a path of this site[;,] .*begin it with "\/"/);
  });
});

describe("Below our path is below it in whatever case, at construction as for every request", () => {
  test.each(["/two-factor/login", "/Two-Factor/login", "/TWO-FACTOR", "/two-Factor?from=mail"])("%s", async (page) => {
    for (const name of ["loginPath", "logoutPath"]) {
      expect(problemsOf({ [name]: page })).toEqual([expect.stringMatching(`^\`${name}\` is the host's own`)]);
    }
    expect(problemsOf({ pages: { account: page } })).toEqual([expect.stringMatching(/^`pages` are the host's own/)]);
    // What the gate makes of such an address: it is ours, and never the host's.
    const host = startHost({ version: 5 });
    const browser = host.browser();
    await browser.login();
    await browser.get(page);
    expect(host.reached).toEqual([]);
  });

  test("beside it is not below it", () => {
    expect(problemsOf({ loginPath: "/Two-Factors", logoutPath: "/two-factor-out" })).toEqual([]);
  });
});

describe.each([4, 5] as const)("`twoFactor` mounted without a call, on Express %i", (version) => {
  test("lets nobody pass, and says in one line what to write", async () => {
    const app = makeApp(version);
    let error: unknown;
    app.use(twoFactor as never);
    app.get("/", (_req, res) => void res.send("behind"));
    app.use(((failed, _req, res, _next) => {
      error = failed;
      res.status(500).send("failed");
    }) as ErrorRequestHandler);
    await request(app).get("/").expect(500, "failed");
    expect(error).toBeInstanceOf(TwoFactorOptionsError);
    expect((error as TwoFactorOptionsError).problems).toEqual([
      expect.stringMatching(/Say app\.use\(twoFactor\(\{ … \}\)\) instead of app\.use\(twoFactor\)\.$/),
    ]);
  });
});

test("a store that answers nothing to a write lets nobody set up, and the log says what it must answer", async () => {
  const inner = memoryStore();
  const store: TwoFactorStore = {
    ...inner,
    compareAndSet: async (...write) => void (await inner.compareAndSet(...write)) as never,
  };
  const log = vi.spyOn(console, "error").mockReturnValue();
  const browser = startHost({ version: 5, options: { store } }).browser();
  await browser.login();
  await expect(browser.enrol()).rejects.toThrow(/503/);
  expect(log.mock.calls.join("\n")).toMatch(/`compareAndSet` must answer true .*answered nothing: let it return/);
  log.mockRestore();
});
