import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bundled } from "../../bundled";

/** Where the views lie in the package, from `src/http/render` and from `dist/http/render` alike. */
export const ownViews = join(__dirname, "..", "..", "..", "views");

interface Asset {
  /** With a part of its hash, so that it may be cached for ever. */
  name: string;
  type: "css" | "js";
  body: Buffer;
  etag: string;
}

/** @param files one after the other */
function readAsset(name: string, type: "css" | "js", files = [name]): Asset {
  const body = Buffer.concat(files.map((file) => contents(join(ownViews, `${file}.${type}`))));
  const hash = createHash("sha256").update(body).digest("hex");
  return { name: `${name}.${hash.slice(0, 8)}.${type}`, type, body, etag: `"${hash.slice(0, 32)}"` };
}

/** The first of our files that is read. */
function contents(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw bundled(cause);
  }
}

/** The stylesheet of our pages, read once. */
export const stylesheet: Asset = readAsset("two-factor", "css");

/** Of pages of those who have a key, or are adding one; no other loads it. */
export const script: Asset = readAsset("two-factor", "js", ["two-factor-once", "two-factor"]);

/** Of comfort, with the option `script`; and where somebody with a key is shown recovery codes. */
export const comfort: Asset = readAsset("two-factor-comfort", "js", ["two-factor-once", "two-factor-comfort"]);

export const assetNames = { stylesheet: stylesheet.name, script: script.name, comfort: comfort.name };
