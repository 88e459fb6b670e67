import { readdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { readConfig } from "../../example-app/src/config";
import { readSecret } from "../../example-app/src/data-dir";
import { secretsOf } from "../../example-app/src/secrets";
import { generateEncryptionKey } from "../../src";
import { directoryForThisTest } from "./support";

const silent = () => undefined;

test("a key that is made is kept, and is the same at the next start", async () => {
  const config = readConfig({ DATA_DIR: await directoryForThisTest() });
  const first = await secretsOf(config, silent);
  expect(await secretsOf(config, silent)).toEqual(first);
  expect(await readSecret(config.dataDir, "otp-secret-encryption-key")).toBe(first.encryptionKeys);
});

test("what the environment gives is kept nowhere", async () => {
  const dataDir = await directoryForThisTest();
  const key = generateEncryptionKey();
  const config = readConfig({ DATA_DIR: dataDir, OTP_SECRET_ENCRYPTION_KEY: key, SESSION_SECRET: "s".repeat(32) });
  expect(await secretsOf(config, silent)).toEqual({ encryptionKeys: key, session: ["s".repeat(32)] });
  expect(await readdir(dataDir)).toEqual([]);
});

test("processes with one key sign sessions alike, and a key that was rotated away from still verifies", async () => {
  const [older, newer] = [generateEncryptionKey(), generateEncryptionKey()];
  const sessionOf = async (keys: string) =>
    (await secretsOf(readConfig({ DATA_DIR: await directoryForThisTest(), OTP_SECRET_ENCRYPTION_KEY: keys }), silent))
      .session;
  const [before] = await sessionOf(older);
  expect(await sessionOf(older)).toEqual([before]);
  const after = await sessionOf(`${newer}, ${older}`);
  expect(after).toEqual([expect.not.stringMatching(before!), before]);
  expect([older, newer]).not.toContain(before);
});
