import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installPacked, repository, type Installed } from "./install";

const run = promisify(execFile);

/** A host's own code: every subpath, and the middleware mounted in an Express app. */
const host = `
import express = require("express");
import { twoFactor } from "express-two-factor";
import { memoryStore } from "express-two-factor/stores/memory";
import { redisStore } from "express-two-factor/stores/redis";
import { postgresStore } from "express-two-factor/stores/postgres";
import * as conformance from "express-two-factor/stores/conformance";
import * as oidc from "express-two-factor/oidc";
import * as client from "express-two-factor/client";

interface Member { id: string; superAdmin: boolean }

export const tfa = twoFactor<Member>({
  issuer: "EventHub",
  store: memoryStore(),
  user: () => ({ id: "1", superAdmin: true }),
  needTwoFactorAuthentication: (user) => user.superAdmin,
});
express().use(tfa).use("/admin", tfa.gate).use("/account/2fa", tfa.routes);
export const all = [redisStore, postgresStore, conformance, oidc, client];

// @ts-expect-error an unknown option is a mistake, not a wish
twoFactor<Member>({ store: memoryStore(), isuer: "EventHub" });
`;
const esmHost = host.replace('import express = require("express");', 'import express from "express";');

/** TypeScript 7 has no \`node10\` any more; hosts that still use it compile with an older one. */
const compilers = { now: "typescript", older: "typescript5" };

const consumers = [
  { name: "node10", compiler: compilers.older, module: "commonjs", resolution: "node10", file: "host.ts", text: host },
  {
    name: "node16 CommonJS",
    compiler: compilers.now,
    module: "node16",
    resolution: "node16",
    file: "host.cts",
    text: host,
  },
  {
    name: "node16 ES modules",
    compiler: compilers.now,
    module: "node16",
    resolution: "node16",
    file: "host.mts",
    text: esmHost,
  },
  {
    name: "a bundler",
    compiler: compilers.now,
    module: "esnext",
    resolution: "bundler",
    file: "host.ts",
    text: esmHost,
  },
  {
    name: "a bundler, TypeScript 5",
    compiler: compilers.older,
    module: "esnext",
    resolution: "bundler",
    file: "host.ts",
    text: esmHost,
  },
];

let installed: Installed;
beforeAll(async () => {
  installed = await installPacked();
  await installed.add("express", "redis", "pg", "@types/express", "@types/node", "@types/pg");
}, 120_000);
afterAll(() => installed.remove());

describe("a TypeScript host compiles against the package under", () => {
  test.each(consumers)("$name", async ({ name, compiler, module, resolution, file, text }) => {
    const directory = join(installed.project, name.replace(/\W+/g, "-"));
    await mkdir(directory);
    await writeFile(join(directory, file), text);
    // Declarations are checked too (skipLibCheck off), so that ours cannot lean on what only this repository has.
    const compilerOptions = {
      target: "es2022",
      lib: ["es2022", "dom"],
      types: ["node"],
      module,
      moduleResolution: resolution,
      strict: true,
      exactOptionalPropertyTypes: true,
      esModuleInterop: true,
      skipLibCheck: false,
      noEmit: true,
    };
    await writeFile(join(directory, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));

    const tsc = join(repository, "node_modules", compiler, "bin", "tsc");
    const { stdout } = await run(process.execPath, [tsc, "-p", directory, "--pretty", "false"], {
      cwd: installed.project,
    }).catch((failed: { stdout: string }) => failed);
    // Other packages' declarations are not ours to mend.
    const ours = stdout.split("\n").filter((line) => /^(\S*express-two-factor\/|\S*host\.[cm]?ts|error)/.test(line));
    expect(ours).toEqual([]);
  });
});
