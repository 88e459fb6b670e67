import { defineConfig } from "vitest/config";
import all from "./vitest.config.mjs";

/** The rules once more, over hosts without sessions. Where one speaks of sessions, test/support/without-sessions.ts says what holds instead. */
const projects = ["cookie", "token"].map((state) => ({
  resolve: all.resolve ?? {},
  test: {
    ...all.test,
    name: state,
    env: { STATE: state },
    include: ["test/security/*.test.ts"],
    exclude: [],
    globalSetup: [],
    setupFiles: ["test/support/states-setup.ts"],
    // Six dozen files share what they import: half of the time would go into that.
    isolate: false,
  },
}));

export default defineConfig({
  test: {
    projects,
    maxWorkers: 2,
    outputFile: { json: ".cache/vitest.states.json" },
    reporters: process.env["CI"] ? ["default", "json"] : ["default"],
  },
});
