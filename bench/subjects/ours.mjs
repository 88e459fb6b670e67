// This library on the bench's host. STORE: memory, or sqlite (of better-sqlite3); KEYS: with security keys.
import "../clock.mjs";
import { twoFactor } from "../../dist/index.js";
import { memoryStore } from "../../dist/stores/memory.js";
import { sqliteStore } from "../../dist/stores/sqlite.js";
import { securityKeys } from "../../dist/factors/security-keys/index.js";
import { hostApp, userOf } from "../host-app.mjs";
import { openSqlite } from "../sqlite.mjs";
import { serve } from "../subject.mjs";

const { STORE, KEYS } = process.env;

const store = STORE === "sqlite" ? sqliteStore(openSqlite(), { createTable: true }) : memoryStore();
let failures = 0;
process.on("message", () => process.send({ failures }));

const tfa = twoFactor({
  issuer: "Bench",
  store,
  user: userOf,
  onEvent: ({ type }) => (failures += type === "challenge-failed" ? 1 : 0),
  // Ten take ten scrypts, which makes the preparation long and changes nothing measured.
  recoveryCodes: { count: 1 },
  ...(KEYS && { factors: [securityKeys({ rpId: "localhost", origins: ["http://localhost"] })] }),
});

serve(hostApp(tfa));
