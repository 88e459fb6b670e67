import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { generateEncryptionKey } from "../../src";
import { opensWith, postgresConfig, project, type Project } from "./project";

/** A store that answers late, so that a run takes long enough to be met in the middle. */
const slowConfig = postgresConfig.replace(
  "store: postgresStore(pool, { createTable: true })",
  `store: (() => {
    const store = postgresStore(pool, { createTable: true });
    const late = () => new Promise((done) => setTimeout(done, 100));
    return { ...store, compareAndSet: async (...given) => { await late(); return store.compareAndSet(...given); } };
  })()`,
);

/** An app with `count` users under an old key, which now has a new key in front of it. */
async function withOldKey(count: number, config = postgresConfig) {
  const app = await project(config);
  const oldKey = app.env["OTP_SECRET_ENCRYPTION_KEY"]!;
  const newKey = generateEncryptionKey();
  const keys = await Promise.all(Array.from({ length: count }, (_, id) => app.enrol(`user-${id}`)));
  app.env["OTP_SECRET_ENCRYPTION_KEY"] = `${newKey},${oldKey}`;
  return { app, oldKey, newKey, keys };
}

const allOpen = async (app: Project, keys: readonly string[], key: string) =>
  (await Promise.all(keys.map((of) => opensWith(app.store, of, key)))).every(Boolean);

/** `[looked at, re-encrypted, failed]` of the last line; without the last where that was only a part. */
const counts = (text: string): number[] =>
  /(\d+) records looked at, (\d+) re-encrypted(?:, (\d+) failed)?\./
    .exec(text)!
    .slice(1)
    .filter((found) => found !== undefined)
    .map(Number);

/** The command that an ended run names, with its quotes taken away as a shell does it. */
function goOn(text: string): string[] {
  const [, quoted] = /Go on with: npx express-two-factor reencrypt --after '(.*)'$/m.exec(text)!;
  return ["reencrypt", "--after", quoted!.replaceAll(String.raw`'\''`, "'")];
}

test("brings every record under the first key, so that the old one can go, and says how many", async () => {
  const { app, oldKey, newKey, keys } = await withOldKey(45);
  expect(await allOpen(app, keys, oldKey)).toBe(true);
  const ran = await app.run("reencrypt");
  expect(ran).toMatchObject({ code: 0, stderr: "Re-encrypting 45 records.\n" });
  expect(ran.stdout).toBe("45 records looked at, 45 re-encrypted, 0 failed.\n");
  expect(await allOpen(app, keys, newKey)).toBe(true);
  app.env["OTP_SECRET_ENCRYPTION_KEY"] = newKey;
  expect((await app.run("reencrypt")).stdout).toBe("45 records looked at, 0 re-encrypted, 0 failed.\n");
});

test("records of another scope that still need the old key are counted apart, and it does not end well until they are done", async () => {
  const config = postgresConfig.replace("issuer:", `scope: process.env.SCOPE ?? "user", issuer:`);
  const { app, oldKey, newKey, keys } = await withOldKey(3, config);
  const staff = await Promise.all(["1", "2"].map((id) => app.enrol(id, oldKey, "staff")));
  const first = await app.run("reencrypt");
  expect(first.code).toBe(1);
  expect(first.stdout).toBe("3 records looked at, 3 re-encrypted, 2 of other scopes left under an old key.\n");
  expect(first.stdout + first.stderr).not.toContain("0 failed");
  expect(first.stderr).toContain(
    `2 records of scope "staff" still need an old key: run reencrypt with the configuration of scope "staff".`,
  );
  expect(await allOpen(app, staff, oldKey)).toBe(true);
  app.env["SCOPE"] = "staff";
  expect(await app.run("reencrypt")).toMatchObject({
    code: 0,
    stdout: "2 records looked at, 2 re-encrypted, 0 failed.\n",
  });
  expect(await allOpen(app, [...keys, ...staff], newKey)).toBe(true);
  delete app.env["SCOPE"];
  expect(await app.run("reencrypt")).toMatchObject({
    code: 0,
    stdout: "3 records looked at, 0 re-encrypted, 0 failed.\n",
  });
});

test("loses nothing that the app writes meanwhile", async () => {
  const { app, newKey, keys } = await withOldKey(30, slowConfig);
  const running = app.start("reencrypt", "--batch", "4");
  await running.said("Re-encrypting");
  let writes = 0;
  while (running.child.exitCode === null) {
    await app.tfa.unlock(`user-${writes % 30}`);
    writes += 1;
    await pause(10);
  }
  expect((await running.ended).code).toBe(0);
  expect(await allOpen(app, keys, newKey)).toBe(true);
  const seen = await Promise.all(keys.map((_, id) => app.tfa.status(`user-${id}`)));
  const kept = seen.flatMap(({ activity }) => activity.filter(({ type }) => type === "unlocked"));
  // Each user's history holds the newest twenty.
  expect(kept).toHaveLength(seen.reduce((sum, _, id) => sum + Math.min(20, Math.ceil((writes - id) / 30)), 0));
});

test("interrupted, it ends between two batches and says where to go on; the next run does the rest", async () => {
  const { app, newKey, keys } = await withOldKey(30, slowConfig);
  await app.enrol("o'brien", app.env["OTP_SECRET_ENCRYPTION_KEY"]!.split(",")[1]);
  const running = app.start("reencrypt", "--batch", "3");
  await running.said("Re-encrypting 31 records.");
  setTimeout(() => running.child.kill("SIGINT"), 350);
  const first = await running.ended;
  expect(first.code).toBe(130);
  expect(first.stderr).toContain("Interrupted.");
  expect(first.stdout + first.stderr).not.toContain("0 failed");
  const [seen = 0, changed = 0] = counts(first.stdout);
  expect(seen).toBe(changed);
  expect(seen).toBeGreaterThan(0);
  expect(seen).toBeLessThan(31);
  const second = await app.run(...goOn(first.stderr));
  expect(second.code).toBe(0);
  expect(counts(second.stdout)).toEqual([31, 31 - seen, 0]);
  expect(await allOpen(app, keys, newKey)).toBe(true);
});

test("goes on behind a key whatever is in it", async () => {
  const { app } = await withOldKey(0);
  const odd = await app.enrol(`it's "quoted" \\ $HOME`, app.env["OTP_SECRET_ENCRYPTION_KEY"]!.split(",")[1]);
  expect(counts((await app.run("reencrypt", "--after", odd)).stdout)).toEqual([1, 1, 0]);
});

test("a run that goes on says 0 failed only after it has seen all: what stands before the key still counts", async () => {
  const { app, keys } = await withOldKey(3);
  const lost = await app.enrol("0-lost", generateEncryptionKey());
  const other = await app.enrol("0-other", app.env["OTP_SECRET_ENCRYPTION_KEY"]!.split(",")[1], "a-scope");
  const after = keys.toSorted().at(-1)!;
  expect([lost, other, after].toSorted().at(-1)).toBe(after);
  const ran = await app.run("reencrypt", "--after", after);
  expect(ran.code).toBe(1);
  expect(ran.stdout).toBe("4 records looked at, 3 re-encrypted, 1 failed, 1 of other scopes left under an old key.\n");
  expect(ran.stderr).toContain('["user","0-lost"]');
});

test.each(["zzzz", "", '["user"]', "\u001B[31m"])("refuses --after %j, which is no key", async (after) => {
  const { app } = await withOldKey(0);
  const ran = await app.run("reencrypt", "--after", after);
  expect(ran.code).toBe(1);
  expect(ran.stdout).toBe("");
  expect(ran.stderr).toContain("must be a key as an interrupted run has printed it");
  expect(ran.stderr).not.toContain("\u001B");
});

test("a record whose key is gone is left as it is and named by that key's id; the others are done; exit 1", async () => {
  const { app, newKey, keys } = await withOldKey(5);
  const lost = await app.enrol("lost", generateEncryptionKey());
  const before = await app.store.get(lost);
  const ran = await app.run("reencrypt");
  expect(ran.code).toBe(1);
  expect(counts(ran.stdout)).toEqual([6, 5, 1]);
  expect(ran.stderr).toMatch(/\["user","lost"\]: A secret was sealed with key [0-9a-f]{8}, which is not configured/);
  expect(await app.store.get(lost)).toEqual(before);
  expect(await allOpen(app, keys, newKey)).toBe(true);
});

test("a store that dies half-way stops it with one line that says where to go on", async () => {
  const dying = slowConfig
    .replace(
      "const late",
      "let writes = 0; const get = (id) => (writes < 10 ? store.get(id) : Promise.reject(new Error('gone'))); const late",
    )
    .replace("{ ...store, ", "{ ...store, get, ")
    .replace("await late();", "await late(); if (++writes > 9) throw new Error('gone');");
  const { app, newKey, keys } = await withOldKey(20, dying);
  const ran = await app.run("reencrypt", "--batch", "3");
  expect(ran.code).toBe(1);
  expect(ran.stderr.trim().split("\n")).toHaveLength(2);
  expect(ran.stderr).toContain("express-two-factor: The store failed. gone");
  expect(counts(ran.stderr)).toEqual([9, 9]);
  await writeFile(join(app.folder, "two-factor.config.cjs"), postgresConfig);
  const second = await app.run(...goOn(ran.stderr));
  expect(counts(second.stdout)).toEqual([20, 11, 0]);
  expect(await allOpen(app, keys, newKey)).toBe(true);
});

test("a store that cannot list its users says so, and changes nothing", async () => {
  const config = `module.exports = { issuer: "Test", store: { get: async () => undefined, compareAndSet: async () => true } };`;
  const app = await project(config);
  const ran = await app.run("reencrypt");
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toBe("express-two-factor: This store cannot list its users: it has no `userIds`.\n");
});

test("on a terminal it shows a bar", async () => {
  const { app } = await withOldKey(30, slowConfig);
  const command = `${process.execPath} ${join(__dirname, "../../dist/cli/index.js")} reencrypt --batch 5`;
  const env = { PATH: process.env["PATH"], TERM: "xterm", ...app.env };
  const { stdout } = await promisify(execFile)("script", ["-qec", command, "/dev/null"], { cwd: app.folder, env });
  expect(stdout).toMatch(/100% \| 30 of 30 records/);
  expect(counts(stdout)).toEqual([30, 30, 0]);
});

test("a --batch that is no number from 1 to 1000 is refused", async () => {
  const app = await project(postgresConfig);
  for (const batch of ["0", "1.5", "many", "5000"]) {
    const ran = await app.run("reencrypt", "--batch", batch);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("whole number from 1 to 1000");
  }
});
