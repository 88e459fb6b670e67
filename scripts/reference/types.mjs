// How a declaration of the built types is told in a page of docs. TypeScript 7 has no interface for programs yet; TypeScript 5,
// which is here for its consumers, reads the same types.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript5";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** @typedef {{ checker: ts.TypeChecker }} Known */

/** @param {readonly string[]} files below the repository */
export function readTypes(files) {
  const paths = files.map((file) => join(root, file));
  const program = ts.createProgram(paths, {
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    skipLibCheck: true,
    types: ["node"],
  });
  const sources = paths.map((path) => {
    const source = program.getSourceFile(path);
    if (source === undefined) throw new Error(`${path} is not built: npm run build`);
    return source;
  });
  return { checker: program.getTypeChecker(), sources };
}

/** @param {Known} known @param {ts.Symbol} symbol */
export function documents({ checker }, symbol) {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  const tags = symbol
    .getJsDocTags(checker)
    .filter(({ name }) => ["returns", "throws", "param", "see"].includes(name))
    .map(({ name, text: words }) => `@${name} ${ts.displayPartsToString(words)}`);
  return [text, ...tags].filter((part) => part !== "");
}

/** @param {string} text without what says that it is a declaration of a module */
const plain = (text) =>
  text
    .replace(/^export (?:declare )?|^declare /, "")
    .replace(/^(?: {4})+/gm, (indent) => indent.slice(indent.length / 2));

const { NoTruncation, UseAliasDefinedOutsideCurrentScope, InTypeAlias } = ts.TypeFormatFlags;
/** @param {ts.TypeChecker} checker @param {ts.Type} type @param {ts.Node} at whole, and by its names, also those of other files */
const typeText = (checker, type, at, more = ts.TypeFormatFlags.None) =>
  checker
    .typeToString(type, at, NoTruncation | UseAliasDefinedOutsideCurrentScope | more)
    .replaceAll(/\be\.(?=Request|Response)/g, "");

/** @param {Known} known @param {ts.Symbol} member @param {ts.Node} at */
function memberText({ checker }, member, at) {
  const declaration = member.declarations?.[0];
  const isWritten =
    declaration !== undefined && (ts.isMethodSignature(declaration) || ts.isPropertySignature(declaration));
  const isOptional = (member.flags & ts.SymbolFlags.Optional) !== 0;
  // What a mapped type has made of it is not what is written.
  if (isWritten && isOptional === (declaration.questionToken !== undefined)) {
    return plain(declaration.getText().replace(/;$/, ""));
  }
  const type = checker.getTypeOfSymbolAtLocation(member, at);
  const shown = isOptional ? checker.getNonNullableType(type) : type;
  return `${member.name}${isOptional ? "?" : ""}: ${typeText(checker, shown, at)}`;
}

/** @param {Known} known @param {ts.InterfaceDeclaration} declaration all that it has, inherited or made */
export function interfaceText(known, declaration) {
  const { checker } = known;
  const type = checker.getTypeAtLocation(declaration);
  const calls = type.getCallSignatures().map((signature) => checker.signatureToString(signature, declaration));
  const members = checker
    .getPropertiesOfType(type)
    .map((member) => [...comment(documents(known, member)), `  ${memberText(known, member, declaration)};`].join("\n"));
  const parameters = declaration.typeParameters?.map((parameter) => parameter.getText()).join(", ");
  const name = declaration.name.text + (parameters === undefined ? "" : `<${parameters}>`);
  return [`interface ${name} {`, ...calls.map((call) => `  ${call};`), ...members, "}"].join("\n");
}

/** @param {string[]} lines @returns {string[]} */
function comment(lines) {
  const all = lines.join("\n").split("\n");
  if (all.length === 1) return all[0] === "" ? [] : [`  /** ${all[0]} */`];
  return ["  /**", ...all.map((line) => `   * ${line}`.trimEnd()), "   */"];
}

/** @param {Known} known @param {ts.Symbol} symbol */
export function declared(known, symbol) {
  return (symbol.declarations ?? [])
    .map((declaration) => {
      if (ts.isInterfaceDeclaration(declaration)) return interfaceText(known, declaration);
      // `declare const name: type`: the words before the name belong to the statement.
      if (ts.isVariableDeclaration(declaration)) return `const ${declaration.getText()};`;
      if (ts.isTypeAliasDeclaration(declaration) && declaration.type.getText().includes("typeof ")) {
        const type = known.checker.getTypeAtLocation(declaration);
        return `type ${symbol.name} = ${typeText(known.checker, type, declaration, InTypeAlias)};`;
      }
      return plain(declaration.getText());
    })
    .join("\n");
}
