import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// `npm run test:packed`: minutes rather than seconds, and it needs the registry, so it stands apart from `npm test`.
// It asks for the build only, and for none of the servers that the other tests run on.
export default defineConfig({
  root: fileURLToPath(new URL("../../..", import.meta.url)),
  test: {
    include: ["test/packed/registry/*.test.ts"],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // One install at a time: they share the package managers' caches.
    fileParallelism: false,
    outputFile: { json: ".cache/vitest-packed.json" },
    reporters: process.env["CI"] ? ["default", "json"] : ["default"],
  },
});
