import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { keepSecret, makeDataDir, readSecret } from "../../example-app/src/data-dir";
import { lockDataDir } from "../../example-app/src/data-dir-lock";
import { directoryForThisTest } from "./support";

const onLost = () => undefined;

test("a secret is made once, for this user only", async () => {
  const directory = await directoryForThisTest();
  expect(await readSecret(directory, "secret")).toBeUndefined();
  expect(await keepSecret(directory, "secret", "one")).toBe("one");
  expect(await keepSecret(directory, "secret", "two")).toBe("one");
  expect(await readSecret(directory, "secret")).toBe("one");
  expect((await stat(join(directory, "secret"))).mode & 0o777).toBe(0o600);
});

test("an empty file of a secret is told with what to do, and is neither used nor replaced", async () => {
  const directory = await directoryForThisTest();
  await writeFile(join(directory, "secret"), "\n");
  await expect(readSecret(directory, "secret")).rejects.toThrow(
    /secret is empty: put back what was in it; or delete it/,
  );
  await expect(keepSecret(directory, "secret", "two")).rejects.toThrow("is empty");
});

test("of many that keep a secret at once, all get the same", async () => {
  const directory = await directoryForThisTest();
  const got = await Promise.all(
    Array.from({ length: 20 }, (_, number) => keepSecret(directory, "secret", `secret ${number}`)),
  );
  expect(new Set(got).size).toBe(1);
});

test("a directory that cannot be made is said in one line", async () => {
  const file = join(await directoryForThisTest(), "file");
  await writeFile(file, "");
  await expect(makeDataDir(join(file, "data"))).rejects.toThrow(/^DATA_DIR .* cannot be written to/);
});

test("a directory in use is refused, and free again after the release", async () => {
  const directory = await directoryForThisTest();
  const lock = await lockDataDir(directory, onLost);
  await expect(lockDataDir(directory, onLost)).rejects.toThrow(`is in use by process ${process.pid}`);
  await lock.release();
  await (await lockDataDir(directory, onLost)).release();
});

test("what a killed process left is taken over at once", async () => {
  const directory = await directoryForThisTest();
  const child = spawn("true");
  await once(child, "exit");
  await leaveLock(directory, { pid: child.pid!, host: hostname() });
  const start = Date.now();
  await (await lockDataDir(directory, onLost)).release();
  expect(Date.now() - start).toBeLessThan(5000);
});

test("of many that find a dead owner at once, one gets the directory", async () => {
  const directory = await directoryForThisTest();
  const child = spawn("true");
  await once(child, "exit");
  await leaveLock(directory, { pid: child.pid!, host: hostname() });
  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => lockDataDir(directory, onLost)));
  const winners = outcomes.filter((outcome) => outcome.status === "fulfilled");
  expect(winners).toHaveLength(1);
  await winners[0]!.value.release();
});

test("an owner with our own pid, from an earlier run of the container, is dead", async () => {
  const directory = await directoryForThisTest();
  await leaveLock(directory, { pid: process.pid, host: hostname() });
  await (await lockDataDir(directory, onLost)).release();
});

test("an owner on another machine is believed dead when it gave no sign for long", async () => {
  const directory = await directoryForThisTest();
  await leaveLock(directory, { pid: 1, host: "elsewhere" });
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(join(directory, "in-use.lock"), longAgo, longAgo);
  await (await lockDataDir(directory, onLost)).release();
});

async function leaveLock(directory: string, owner: { pid: number; host: string }): Promise<void> {
  await mkdir(join(directory, "in-use.lock"));
  await writeFile(join(directory, "owner.json"), JSON.stringify({ ...owner, run: "an earlier one" }));
}
