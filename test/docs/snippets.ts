import { readdirSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript5";
import { blocksOf } from "./pages";

const root = join(__dirname, "../..");

/** Those made from the build are made of declarations, which are no programs. */
const made = ["api.md", "views.md"];

export const pages: readonly string[] = [
  "README.md",
  "SECURITY.md",
  "examples/README.md",
  ...readdirSync(join(root, "docs"))
    .filter((file) => file.endsWith(".md") && !made.includes(file))
    .map((file) => `docs/${file}`),
];

/** What a reader has by the time that a page shows a part of a file; everything else of theirs is of any type. */
const known = {
  app: 'import("express").Express',
  store: 'import("express-two-factor").TwoFactorStore',
  tfa: 'import("express-two-factor").TwoFactor',
  // What a page is not about is left out there.
  twoFactor:
    '<User = Express.User>(options: Partial<import("express-two-factor").TwoFactorOptions<User>>) => import("express-two-factor").TwoFactor',
};
const client = 'import("express-two-factor/client").TwoFactorClient';

/** Where a page means something else by a name, or is about a browser. */
const onPage: Readonly<Record<string, { dom?: true; names?: Readonly<Record<string, string>> }>> = {
  "docs/front-ends.md": { dom: true, names: { twoFactor: `(${known.twoFactor}) & ${client}` } },
  "docs/security-keys.md": { dom: true },
  "docs/hosts.md": { names: { app: "any" } },
};

/** Of `navigator.credentials`, which the library of types does not tell apart. */
const credential = "interface Credential { toJSON(): object }";

/** A user has whatever the host gives them. */
const host = `declare namespace Express {
  interface User { [field: string]: any }
  interface Request { isByToken?: boolean; auth?: any }
}`;

const preludeOf = (page: string): string =>
  [
    host,
    credential,
    ...Object.entries({ ...known, ...onPage[page]?.names }).map(([name, type]) => `declare const ${name}: ${type};`),
  ].join("\n");

/** What is left open in a snippet is its reader's: names, modules, and the types of what functions are handed. */
const readersOwn: ReadonlySet<number> = new Set([
  2304, 2552, 18004, 2307, 7016, 7005, 7006, 7019, 7031, 7034, 2318, 2580, 2582, 2584, 2591, 2593, 18046,
]);

export interface Mistake {
  line: number;
  text: string;
}

const sources = new Map<string, ts.SourceFile | undefined>();

/** The blocks of a page in one language, as a reader's files beside the built package. */
export function mistakesOf(page: string, language: "js" | "ts"): Mistake[] {
  const blocks = blocksOf(page, language);
  const files = new Map(blocks.map((block, index) => [join(root, `snippet-${index}.${language}`), block]));
  const prelude = join(root, "snippet-prelude.d.ts");
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2022.d.ts", ...(onPage[page]?.dom ? ["lib.dom.d.ts"] : [])],
    types: ["node", "express", "express-session", "passport"],
    allowJs: true,
    checkJs: true,
    strict: language === "ts",
    noImplicitAny: false,
    noEmit: true,
    skipLibCheck: true,
  };
  const compiler = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = compiler;
  // Each is a module, so that no two of them meet.
  const own = (file: string) =>
    file === prelude ? preludeOf(page) : files.get(file) && `${files.get(file)!.code}\nexport {};`;
  compiler.fileExists = (file) => own(file) !== undefined || fileExists(file);
  compiler.getSourceFile = (file, ...more) => {
    const text = own(file);
    if (text !== undefined) return ts.createSourceFile(file, text, ts.ScriptTarget.ES2022);
    if (!sources.has(file)) sources.set(file, getSourceFile(file, ...more));
    return sources.get(file);
  };
  const program = ts.createProgram([prelude, ...files.keys()], options, compiler);
  return [...files].flatMap(([file, { line }]) => {
    const source = program.getSourceFile(file)!;
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found
      .filter(({ code }) => !readersOwn.has(code))
      .map(({ code, start = 0, messageText }) => ({
        line: line + source.getLineAndCharacterOfPosition(start).line,
        text: `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
      }));
  });
}
