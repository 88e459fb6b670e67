import { afterEach, describe, expect, test } from "vitest";
import { cache, Project } from "./project";

const pnpm = "pnpm@12.21.0";
const yarn = "@yarnpkg/cli-dist@4.18.1";

let project: Project | undefined;
afterEach(() => project?.remove());

describe("a host guards its app after an install by", () => {
  test("npm", async () => {
    project = await Project.create();
    await project.install();
    expect(await project.must("node", "host.cjs")).toBe("guarded");
    expect(await project.must("node", "host.mjs")).toBe("guarded");
    expect(await project.must("npx", "--no-install", "express-two-factor", "generate-key")).toMatch(/[\w+/]{43}=/);
  });

  test.each([
    ["pnpm", ""],
    ["pnpm that hoists nothing", "hoist: false\n"],
  ])("%s", async (_, settings) => {
    project = await Project.create();
    await project.write("pnpm-workspace.yaml", `${settings}storeDir: ${cache("pnpm")}\n`);
    await project.tool(pnpm, "pnpm", "install");
    expect(await project.must("node", "host.cjs")).toBe("guarded");
    expect(await project.must("node", "host.mjs")).toBe("guarded");
    expect(await project.tool(pnpm, "pnpm", "exec", "express-two-factor", "generate-key")).toMatch(/[\w+/]{43}=/);
  });

  test("Yarn with Plug'n'Play", async () => {
    project = await Project.create();
    await project.write(".yarnrc.yml", "nodeLinker: pnp\npnpMode: strict\npnpFallbackMode: none\n");
    await project.write("yarn.lock", "");
    await project.tool(yarn, "yarn", "install");
    expect(await project.tool(yarn, "yarn", "node", "host.cjs")).toBe("guarded");
    expect(await project.tool(yarn, "yarn", "node", "host.mjs")).toBe("guarded");
    expect(await project.tool(yarn, "yarn", "express-two-factor", "generate-key")).toMatch(/[\w+/]{43}=/);
  });
});
