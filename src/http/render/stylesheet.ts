import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bundled } from "../../bundled";

/** Where the views lie in the package, from `src/http/render` and from `dist/http/render` alike. */
export const ownViews = join(__dirname, "..", "..", "..", "views");

interface Stylesheet {
  /** With a part of its hash, so that it may be cached for ever. */
  name: string;
  body: Buffer;
  etag: string;
}

function readStylesheet(): Stylesheet {
  const body = contents(join(ownViews, "two-factor.css"));
  const hash = createHash("sha256").update(body).digest("hex");
  return { name: `two-factor.${hash.slice(0, 8)}.css`, body, etag: `"${hash.slice(0, 32)}"` };
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
export const stylesheet: Stylesheet = readStylesheet();
