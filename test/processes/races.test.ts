import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { Client, codesNeverShown, count, enrol, manyLogins, nextCode, startCluster } from "./cluster";

const revalidateSeconds = 30;

const shapes = [
  { processes: 2, store: "postgres" },
  { processes: 4, store: "postgres" },
  { processes: 2, store: "redis" },
  { processes: 4, store: "redis" },
] as const;

describe.each(shapes)("$processes processes of the example app on one $store", ({ processes, store }) => {
  test(
    "of 40 uses of one right code one is accepted, and of 20 of one recovery code",
    { timeout: 240_000 },
    async () => {
      const cluster = await startCluster(processes, store);
      const owner = await new Client(cluster.url(0)).login();
      const { secret, recoveryCodes } = await enrol(owner);
      const clients = await manyLogins(cluster, 60);

      const code = await nextCode(secret);
      const right = await Promise.all(
        clients.slice(0, 40).map((client) => client.post("/two-factor/verify", { code })),
      );
      const statuses = right.map(({ status }) => status);
      expect(count(statuses, 200)).toBe(1);
      expect(count(statuses, 409)).toBe(39);

      const recovery = await Promise.all(
        clients.slice(40).map((client) => client.post("/two-factor/verify", { code: recoveryCodes[0]! })),
      );
      expect(
        count(
          recovery.map(({ status }) => status),
          200,
        ),
      ).toBe(1);
      // The nineteen others were told that it was used, and were no guesses.
      expect(
        count(
          recovery.map(({ status }) => status),
          409,
        ),
      ).toBe(19);
      for (let n = 0; n < processes; n += 1) {
        expect((await owner.at(cluster.url(n)).get("/admin")).status).toBe(200);
      }
    },
  );

  test("of 20 uses of one code by mail one is accepted, and one code is mailed", { timeout: 240_000 }, async () => {
    const cluster = await startCluster(processes, store);
    const clients = await manyLogins(cluster, 20, "mail@example.com");
    const pages = await Promise.all(clients.map((client) => client.get("/two-factor/verify")));
    expect(
      count(
        pages.map(({ status }) => status),
        200,
      ),
    ).toBe(20);
    expect(await cluster.mailedCodes()).toHaveLength(1);

    const [code] = await cluster.mailedCodes();
    const answers = await Promise.all(clients.map((client) => client.post("/two-factor/verify", { code: code! })));
    const inside = clients.filter((_, n) => answers[n]!.status === 200);
    expect(inside).toHaveLength(1);
    const reached = await Promise.all(clients.map((client) => client.get("/api/me")));
    expect(
      count(
        reached.map(({ status }) => status),
        200,
      ),
    ).toBe(1);
  });

  test("of 500 wrong codes over 200 sessions two are told, and the third locks", { timeout: 240_000 }, async () => {
    const cluster = await startCluster(processes, store);
    const { secret } = await enrol(await new Client(cluster.url(0)).login());
    const open = await manyLogins(cluster, 200);
    const wrong = await codesNeverShown(secret, 500);
    const guesses = await Promise.all(
      wrong.map((code, n) => open[n % open.length]!.post("/two-factor/verify", { code })),
    );
    const told = guesses.map(({ status }) => status);
    expect(count(told, 200)).toBe(0);
    expect(count(told, 422)).toBe(2);
    // On a busy machine some wait in line for too long, and are told so; nothing else is told to anybody.
    expect(count(told, 429) + count(told, 503)).toBe(498);
    expect(count(told, 429)).toBeGreaterThan(0);
    const locked = await open[0]!.post("/two-factor/verify", { code: await nextCode(secret) });
    expect(locked.status).toBe(429);
  });

  test(
    "a reset on one process ends sessions on the others within revalidateSeconds",
    { timeout: 120_000 },
    async () => {
      const cluster = await startCluster(processes, store);
      const member = await new Client(cluster.url(1)).login("mail@example.com");
      const { body } = await member.get("/two-factor/verify");
      expect(body).toMatchObject({ direct: { sent: true } });
      expect((await member.post("/two-factor/verify", { code: (await cluster.mailedCodes()).at(-1)! })).status).toBe(
        200,
      );
      const me = await member.get("/api/me");
      expect(me.status).toBe(200);

      const admin = await new Client(cluster.url(0)).login();
      await enrol(admin);
      const path = `/admin/members/${String(me.body["id"])}/reset`;
      expect((await admin.post(path, new URLSearchParams({ reason: "a new phone" }))).status).toBeLessThan(400);
      const reset = Date.now();
      // The process that reset knows at once; the others go on for as long as they say, and no longer.
      expect((await member.at(cluster.url(0)).get("/api/me")).status).toBe(403);
      for (let n = 1; n < processes; n += 1) {
        while ((await member.at(cluster.url(n)).get("/api/me")).status === 200) await pause(500);
        expect(Date.now() - reset).toBeLessThan((revalidateSeconds + 2) * 1000);
        expect((await member.get("/api/me")).status).toBe(403);
      }
    },
  );
});
