// docs/api.md: what each entry of the package exports, with its documents.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript5";
import { declared, documents, readTypes, root } from "./types.mjs";

const head = `# API reference

What each entry of the package exports. Made from the types (\`npm run api\`), whose documents an editor shows, too. The options with their
defaults on one page: [README](../README.md#options). HTTP: [openapi.yaml](openapi.yaml).
`;

/** @returns {[string, string][]} each entry of the package with the file of its types */
function entries() {
  const manifest = /** @type {{ name: string, exports: Record<string, unknown> }} */ (
    JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  );
  return Object.entries(manifest.exports).flatMap(([path, target]) => {
    const { types, require: old } = /** @type {{ types?: string, require?: { types: string } }} */ (target);
    const file = types ?? old?.types;
    return file === undefined ? [] : [[manifest.name + path.slice(1), file]];
  });
}

/** @param {import("./types.mjs").Known} known @param {ts.Symbol} symbol */
function section(known, symbol) {
  const words = documents(known, symbol)
    .map((part) => part.replace(/^@(\w+) /, (_, /** @type {string} */ tag) => `*${tag}* `))
    .join("\n\n");
  const text = `### ${symbol.name}\n\n${words === "" ? "" : `${words}\n\n`}\`\`\`ts\n${declared(known, symbol)}\n\`\`\``;
  return text.replaceAll(/[ \t]+$/gm, "");
}

const callable = ts.SymbolFlags.Function | ts.SymbolFlags.Variable | ts.SymbolFlags.Class;

/** @returns {string} the page, from what is built */
export function apiPage() {
  const all = entries();
  const { checker, sources } = readTypes(all.map(([, file]) => file));
  const parts = all.map(([name], index) => {
    const source = /** @type {ts.SourceFile} */ (sources[index]);
    const module = /** @type {ts.Symbol} */ (checker.getSymbolAtLocation(source));
    const symbols = checker
      .getExportsOfModule(module)
      .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol));
    /** @param {ts.Symbol} symbol */
    const isType = (symbol) => Number((symbol.flags & callable) === 0);
    symbols.sort((a, b) => isType(a) - isType(b) || (a.name < b.name ? -1 : 1));
    return [`## ${name}`, ...symbols.map((symbol) => section({ checker }, symbol))].join("\n\n");
  });
  return `${[head.trimEnd(), ...parts].join("\n\n")}\n`;
}
