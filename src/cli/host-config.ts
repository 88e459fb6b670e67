import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { TwoFactorError } from "../errors";
import type { TwoFactorOptions } from "../options";
import { isObject } from "../core/shape";
import { withinSeconds } from "../service/patience";
import { CommandFailure, whatFailed } from "./failure";

/** What `two-factor.config.{js,mjs,cjs}` exports: the options of `twoFactor`, and what only the command line needs. */
export interface HostConfig {
  options: TwoFactorOptions<unknown>;
  /** The app's user of this id or mail address, or its id alone; nothing: there is no such user. */
  findUser?: (emailOrId: string) => unknown;
  /** Ends what the options hold open: pools, Redis clients. */
  close?: () => unknown;
}

/** A Redis client that finds no server tries for ever. */
const longestLoadSeconds = 15;
const names = ["two-factor.config.js", "two-factor.config.mjs", "two-factor.config.cjs"];

/**
 * Loads the app's own options, as `default` or `module.exports`: an object, a promise of one, or a function that makes it.
 * @param file instead of one of the usual names in the folder that the command was called in
 * @throws CommandFailure when there is none, or it is none
 */
export async function loadConfig(file: string | undefined): Promise<HostConfig> {
  const path = file === undefined ? names.map((name) => resolve(name)).find((name) => existsSync(name)) : resolve(file);
  if (path === undefined) {
    throw new CommandFailure(
      `There is no two-factor.config.js, .mjs or .cjs in ${process.cwd()}: go to the app's folder, or say --config <file>.`,
    );
  }
  if (!existsSync(path)) throw new CommandFailure(`There is no ${path}.`);
  const { module, exported } = await withinSeconds(longestLoadSeconds, "What it connects to", async () => {
    const module = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
    return { module, exported: await exportedBy(module) };
  }).catch((error: unknown) => {
    // Its own failure, without the words around it; only one that waited in vain has no cause.
    const why = error instanceof TwoFactorError && error.cause !== undefined ? error.cause : error;
    throw new CommandFailure(`${basename(path)} cannot be loaded: ${whatFailed(why)}`);
  });
  return readConfig(exported, module);
}

async function exportedBy(module: Record<string, unknown>): Promise<unknown> {
  const exported = await promised(module["default"] ?? module);
  // TypeScript compiled to CommonJS: its default is a member of module.exports.
  const compiled = isObject(exported) && exported["__esModule"] === true;
  const inner = compiled ? await promised(exported["default"] ?? exported) : exported;
  return typeof inner === "function" && !("gate" in inner) ? (inner as () => unknown)() : inner;
}

const promised = (value: unknown): Promise<unknown> => Promise.resolve(value);

function readConfig(exported: unknown, module: Record<string, unknown>): HostConfig {
  if (typeof exported === "function") {
    throw new CommandFailure("The configuration exports what twoFactor() makes; let it export the options instead.");
  }
  if (!isObject(exported))
    throw new CommandFailure("The configuration must export an object: the options of twoFactor().");
  const { options, findUser = module["findUser"], close = module["close"], ...rest } = exported;
  const given: unknown = options ?? rest;
  if (!isObject(given)) throw new CommandFailure("`options` of the configuration must be the options of twoFactor().");
  return {
    // Whether they are good options is for twoFactor() to say.
    options: given as unknown as TwoFactorOptions<unknown>,
    ...(findUser !== undefined && { findUser: asFunction("findUser", findUser) }),
    ...(close !== undefined && { close: asFunction("close", close) }),
  };
}

function asFunction(name: string, value: unknown): (...given: unknown[]) => unknown {
  if (typeof value === "function") return value as (...given: unknown[]) => unknown;
  throw new CommandFailure(`\`${name}\` of the configuration must be a function.`);
}
