import { defineConfig } from "vitest/config";
import all from "./vitest.config.mjs";

/** What needs nothing but Node: seconds, on any machine. */
const folders = ["core", "crypto", "factors", "http", "locales", "notices", "options", "service"];

export default defineConfig({
  ...all,
  test: {
    ...all.test,
    include: folders.map((folder) => `test/${folder}/**/*.test.ts`),
    globalSetup: [],
    outputFile: { json: ".cache/vitest.unit.json" },
  },
});
