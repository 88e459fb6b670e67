import { createRequire } from "node:module";
import type * as EJS from "ejs";

const load = createRequire(__filename);
let loaded: typeof EJS | undefined;

/** Loaded for the first page, or for a view of the host's: an app with a front end of its own shows none of ours. */
export const ejs = (): typeof EJS => (loaded ??= load("ejs") as typeof EJS);
