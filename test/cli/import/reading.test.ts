import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { csvRows } from "../../../src/cli/import/csv";
import { openGemSecret } from "../../../src/cli/import/gem";
import { postgresRows } from "../../../src/cli/import/postgres";
import { readSecret } from "../../../src/factors/totp/secret";
import { columnsOf, foundIn, type Layout } from "../../../src/cli/import/source";
import { databaseForThisTest, sql } from "../../support/services";

describe("a secret", () => {
  const forty = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  test.each([
    ["as it is", forty],
    ["in lower case and groups, as pages show it", "gezd gnbv gy3t qojq gezd gnbv gy3t qojq"],
    ["with dashes", "GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ"],
    ["with padding and a line end", `${forty}======\n`],
  ])("is read %s", (_, text) => {
    expect(readSecret(text)).toEqual({ secret: forty, isShort: false });
  });

  test("of 80 bits, as older libraries made them, is read and flagged; from 128 on it is not", () => {
    expect(readSecret("JBSWY3DPEHPK3PXP")).toEqual({ secret: "JBSWY3DPEHPK3PXP", isShort: true });
    expect(readSecret("JBSWY3DPEHPK3PXPJBSWY3DPEE")).toMatchObject({ isShort: false });
    // speakeasy's: 32 characters of ASCII, 52 of base32.
    expect(readSecret("JRPEWTCZLRXDAN3SIZAU63TEJFGUOV2QLJLVSM3CKVGVC2DVGJAQ")).toMatchObject({ isShort: false });
  });

  test("that is none is said to be none, without being told", () => {
    expect(readSecret("")).toEqual({ why: "there is no secret" });
    expect(readSecret("not 1 secret 0f base32")).toEqual({ why: "its secret is no base32" });
    expect(readSecret("3132333435363738393031323334353637383930")).toEqual({ why: "its secret is no base32" });
    expect(readSecret("JBSWY3DP")).toMatchObject({ why: expect.stringMatching(/40 bits/) as unknown });
  });
});

// openssl kdf -keylen 32 -kdfopt digest:SHA1 -kdfopt pass:"$key" -kdfopt hexsalt:000102…0f -kdfopt iter:2000 PBKDF2
// printf %s JBSWY3DPEHPK3PXP | openssl enc -aes-256-cbc -K $derived -iv f0f1…ff -a -A
const gemKey = "the gem key: a long text of the app";
const [salt, iv] = ["_AAECAwQFBgcICQoLDA0ODw==\n", "8PHy8/T19vf4+fr7/P3+/w==\n"];
const vectors = [
  ["JBSWY3DPEHPK3PXP", "y31d/DDl06/BI+1OueL64bJ25ZLmBLtmQI0HGloWJVE=\n"],
  ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "ug9bHfNdH0dJV/Z+y8ADsO1W2yXgk6rmUZ8ybzIHbCdNrfPCWQoP8i56vqxz\nLs1Q\n"],
] as const;

describe("the gem's columns", () => {
  test.each(vectors)("open as OpenSSL made them (%s)", (secret, encrypted) => {
    expect(openGemSecret({ encrypted, iv, salt }, gemKey)).toBe(secret);
  });

  test("do not open with another key, salt or vector, nor cut off", () => {
    const [, encrypted] = vectors[1];
    const otherIv = "8PHy8/T19vf4+fr7/P3+/g==";
    expect(openGemSecret({ encrypted, iv, salt }, "another key")).toBeUndefined();
    expect(openGemSecret({ encrypted, iv, salt: "_AAAA" }, gemKey)).toBeUndefined();
    expect(openGemSecret({ encrypted: encrypted.slice(0, 30), iv, salt }, gemKey)).toBeUndefined();
    expect(openGemSecret({ encrypted, iv: "AAAA", salt }, gemKey)).toBeUndefined();
    // CBC: another vector changes the first characters, which the padding does not show. It is no base32 then, or another.
    expect(openGemSecret({ encrypted, iv: otherIv, salt }, gemKey)).not.toBe(vectors[1][0]);
  });
});

async function csvFile(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "two-factor-import-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "users.csv"), text);
  return join(folder, "users.csv");
}

async function all(rows: AsyncIterable<ReadonlyMap<string, string>>): Promise<object[]> {
  const found: object[] = [];
  for await (const row of rows) found.push(Object.fromEntries(row));
  return found;
}

describe("a CSV file", () => {
  test.each([
    ["commas", "id,secret\n1,A\n2,B\n"],
    ["semicolons, as some offices write it", "id;secret\r\n1;A\r\n2;B\r\n"],
    ["tabs, and no line end at its end", "id\tsecret\n1\tA\n2\tB"],
    ["a byte order mark, spaces in its head and empty lines", "\uFEFFid , secret\n\n1,A\n\n2,B\n\n"],
    ["carriage returns alone, as old Macs wrote it", "id,secret\r1,A\r2,B\r"],
    ["quotes", '"id","secret"\n"1","A"\n"2","B"\n'],
  ])("is read with %s", async (_, text) => {
    expect(await all(csvRows(await csvFile(text)))).toEqual([
      { id: "1", secret: "A" },
      { id: "2", secret: "B" },
    ]);
  });

  test("may have separators, quotes and line ends in quoted fields", async () => {
    const text = 'id,name,secret\n1,"Ann, ""the\nadmin""","A\n"\n2,,B\n';
    expect(await all(csvRows(await csvFile(text)))).toEqual([
      { id: "1", name: 'Ann, "the\nadmin"', secret: "A\n" },
      { id: "2", name: "", secret: "B" },
    ]);
  });

  test("that is longer than what is read at once is read whole, characters and quotes on an edge too", async () => {
    const name = `"${"漢🙂,\n".repeat(40)}"`;
    const count = 2000;
    const text = `id,name\n${Array.from({ length: count }, (_, index) => `${index},${name}\n`).join("")}`;
    const rows = await all(csvRows(await csvFile(text)));
    expect(rows).toHaveLength(count);
    expect(new Set(rows.map((row) => (row as { name: string }).name))).toEqual(new Set([name.slice(1, -1)]));
  });

  test("that is no UTF-8 is an error that names the line, wherever it is; what lies on the edge of two chunks is none", async () => {
    const folder = await mkdtemp(join(tmpdir(), "two-factor-import-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, "latin.csv");
    const latin = Buffer.from([0xe9]);
    for (const lines of [1, 2, 9000]) {
      const before = `id,name\n${"1,caf\u00e9 and more\n".repeat(lines - 1)}`;
      await writeFile(file, Buffer.concat([Buffer.from(`${before}2,caf`), latin, Buffer.from("\n3,x\n")]));
      await expect(all(csvRows(file))).rejects.toThrow(new RegExp(`^Line ${lines + 1} of .* is not UTF-8`));
      await writeFile(file, Buffer.concat([Buffer.from(`${before}2,caf`), latin]));
      await expect(all(csvRows(file))).rejects.toThrow(new RegExp(`^Line ${lines + 1} of .* is not UTF-8`));
    }
    for (let shift = 0; shift < 3; shift += 1) {
      const name = "\u20ac".repeat(50_000);
      await writeFile(file, `id,name\n${"1".repeat(shift + 1)},${name}\n`);
      expect((await all(csvRows(file)))[0]).toMatchObject({ name });
    }
  });

  test("without the columns that are needed is told so, without rows too, and so are two of one name", async () => {
    const needed = ["id", "secret"];
    await expect(all(csvRows(await csvFile("number,otp\n"), needed))).rejects.toThrow(
      "There is no column id, secret; there are number, otp.",
    );
    await expect(all(csvRows(await csvFile("id,secret,id\n1,A,2\n"), needed))).rejects.toThrow(/has two columns id/);
    expect(await all(csvRows(await csvFile("id,secret\n"), needed))).toEqual([]);
    expect(await all(csvRows(await csvFile("id,secret,,\n1,A,,\n"), needed))).toMatchObject([{ id: "1" }]);
  });

  test("that is damaged is an error that names the line", async () => {
    for (const end of ["\n", "\r\n", "\r"]) {
      await expect(all(csvRows(await csvFile(`id,secret${end}1,A${end}2,B,C${end}`)))).rejects.toThrow(
        /Line 3 .* has 3 fields.*head 2/,
      );
    }
    await expect(all(csvRows(await csvFile('id,secret\n1,A\n2,"B\n')))).rejects.toThrow(
      /within a quoted field.*line 3/,
    );
    await expect(all(csvRows("/dev/null"))).rejects.toThrow(/is no file.*a pipe will not do/);
    await expect(all(csvRows(await csvFile("")))).rejects.toThrow(/is empty: it needs a head line/);
  });
});

const layout: Layout = { id: "id", secret: "encrypted_otp_secret_key", onlyIf: "enabled", gemKey };

describe("a PostgreSQL table", () => {
  test("is read as text, in as many rows as it has, and never written to", async () => {
    const url = await databaseForThisTest();
    const [secret, encrypted] = vectors[0];
    await sql(
      url,
      `CREATE SCHEMA app; CREATE TABLE app."Users" (id BIGINT, encrypted_otp_secret_key TEXT,
         encrypted_otp_secret_key_iv TEXT, encrypted_otp_secret_key_salt TEXT, enabled BOOLEAN);
       INSERT INTO app."Users" SELECT n, '${encrypted}', '${iv}', '${salt}', n % 2 = 0 FROM generate_series(1, 1203) n;
       INSERT INTO app."Users" (id) VALUES (9007199254740993)`,
    );
    const found = [];
    for await (const row of postgresRows(url, "app.Users", columnsOf(layout))) found.push(foundIn(row, layout));
    expect(found).toHaveLength(1204);
    expect(found.filter(({ is }) => is === "none")).toHaveLength(603);
    expect(found[1]).toEqual({ is: "secret", id: "2", secret, isShort: true });
  });
});

test("a row that cannot be read says whose it is and why, and holds no secret", () => {
  const rowOf = (fields: Record<string, string>) =>
    new Map(Object.entries({ id: "7", enabled: "t", encrypted_otp_secret_key: vectors[0][1], ...fields }));
  expect(foundIn(rowOf({}), layout)).toEqual({ is: "unreadable", id: "7", why: "it does not open with this key" });
  expect(foundIn(rowOf({ enabled: "f" }), layout)).toEqual({ is: "none" });
  expect(foundIn(rowOf({ encrypted_otp_secret_key: "" }), layout)).toEqual({ is: "none" });
  const plain: Layout = { id: "id", secret: "secret" };
  expect(foundIn(new Map([["secret", "JBSWY3DPEHPK3PXP"]]), plain)).toMatchObject({
    is: "unreadable",
    why: "it has no id",
  });
  for (const id of [" 7", "7 ", "\t7", "7\n", " "]) {
    expect(foundIn(rowOf({ id, secret: "JBSWY3DPEHPK3PXP" }), plain)).toMatchObject({
      is: "unreadable",
      why: "its id has spaces around it, and would be another user",
    });
  }
  expect(foundIn(rowOf({ secret: "??" }), plain)).toEqual({
    is: "unreadable",
    id: "7",
    why: "its secret is no base32",
  });
  expect(foundIn(rowOf({ secret: "jbsw y3dp ehpk 3pxp" }), plain)).toEqual({
    is: "secret",
    id: "7",
    secret: "JBSWY3DPEHPK3PXP",
    isShort: true,
  });
});
