// docs/views.md: what views are handed, the properties of the stylesheet, and every text.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import ts from "typescript5";
import { interfaceText, readTypes, root } from "./types.mjs";

const require = createRequire(import.meta.url);

const head = `# Views, properties, texts

Made from the sources (\`npm run api\`). How to use them: [customising.md](customising.md).
`;

const common = `Every view is handed these, and what is below by its name as \`page\`:

| | |
|---|---|
| \`page\` | what is on it: below |
| \`comfort\` · \`localTimes\` | whether the page loads \`links.comfort\`, and whether that writes times in the reader's zone |
| \`sentTo\` | where a sent code goes, masked (\`directOtpDestination\`); absent where nothing is known of it |
| \`heading\` · \`title\` | what stands above it · the same for \`<title>\`, with “Error:” before it where there is one |
| \`problem\` | \`{ title, detail }\`, words for \`page.problem\`; absent where nothing went wrong |
| \`links\` | where links and forms lead: [links](#links) |
| \`formFields\` | hidden fields of every form: names and values |
| \`issuer\` · \`logo\` | the options |
| \`help\` | of the option: \`{ href, text }\`, the text where it is a mail address; include \`two-factor/partials/help\` as the last of each page |
| \`locale\` · \`dir\` | such as \`"fr"\` · \`"ltr"\` or \`"rtl"\` |
| \`locals\` | what the option \`locals(req)\` gave; also under plain names that are none of these |
| \`body\` | in \`layout.ejs\` alone: the page, as HTML |
| \`t\`, \`html\`, … | words: [below](#words) |
| \`include\` | in EJS: another view, yours before ours; \`two-factor/…\`: ours |`;

/** @param {string} title @param {string} text */
const block = (title, text) => `### ${title}\n\n\`\`\`ts\n${text}\n\`\`\``;

/** @returns {Generator<[string, string]>} all interfaces of these files by their names */
function* interfaces() {
  const { checker, sources } = readTypes(
    ["pages", "account-part", "keys-part", "recovery-part", "words", "../paths/links"].map((file) =>
      join("dist/http/render", `${file}.d.ts`),
    ),
  );
  for (const source of sources) {
    for (const node of source.statements) {
      if (ts.isInterfaceDeclaration(node)) yield [node.name.text, interfaceText({ checker }, node)];
    }
  }
}

/** @param {Map<string, string>} all @returns {string[]} a view a section, with whatever else its data names */
function viewSections(all) {
  const views = readdirSync(join(root, "views"))
    .filter((file) => file.endsWith(".ejs") && file !== "layout.ejs")
    .map((file) => file.slice(0, -".ejs".length));
  const used = new Set();
  const sections = views.map((view) => {
    const found = [...all].find(([, text]) => text.includes(`  page: "${view}";`));
    if (found === undefined) throw new Error(`No type is about the view ${view}`);
    used.add(found[0]);
    return block(view, found[1]);
  });
  const rest = [...all].filter(([name]) => !used.has(name) && !["Words", "PageLinks"].includes(name));
  return [...sections, block("what these name", rest.map(([, text]) => text).join("\n\n"))];
}

function properties() {
  const css = readFileSync(join(root, "views/two-factor.css"), "utf8");
  /** @type {Map<string, string[]>} */
  const values = new Map();
  for (const [, name, value] of css.matchAll(/^\s*(--tf-[\w-]+): ([^;]+);/gm)) {
    values.set(String(name), [...(values.get(String(name)) ?? []), String(value)]);
  }
  const rows = [...values].map(
    ([name, [light, dark]]) => `| \`${name}\` | \`${light}\` | ${dark ? `\`${dark}\`` : ""} |`,
  );
  return ["| property | value | in the dark |", "|---|---|---|", ...rows].join("\n");
}

function texts() {
  const { en } = /** @type {{ en: Record<string, string> }} */ (require(join(root, "dist/locales/en.js")));
  const rows = Object.entries(en).map(([key, text]) => `| \`${key}\` | ${text.replaceAll("|", "\\|")} |`);
  return ["| key | English |", "|---|---|", ...rows].join("\n");
}

/** @returns {string} the page, from what is built */
export function viewsPage() {
  const all = new Map(interfaces());
  const partials = readdirSync(join(root, "views/partials")).map((file) => `\`${file.replace(".ejs", "")}\``);
  const parts = [
    head.trimEnd(),
    "## Views",
    common,
    ...viewSections(all),
    block("links", all.get("PageLinks") ?? ""),
    block("words", all.get("Words") ?? ""),
    "### partials",
    `To be included as \`two-factor/partials/…\`: ${partials.join(", ")}.`,
    "## Properties",
    properties(),
    "## Texts",
    "What is in braces is filled in; it may be left out, and nothing else may be there.",
    texts(),
  ];
  return `${parts.join("\n\n")}\n`;
}
