import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postgresStore } from "../../src/stores/postgres";
import { testConformance } from "./run-conformance";

let engine: PGlite;
beforeAll(async () => {
  engine = await PGlite.create();
});
afterAll(() => engine.close());

describe("postgresStore conforms on PGlite", () => {
  // No host transaction here: PGlite has one connection, and makes the store wait until the host's transaction ends.
  testConformance(() => {
    const options = { createTable: true };
    return { clients: [postgresStore(engine, options), postgresStore(engine, options)] };
  });
});

test("the table is missing on PGlite in the same words", async () => {
  await expect(postgresStore(engine, { table: "elsewhere" }).get("a")).rejects.toThrow(
    /"elsewhere" does not exist: run/,
  );
});
