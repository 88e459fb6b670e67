import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compileFunction } from "node:vm";
import ts from "typescript5";

const root = join(__dirname, "../..");

export interface Block {
  page: string;
  /** Of the first line of its code, from 1. */
  line: number;
  language: string;
  code: string;
}

export const textOf = (page: string): string => readFileSync(join(root, page), "utf8");

/** @param languages as they are written, `""` for those without; none: all */
export function blocksOf(page: string, ...languages: string[]): Block[] {
  const text = textOf(page);
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
    .map(({ 1: language, 2: code, index }) => {
      const line = text.slice(0, index).split("\n").length + 1;
      return { page, line, language: language!, code: code! };
    })
    .filter(({ language }) => languages.length === 0 || languages.includes(language));
}

/** The one block of a page with this text in it, as it is printed. */
export function recipe(page: string, text: string): string {
  const found = blocksOf(page, "js", "ts").filter(({ code }) => code.includes(text));
  if (found.length !== 1) throw new Error(`${page} has ${found.length} blocks with ${text}`);
  return found[0]!.code;
}

/** As a bundler takes it: the types are gone, and an `import` is a `require`. */
const plain = (code: string): string =>
  ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true },
  }).outputText;

/** Runs code as it is printed, with these names known to it. @returns the values of the names in `made` */
export function run(code: string, known: Readonly<Record<string, unknown>>, made: readonly string[] = []): unknown {
  const compiled = compileFunction(`${code}\nreturn { ${made.join(", ")} };`, Object.keys(known));
  return Reflect.apply(compiled, undefined, Object.values(known));
}

/**
 * The same for code that imports, awaits or has types.
 * @param modules what it imports, by name
 */
export async function runModule<Made>(
  code: string,
  modules: Readonly<Record<string, object>>,
  known: Readonly<Record<string, unknown>> = {},
  made: readonly string[] = [],
): Promise<Made> {
  const require = (name: string): object => {
    if (modules[name] === undefined) throw new Error(`The page imports ${name}, and the test has none`);
    return modules[name];
  };
  // What it makes is asked for within: a transpiler takes a name that nobody uses for one of a type.
  const whole = plain(`${code}\nreturn { ${made.join(", ")} };`);
  const compiled = compileFunction(`return (async () => {\n${whole}\n})();`, [
    "exports",
    "require",
    ...Object.keys(known),
  ]);
  return (await Reflect.apply(compiled, undefined, [{}, require, ...Object.values(known)])) as Made;
}
