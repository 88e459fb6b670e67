import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript5";
import { describe, expect, test } from "vitest";
import { checkOptions } from "../../src/options/check-options";
import { generateEncryptionKey } from "../../src/crypto/key-ring";
import { memoryStore } from "../../src/stores/memory";

const root = join(__dirname, "..", "..");
const folder = join(root, "src", "options", "table");

/** Every option of the table with the JSDoc that stands at it. */
const documents = new Map(
  readdirSync(folder).flatMap((file) =>
    [...readFileSync(join(folder, file), "utf8").matchAll(/(?:\/\*\*((?:(?!\*\/).)*)\*\/\s*)?readonly (\w+) = /gs)].map(
      ([, text = "", name = ""]) => [name, text.replaceAll(/\s*\n\s*\*? ?/g, " ").trim()] as const,
    ),
  ),
);

const { settings } = checkOptions({
  store: memoryStore(),
  issuer: "EventHub",
  otpSecretEncryptionKey: generateEncryptionKey(),
});
/** What the software runs on where a host says nothing; functions, and what the environment says, are told in words. */
const defaults = new Map(
  Object.entries(settings).filter(
    ([name, value]) => !["store", "issuer", "otpSecretEncryptionKey"].includes(name) && typeof value !== "function",
  ),
);

/** As one writes it in code: `{ count: 10 }`. */
function written(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, one]) => !(Array.isArray(one) && one.length === 0));
  return `{ ${fields.map(([name, one]) => `${name}: ${written(one)}`).join(", ")} }`;
}

describe("each option, where an editor shows it", () => {
  test("is known to whoever checks: nothing stands in the folder that is no option", () => {
    expect(documents.size).toBeGreaterThan(40);
    for (const name of documents.keys()) {
      const given = { store: memoryStore(), issuer: "x", otpSecretEncryptionKey: generateEncryptionKey() };
      // Of what is no option the error says so.
      expect(() => checkOptions({ ...given, [name]: Symbol("no value of any option") })).toThrow(
        new RegExp(`\`?${name}\`? (?!is no option)`),
      );
    }
  });

  test("and an editor does show it at the options that a host writes", () => {
    const index = join(root, "src", "options", "index.ts");
    const program = ts.createProgram([index], { skipLibCheck: true, strict: true, types: ["node"] });
    const checker = program.getTypeChecker();
    const [options] = checker
      .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(index)!)!)
      .filter(({ name }) => name === "TwoFactorOptions");
    const shown = checker
      .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(options!))
      .map((property) => [
        property.name,
        ts.displayPartsToString(property.getDocumentationComment(checker)).replaceAll("\n", " "),
      ]);
    expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(documents));
  }, 30_000);

  test.each([...documents])("%s says its default", (name, text) => {
    if (name === "store") return expect(text).toMatch(/^Required\./);
    const said = /\b[Dd]efault:? (`[^`]*`|-?[\d.]*\d|none|ours|[a-z].*)/.exec(text)?.[1];
    expect(said).toBeDefined();
    if (defaults.has(name)) expect(said?.replaceAll("`", "")).toBe(written(defaults.get(name)));
  });

  test.each([...documents].filter(([name]) => name.endsWith("Seconds")))("%s says its unit", (_, text) => {
    expect(text).toMatch(/^In seconds/);
  });
});

describe("the README's table of options", () => {
  const [, section = ""] = readFileSync(join(root, "README.md"), "utf8").split(/^## Options$/m);
  const rows = [...(section.split(/^## /m)[0] ?? "").matchAll(/^\| (`.*?) \| (.*?) ?\|/gm)].map(
    ([, names = "", values = ""]) => ({
      names: [...names.matchAll(/`(\w+)[^`]*`/g)].map(([, name = ""]) => name),
      values: values.split(" · ").map((value) => value.replaceAll("`", "")),
    }),
  );

  test("has every option once, and no other", () => {
    expect(rows.flatMap(({ names }) => names).sort()).toEqual([...documents.keys()].sort());
  });

  test.each(rows.filter(({ names }) => names.some((name) => defaults.has(name))))(
    "says the defaults of $names",
    ({ names, values }) => {
      const told = Object.fromEntries(names.map((name, index) => [name, values[index]]));
      const expected = names
        .filter((name) => defaults.has(name))
        .map((name) => [name, written(defaults.get(name)).replaceAll("`", "")]);
      expect(told).toMatchObject(Object.fromEntries(expected) as Record<string, string>);
    },
  );
});
