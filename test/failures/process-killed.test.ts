import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { generateEncryptionKey } from "../../src";
import { directoryForThisTest, startApp } from "../example-app/support";
import { Client, codesNeverShown, enrol, nextCode } from "../processes/cluster";
import { databaseForThisTest, oathtoolCode, redisForThisTest } from "../support/services";
import { startWire } from "./engines";

describe("A process", () => {
  test("killed between its check and its write has told nothing and used up nothing", { timeout: 90_000 }, async () => {
    const DATABASE_URL = await databaseForThisTest();
    const shared = {
      DATA_DIR: await directoryForThisTest(),
      REDIS_URL: await redisForThisTest(),
      OTP_SECRET_ENCRYPTION_KEY: generateEncryptionKey(),
      SESSION_SECRET: "shared by both processes of this test",
    };
    const wire = await startWire(DATABASE_URL);
    const doomed = await startApp({ ...shared, DATABASE_URL: wire.url });
    const { secret } = await enrol(await new Client(doomed.url).login());
    const login = await new Client(doomed.url).login();
    const code = await nextCode(secret);

    const sent = wire.holdNextWrite();
    const unanswered = login.post("/two-factor/verify", { code }).catch((error: unknown) => error);
    await sent;
    await doomed.end("SIGKILL");
    expect(await unanswered).toBeInstanceOf(Error);

    const next = await startApp({ ...shared, DATABASE_URL });
    login.at(next.url);
    expect((await login.get("/admin")).status).toBe(403);
    const [wrong] = await codesNeverShown(secret, 1);
    expect(await login.post("/two-factor/verify", { code: wrong })).toMatchObject({
      status: 422,
      body: { attemptsRemaining: 2 },
    });
    expect((await login.post("/two-factor/verify", { code })).status).toBe(200);
    expect((await login.get("/admin")).status).toBe(200);
    await next.end();
  });

  test("whose clock is 45 s off accepts no step that another has accepted", { timeout: 90_000 }, async () => {
    const folder = await directoryForThisTest();
    const skew = join(folder, "skew.cjs");
    await writeFile(skew, "const now = Date.now; Date.now = () => now() + 45_000;\n");
    const shared = {
      DATA_DIR: folder,
      DATABASE_URL: await databaseForThisTest(),
      REDIS_URL: await redisForThisTest(),
      OTP_SECRET_ENCRYPTION_KEY: generateEncryptionKey(),
      SESSION_SECRET: "shared by both processes of this test",
    };
    const right = await startApp(shared);
    const fast = await startApp({ ...shared, NODE_OPTIONS: `--require ${skew}` });
    const { secret } = await enrol(await new Client(right.url).login());

    const code = await nextCode(secret);
    const first = await new Client(right.url).login();
    expect((await first.post("/two-factor/verify", { code })).status).toBe(200);
    // To the fast one this step is past, or used; never good again.
    const second = await new Client(fast.url).login();
    expect([409, 422]).toContain((await second.post("/two-factor/verify", { code })).status);

    const ahead = await oathtoolCode(secret, new Date(Date.now() + 60_000));
    expect((await second.post("/two-factor/verify", { code: ahead })).status).toBe(200);
    // The other way round: what lies ahead of the window is no crash, and no pass.
    const third = await new Client(right.url).login();
    expect([409, 422]).toContain((await third.post("/two-factor/verify", { code: ahead })).status);
    expect((await third.get("/admin")).status).toBe(403);
    expect((await second.get("/admin")).status).toBe(200);
    await Promise.all([right.end(), fast.end()]);
  });
});
