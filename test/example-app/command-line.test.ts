import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { generateEncryptionKey } from "../../src";
import { Client, enrol } from "../processes/cluster";
import { databaseForThisTest } from "../support/services";
import { directoryForThisTest, startApp } from "./support";

const run = promisify(execFile);
const root = join(__dirname, "../..");

test("somebody's second factor is reset from the command line while the site runs, and a mail says so", async () => {
  const DATA_DIR = await directoryForThisTest();
  const environment = {
    DATA_DIR,
    DATABASE_URL: await databaseForThisTest(),
    OTP_SECRET_ENCRYPTION_KEY: generateEncryptionKey(),
    SESSION_SECRET: "of this test and of nothing else in the world",
  };
  const app = await startApp(environment);
  const cli = (...args: string[]) =>
    run(process.execPath, [join(root, "dist/cli/index.js"), ...args], {
      cwd: join(root, "example-app"),
      env: { PATH: process.env["PATH"], ...environment },
    });
  await enrol(await new Client(app.url).login());
  expect((await cli("status", "super@example.com")).stdout).toMatch(/on/i);
  await cli("reset", "super@example.com", "--reason", "lost the phone", "--by", "ops");
  expect((await cli("status", "super@example.com")).stdout).toMatch(/off/i);
  const again = await new Client(app.url).post("/login", {
    email: "super@example.com",
    password: "correct horse battery staple",
  });
  expect(again.body).toMatchObject({ requiresOtpSetup: true });
  expect((await readdir(join(DATA_DIR, "mail"))).join()).toMatch(/-reset-super@example\.com/);
  await expect(cli("reset", "nobody@example.com", "--reason", "x")).rejects.toMatchObject({ code: 1 });
  await app.end();
});
