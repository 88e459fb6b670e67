// better-auth with its plugin two-factor over SQLite, as its documentation mounts it on Express.
import "../clock.mjs";
import express from "express";
import { importPeer } from "../peers.mjs";
import { openSqlite } from "../sqlite.mjs";
import { serve } from "../subject.mjs";

const { betterAuth } = await importPeer("better-auth");
const { twoFactor } = await importPeer("better-auth/plugins");
const { toNodeHandler } = await importPeer("better-auth/node");
const { getMigrations } = await importPeer("better-auth/db/migration");

const options = {
  database: openSqlite(),
  baseURL: "http://127.0.0.1",
  secret: "a secret of thirty-two characters, or a few more",
  appName: "Bench",
  trustedOrigins: ["http://127.0.0.1:*"],
  // What is compared is the second factor: its own scrypt for the password would only make the preparation long.
  emailAndPassword: { enabled: true, password: { hash: async (text) => text, verify: async () => true } },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { disabled: true },
  plugins: [twoFactor({ issuer: "Bench" })],
};
await (await getMigrations(options)).runMigrations();
const app = express();
app.all("/api/auth/*path", toNodeHandler(betterAuth(options)));

serve(app);
