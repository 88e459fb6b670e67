import { expect, test } from "vitest";
import { addKey, startKeyHost } from "../support/keys";
import { SoftKey } from "../support/soft-key";
import { postgresConfig, project, type Project } from "./project";

const config = postgresConfig
  .replace("module.exports", 'const { securityKeys } = require("express-two-factor/security-keys");\n\nmodule.exports')
  .replace(
    "  onEvent:",
    '  factors: [securityKeys({ rpId: "example.com", origins: ["https://app.example.com"] })],\n  onEvent:',
  );

/** The app of that configuration, and somebody with two keys in it. */
async function withKeys(): Promise<{ app: Project; keys: readonly SoftKey[] }> {
  const app = await project(config);
  const { store, env } = app;
  const host = startKeyHost({ options: { store, otpSecretEncryptionKey: env["OTP_SECRET_ENCRYPTION_KEY"]! } });
  const owner = host.browser();
  await owner.login({ id: 1, email: "anna@example.com" });
  const keys = [new SoftKey(), new SoftKey({ flags: { eligible: true, synced: true } })];
  for (const [index, name] of ["blue key", "\u001b[2Jthis laptop"].entries()) {
    const { status } = await addKey(owner, keys[index], { name });
    expect(status).toBe(201);
  }
  return { app, keys };
}

test("keys lists them for people and as JSON, and takes one away with a reason, which the owner is told", async () => {
  const { app, keys } = await withKeys();
  const listed = await app.run("keys", "anna@example.com");
  expect(listed).toMatchObject({ code: 0, stderr: "" });
  expect(listed.stdout).toMatch(
    /^User anna@example\.com \(id 1\)\n {2}blue key, added \d{4}-\d\d-\d\d, not used since, one device\n/,
  );
  expect(listed.stdout).toMatch(/this laptop, added .*, synced\n/);
  // oxlint-disable-next-line no-control-regex -- that is what must not be there
  expect(listed.stdout).not.toMatch(/\u001b/);
  const json = await app.run("keys", "1", "--json");
  const [blue, laptop] = JSON.parse(json.stdout) as { id: string }[];
  expect([blue, laptop]).toMatchObject([
    { id: keys[0]!.id, name: "blue key", synced: false },
    { id: keys[1]!.id, synced: true, userVerified: false },
  ]);

  const removed = await app.run("keys", "1", "--remove", blue!.id, "--reason", "lost on a train", "--by", "Carla");
  expect(removed).toEqual({ code: 0, stdout: 'Removed the key "blue key" of user 1.\n', stderr: "" });
  expect(await app.mails()).toMatchObject([
    { type: "key-removed", userId: "1", name: "blue key", reason: "lost on a train", by: "Carla" },
  ]);
  const left = JSON.parse((await app.run("keys", "1", "--json")).stdout) as { id: string }[];
  expect(left.map(({ id }) => id)).toEqual([laptop!.id]);
});

test("keys changes nothing without a reason, for a key that is not there, and where none are loaded", async () => {
  const { app, keys } = await withKeys();
  const [id] = keys.map((key) => key.id) as [string];
  for (const [args, said] of [
    [["1", "--remove", id], "--reason"],
    [["1", "--remove", "AAAA", "--reason", "x"], "has no key"],
    [["eve@example.com"], "Unknown user"],
  ] as const) {
    const ran = await app.run("keys", ...args);
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 1, stdout: "" });
    expect(ran.stderr).toContain(said);
    expect(ran.stderr.trim().split("\n")).toHaveLength(1);
  }
  expect(JSON.parse((await app.run("keys", "1", "--json")).stdout)).toHaveLength(2);
  expect((await app.run("keys", "2")).stdout).toContain("has no security key");

  const without = await project(postgresConfig);
  const ran = await without.run("keys", "1");
  expect([ran.code, ran.stdout]).toEqual([1, ""]);
  expect(ran.stderr).toContain("securityKeys()");
});
