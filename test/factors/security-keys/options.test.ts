import { createRequire } from "node:module";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { securityKeys } from "../../../src/factors/security-keys";
import { loadLibrary } from "../../../src/factors/security-keys/library";
import { party } from "./support";

test.each([
  "https://example.com",
  "example.com:443",
  "example.com/",
  "Example.com",
  "example.com.",
  "192.0.2.1",
  "[::1]",
  "com",
  "",
  undefined,
])("rpId %s is refused at construction", (rpId) => {
  expect(() => securityKeys({ ...party, rpId: rpId as string })).toThrow(/`rpId` must be a domain/);
});

test.each([
  ["https://example.com.evil.test", /not of the domain/],
  ["https://evilexample.com", /not of the domain/],
  ["http://app.example.com", /https/],
  ["https://app.example.com/", /must be an origin/],
  ["https://APP.example.com", /must be an origin/],
  ["app.example.com", /must be an origin/],
])("origin %s is refused at construction", (origin, reason) => {
  expect(() => securityKeys({ ...party, origins: [origin] })).toThrow(reason);
});

test("localhost is let be without TLS, and unknown names and numbers are told", () => {
  expect(securityKeys({ rpId: "localhost", origins: ["http://localhost:3000"] }).kind).toBe("security-keys");
  expect(() => securityKeys({ ...party, origins: [] })).toThrow(/`origins`/);
  expect(() => securityKeys({ ...party, maxKeys: 0, timeoutSeconds: 1, rpID: "x" } as never)).toThrow(
    /`rpID` is no option[^]*`maxKeys`[^]*`timeoutSeconds`/,
  );
});

test("a library that is missing, or of another major, is told with the command", () => {
  const folder = mkdtempSync(join(tmpdir(), "keys-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const load = createRequire(join(folder, "app.js"));
  const command = /npm install @simplewebauthn\/server@14/;
  expect(() => loadLibrary(load)).toThrow(command);
  const home = join(folder, "node_modules/@simplewebauthn/server");
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "index.js"), "");
  writeFileSync(join(home, "package.json"), JSON.stringify({ name: "@simplewebauthn/server", version: "13.2.0" }));
  expect(() => loadLibrary(load)).toThrow(/13\.2\.0/);
  expect(() => loadLibrary(load)).toThrow(command);
});
