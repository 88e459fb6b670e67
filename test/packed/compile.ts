import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { repository } from "./install";

const run = promisify(execFile);

interface Dialect {
  name: string;
  compiler: "typescript" | "typescript5";
  module: string;
  resolution: string;
  file: string;
}

const [now, older] = ["typescript", "typescript5"] as const;

function dialect(compiler: Dialect["compiler"], resolution: string, module: string, file: string): Dialect {
  const suffix = file === "host.mts" ? ", ES module" : "";
  const name = `TypeScript ${compiler === now ? "7" : "5.9"}, ${resolution}${suffix}`;
  return { name, compiler, module, resolution, file };
}

/** How hosts compile. TypeScript 7 has no `node10` any more; those who still use it have an older one. */
export const dialects: readonly Dialect[] = [
  dialect(older, "node10", "commonjs", "host.ts"),
  ...[older, now].flatMap((compiler) => [
    dialect(compiler, "node16", "node16", "host.cts"),
    dialect(compiler, "node16", "node16", "host.mts"),
    dialect(compiler, "nodenext", "nodenext", "host.cts"),
    dialect(compiler, "nodenext", "nodenext", "host.mts"),
    dialect(compiler, "bundler", "esnext", "host.ts"),
  ]),
];

/** A host's own code: every subpath, and the middleware mounted in an Express app. */
export const wholeHost = `
import express = require("express");
import { twoFactor } from "express-two-factor";
import { memoryStore } from "express-two-factor/stores/memory";
import { redisStore } from "express-two-factor/stores/redis";
import { postgresStore } from "express-two-factor/stores/postgres";
import { sqliteStore } from "express-two-factor/stores/sqlite";
import { mysqlStore } from "express-two-factor/stores/mysql";
import * as conformance from "express-two-factor/stores/conformance";
import { notice, type NoticeWords } from "express-two-factor/notices";
import { defineFactor } from "express-two-factor/factors";
import * as factorConformance from "express-two-factor/factors/conformance";
import { securityKeys } from "express-two-factor/security-keys";
import * as oidc from "express-two-factor/oidc";
import * as client from "express-two-factor/client";

interface Member { id: string; superAdmin: boolean }

export const tfa = twoFactor<Member>({
  issuer: "EventHub",
  store: memoryStore(),
  user: () => ({ id: "1", superAdmin: true }),
  needTwoFactorAuthentication: (user) => user.superAdmin,
  factors: [securityKeys<Member>({ rpId: "example.com", origins: ["https://example.com"], requiredFor: (user) => user.superAdmin })],
});
express().use(tfa).use("/admin", tfa.gate).use(tfa.gate({ under: ["/admin"] })).use("/account/2fa", tfa.routes);
export const all = [redisStore, postgresStore, sqliteStore, mysqlStore, conformance, defineFactor, factorConformance, oidc, client];
twoFactor({ store: memoryStore(), onEvent: (event) => notice(event, { issuer: "EventHub", language: "fr" })?.subject });
// @ts-expect-error a language is whole
export const it: NoticeWords<"one" | "other"> = { greeting: "Ciao," };

// @ts-expect-error an unknown option is a mistake, not a wish
twoFactor<Member>({ store: memoryStore(), isuer: "EventHub" });
`;

/**
 * What the compiler says of a host's code, strictly and with the declarations of every package checked, so that ours
 * cannot lean on what only this repository has.
 * @param text with `import … = require("…")`, which becomes a plain import where the dialect has no such thing.
 */
export async function complaints(directory: string, text: string, dialect: Dialect, changed = {}): Promise<string> {
  const { compiler, module, resolution, file } = dialect;
  const commonjs = file.endsWith(".cts") || module === "commonjs";
  await writeFile(
    join(directory, file),
    commonjs ? text : text.replaceAll(/import (\w+) = require\("(.+?)"\)/g, 'import $1 from "$2"'),
  );
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
    ...changed,
  };
  await writeFile(join(directory, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
  const tsc = join(repository, "node_modules", compiler, "bin", "tsc");
  const arguments_ = [tsc, "-p", directory, "--pretty", "false"];
  return run(process.execPath, arguments_, { cwd: directory }).then(
    ({ stdout }) => stdout,
    // One that ends in another way than by complaining has not compiled either.
    (failed: Error & { stdout: string }) => failed.stdout || failed.message,
  );
}
