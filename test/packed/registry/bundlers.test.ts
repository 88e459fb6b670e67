import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Project } from "./project";

let project: Project;
beforeAll(async () => {
  project = await Project.create({ esbuild: "0.28.2", vite: "8.3.8" });
  await project.install();
});
afterAll(() => project.remove());

const esbuild = (...flags: string[]) =>
  project.must("npx", "--no-install", "esbuild", "--bundle", "--platform=node", "--log-level=error", ...flags);

/** Builds `host.mjs` for a server into `built/`: packages stay outside, but those that are not to. */
async function vite(ssr: object): Promise<void> {
  const output = { entryFileNames: "[name].mjs" };
  const build = { ssr: "host.mjs", outDir: "built", rolldownOptions: { external: ["./journey.cjs"], output } };
  await project.write("vite.config.mjs", `export default ${JSON.stringify({ logLevel: "error", build, ssr })};`);
  await project.must("npx", "--no-install", "vite", "build");
  await project.write("built/journey.cjs", 'module.exports = require("../journey.cjs");');
}

describe("named as external, it guards a host that is bundled by", () => {
  test.each(["cjs", "esm"])("esbuild, as %s", async (format) => {
    const output = format === "cjs" ? "bundle.cjs" : "bundle.mjs";
    // An ES module of esbuild's has no `require`, which Express and other CommonJS packages need, so all stay outside.
    const external = format === "cjs" ? ["--external:express-two-factor"] : ["--packages=external"];
    await esbuild("host.mjs", `--format=${format}`, `--outfile=${output}`, ...external, "--external:./journey.cjs");
    expect(await project.must("node", output)).toBe("guarded");
  });

  test("Vite, for a server", async () => {
    await vite({});
    expect(await project.must("node", "built/host.mjs")).toBe("guarded");
  });
});

describe("inside a bundle, without its views, it says at once to name it as external, when bundled by", () => {
  const said = /express-two-factor .*external/s;

  test.each(["cjs", "esm"])("esbuild, as %s", async (format) => {
    const output = `dist/inside.${format === "cjs" ? "cjs" : "mjs"}`;
    await esbuild(
      "host.mjs",
      `--format=${format}`,
      `--outfile=${output}`,
      "--external:express",
      "--external:express-session",
    );
    const { code, text } = await project.run("node", output);
    expect(text).toMatch(said);
    expect(code).toBe(1);
  });

  test("Vite, for a server", async () => {
    await vite({ noExternal: ["express-two-factor"] });
    const { code, text } = await project.run("node", "built/host.mjs");
    expect(text).toMatch(said);
    expect(code).toBe(1);
  });
});
