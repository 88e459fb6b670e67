import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compileFunction } from "node:vm";

const root = join(__dirname, "../..");

export interface Block {
  page: string;
  /** Of the first line of its code, from 1. */
  line: number;
  language: string;
  code: string;
}

export function blocksOf(page: string, ...languages: string[]): Block[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .map(({ 1: language, 2: code, index }) => {
      const line = text.slice(0, index).split("\n").length + 1;
      return { page, line, language: language!, code: code! };
    })
    .filter(({ language }) => languages.includes(language));
}

/** The one block of a page with this text in it, as it is printed. */
export function recipe(page: string, text: string): string {
  const found = blocksOf(page, "js", "ts").filter(({ code }) => code.includes(text));
  if (found.length !== 1) throw new Error(`${page} has ${found.length} blocks with ${text}`);
  return found[0]!.code;
}

/** Runs code as it is printed, with these names known to it. @returns the values of the names in `made` */
export function run(code: string, known: Readonly<Record<string, unknown>>, made: readonly string[] = []): unknown {
  const compiled = compileFunction(`${code}\nreturn { ${made.join(", ")} };`, Object.keys(known));
  return Reflect.apply(compiled, undefined, Object.values(known));
}
