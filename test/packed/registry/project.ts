import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { repository } from "../install";

const run = promisify(execFile);
const fixtures = join(__dirname, "..", "fixtures");

/** What hosts have, as their package.json says it. */
const usual = { express: "^5.0.0", "express-session": "^1.18.0" };

/** The parts of a journey, for a host that is CommonJS and for one that is an ES module. */
export const commonjs = `
  const { journey, guarded } = require("./journey.cjs");
  const parts = {
    express: require("express"),
    session: require("express-session"),
    twoFactor: require("express-two-factor").twoFactor,
    memoryStore: require("express-two-factor/stores/memory").memoryStore,
  };`;
const esModule = `
  import express from "express";
  import session from "express-session";
  import { twoFactor } from "express-two-factor";
  import { memoryStore } from "express-two-factor/stores/memory";
  import { journey, guarded } from "./journey.cjs";
  const parts = { express, session, twoFactor, memoryStore };`;
const tell = "journey(parts).then((told) => console.log(told === guarded ? 'guarded' : told));";

export interface Outcome {
  code: number;
  /** What it printed, errors too, without colours. */
  text: string;
}

/** An empty folder of somebody's, with the packed library as a file beside it and the registry for all else. */
export class Project {
  private constructor(readonly folder: string) {}

  static async create(dependencies: Record<string, string> = {}, manifest: object = {}): Promise<Project> {
    const project = new Project(await mkdtemp(join(tmpdir(), "two-factor-registry-")));
    await cp(await tarball(), join(project.folder, "packed.tgz"));
    const all = { "express-two-factor": "file:./packed.tgz", ...usual, ...dependencies };
    await project.write(
      "package.json",
      JSON.stringify({ name: "host", private: true, ...manifest, dependencies: all }),
    );
    await cp(join(fixtures, "journey.cjs"), join(project.folder, "journey.cjs"));
    await project.write("host.cjs", `${commonjs}\n${tell}`);
    await project.write("host.mjs", `${esModule}\n${tell}`);
    return project;
  }

  async write(file: string, text: string): Promise<void> {
    const path = join(this.folder, file);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, text);
  }

  /** Adds a host with security keys, and the key that our own tests have, compiled for any Node. */
  async withSoftKey(): Promise<void> {
    await cp(join(fixtures, "key-journey.cjs"), join(this.folder, "key-journey.cjs"));
    const source = join(repository, "test/support/soft-key.ts");
    const target = ["--module", "commonjs", "--moduleResolution", "bundler", "--target", "es2022", "--types", "node"];
    const tsc = join(repository, "node_modules/typescript/bin/tsc");
    const flags = ["--ignoreConfig", "--skipLibCheck", ...target];
    await run(process.execPath, [tsc, source, "--outDir", this.folder, ...flags], { cwd: repository });
  }

  /** Runs a command in the folder; one that fails is an outcome, too. */
  async run(command: string, ...arguments_: string[]): Promise<Outcome> {
    const env: NodeJS.ProcessEnv = { ...process.env, ...yarnSettings, NO_COLOR: "1", npm_config_fund: "false" };
    // What a test runner tells those that it starts is not for a host.
    for (const name of ["NODE_OPTIONS", "NODE_ENV", "VITEST", "FORCE_COLOR", "CI"]) delete env[name];
    const options = { cwd: this.folder, env, maxBuffer: 2 ** 26 };
    return run(command, arguments_, options).then(
      ({ stdout, stderr }) => ({ code: 0, text: stdout + stderr }),
      (failed: { code: number; stdout: string; stderr: string }) => ({
        code: failed.code,
        text: failed.stdout + failed.stderr,
      }),
    );
  }

  /** Runs what cannot go wrong, such as an install. */
  async must(command: string, ...arguments_: string[]): Promise<string> {
    const { code, text } = await this.run(command, ...arguments_);
    if (code !== 0) throw new Error(`${command} ${arguments_.join(" ")} ended with ${code}:\n${text}`);
    return text.trim();
  }

  /** A command of a package that need not be installed. */
  tool(specifier: string, command: string, ...arguments_: string[]): Promise<string> {
    return this.must("npm", "exec", "--yes", `--package=${specifier}`, "--", command, ...arguments_);
  }

  install(): Promise<string> {
    return this.must("npm", "install", "--no-audit");
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

/** Where other package managers keep what they have; by themselves, in the home. */
export const cache = (name: string): string => join(repository, ".cache", "package-managers", name);

const yarnSettings = {
  YARN_GLOBAL_FOLDER: cache("yarn"),
  YARN_ENABLE_TELEMETRY: "0",
  YARN_ENABLE_IMMUTABLE_INSTALLS: "0",
};

let packing: Promise<string> | undefined;

/** Packs once for all tests of a file. */
function tarball(): Promise<string> {
  packing ??= (async () => {
    const folder = cache("packed");
    await mkdir(folder, { recursive: true });
    const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: repository });
    return join(folder, stdout.trim());
  })();
  return packing;
}
