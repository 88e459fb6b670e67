import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type * as server from "@simplewebauthn/server";
import type * as helpers from "@simplewebauthn/server/helpers";
import { TwoFactorError } from "../../errors";

/** What we use of `@simplewebauthn/server`. */
export interface Library {
  server: typeof server;
  helpers: typeof helpers;
}

const name = "@simplewebauthn/server";
const major = 14;

const missing = (what: string, cause?: unknown): TwoFactorError =>
  new TwoFactorError(
    "MISCONFIGURED",
    `securityKeys needs ${name} ${major}, and ${what}: npm install ${name}@${major}`,
    { cause },
  );

/** Loaded as the first `securityKeys()` is made: who has none pays nothing for it. @throws TwoFactorError with the remedy */
export function loadLibrary(load: NodeJS.Require = createRequire(__filename)): Library {
  let entry: string;
  try {
    entry = load.resolve(name);
  } catch (cause) {
    throw missing("it is not installed", cause);
  }
  const found = versionOf(entry);
  if (Number.parseInt(found, 10) !== major) throw missing(`what is installed is ${found}`);
  return { server: load(name) as Library["server"], helpers: load(`${name}/helpers`) as Library["helpers"] };
}

/** Its own manifest cannot be asked for by name: the package does not export it. */
function versionOf(entry: string): string {
  for (let folder = dirname(entry); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, unknown>;
      if (manifest["name"] === name) return String(manifest["version"]);
    } catch {
      // A folder inside the package.
    }
  }
  return "of no known version";
}
