import type { ViewData } from "./templates";

/**
 * Names that a view engine reads as its options when they stand among the data (EJS, pug, Handlebars), or that mean
 * something inside a compiled template. What the host calls so is still to be had as `locals.…`.
 */
const reserved = new Set(
  (
    "settings cache filename client delimiter openDelimiter closeDelimiter outputFunctionName localsName " +
    "destructuredLocals escape escapeFunction escapeFn include includer rethrow views root context scope async strict " +
    "debug compileDebug rmWhitespace legacyInclude unsafePrototypeLocals _with _locals self pretty basedir doctype " +
    "filters plugins globals layout layouts partials helpers blockParams data"
  ).split(" "),
);

/** Names of ours win over these, and so do those of the language: `Object`, `undefined`. */
const isPlain = (name: string): boolean =>
  /^[a-zA-Z_$][\w$]*$/.test(name) && !name.startsWith("__") && !reserved.has(name) && !(name in globalThis);

/** The host's values under their own names, without those that could change how a view is compiled or escaped. */
export function plainLocals(locals: ViewData): ViewData {
  return Object.fromEntries(Object.entries(locals).filter(([name]) => isPlain(name)));
}
