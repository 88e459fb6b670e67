import { Client } from "pg";
import QRCode from "qrcode";
import { createClient } from "redis";
import { expect, test } from "vitest";
import {
  databaseForThisTest,
  freshDatabase,
  freshMariadb,
  freshRedis,
  launchChromium,
  mariadbSql,
  oathtoolCode,
  redisForThisTest,
  scanQr,
  sql,
  startMariadb,
  startPostgres,
  startRedis,
} from "./index";

async function rows(url: string, query: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows: found } = await client.query(query);
  await client.end();
  return found;
}

test("two fresh databases do not see each other, and a dropped one is gone", async () => {
  const [one, other] = [await freshDatabase(), await databaseForThisTest()];
  await sql(one.url, "CREATE TABLE mine (id int)");
  await expect(sql(other, "SELECT * FROM mine")).rejects.toThrow(/does not exist/);
  await one.drop();
  await expect(sql(one.url, "SELECT 1")).rejects.toThrow(/does not exist/);
});

test("two fresh Redis databases do not see each other, and a dropped one comes back empty", async () => {
  const [one, other] = [await freshRedis(), await redisForThisTest()];
  expect(one.url).not.toBe(other);
  const client = await createClient({ url: one.url }).connect();
  await client.set("mine", "1");
  const stranger = await createClient({ url: other }).connect();
  expect(await stranger.get("mine")).toBeNull();
  await one.drop();
  expect(await client.get("mine")).toBeNull();
  client.destroy();
  stranger.destroy();
});

test("a private PostgreSQL keeps acknowledged rows over kill -9 and restart", async () => {
  await using server = await startPostgres({ fsync: true });
  await sql(server.url, "CREATE TABLE kept AS SELECT 1 AS id");
  await server.kill9();
  await expect(sql(server.url, "SELECT 1")).rejects.toThrow(/ECONNREFUSED/);
  await server.restart();
  expect(await rows(server.url, "SELECT id FROM kept")).toEqual([{ id: 1 }]);
});

test("two fresh MariaDB databases do not see each other, and a private server keeps rows over kill -9 and restart", async () => {
  const [one, other] = [await freshMariadb(), await freshMariadb()];
  await mariadbSql(one.url, "CREATE TABLE mine (id int)");
  await expect(mariadbSql(other.url, "SELECT * FROM mine")).rejects.toThrow(/doesn't exist/);
  await Promise.all([one.drop(), other.drop()]);

  await using server = await startMariadb({ durable: true });
  await mariadbSql(server.url, "CREATE TABLE kept AS SELECT 1 AS id");
  await server.kill9();
  await expect(mariadbSql(server.url, "SELECT 1")).rejects.toThrow(/ECONNREFUSED/);
  await server.restart();
  await mariadbSql(server.url, "SELECT id FROM kept");
});

test("a private Redis keeps its keys over kill -9 with appendonly, and loses them without", async () => {
  for (const appendonly of [true, false]) {
    await using server = await startRedis({ appendonly });
    const before = await createClient({ url: server.url }).connect();
    await before.set("kept", "1");
    before.on("error", () => undefined);
    await server.kill9();
    before.destroy();
    await server.restart();
    const after = await createClient({ url: server.url }).connect();
    expect(await after.get("kept")).toBe(appendonly ? "1" : null);
    after.destroy();
  }
});

test("oathtool gives the codes of RFC 6238, appendix B", async () => {
  const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  expect(await oathtoolCode(secret, new Date(59_000), 8)).toBe("94287082");
  expect(await oathtoolCode(secret, new Date(1_111_111_109_000), 8)).toBe("07081804");
  expect(await oathtoolCode(secret)).toMatch(/^\d{6}$/);
});

test("zbarimg reads a QR code", async () => {
  const uri = "otpauth://totp/EventHub:super%40example.com?secret=GEZDGNBVGY3TQOJQ&issuer=EventHub";
  expect(await scanQr(await QRCode.toBuffer(uri))).toBe(uri);
});

test("Chromium opens a page", async () => {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.setContent("<title>Hello</title>");
    expect(await page.title()).toBe("Hello");
  } finally {
    await browser.close();
  }
});
