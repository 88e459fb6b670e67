import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(`src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    // The example app imports the library by its own name; in-process tests of it run against the sources.
    alias: [
      { find: /^express-two-factor$/, replacement: source("index.ts") },
      { find: /^express-two-factor\/(stores\/.+|factors\/.+)$/, replacement: source("$1.ts") },
      { find: /^express-two-factor\/security-keys$/, replacement: source("factors/security-keys/index.ts") },
      { find: /^express-two-factor\/(oidc|client|factors|notices)$/, replacement: source("$1/index.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    // test/packed/registry has a run of its own: npm run test:packed
    // … and hosts without sessions: vitest.states.config.mts
    exclude: ["test/**/fixtures/**", "test/packed/registry/**", "test/security/37-*"],
    globalSetup: ["test/support/services/global-setup.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
    maxWorkers: 2,
    outputFile: { json: ".cache/vitest.json" },
    reporters: process.env["CI"] ? ["default", "json"] : ["default"],
  },
});
