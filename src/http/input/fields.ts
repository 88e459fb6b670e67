import { typedCode } from "../../core/typed-code";
import { plainName } from "../../core/plain-name";
import type { Presentations } from "../../service/factors";
import type { HttpParts } from "../caller";
import type { Fields } from "./body";

/** What a field is for its handler; `malformed`: it cannot be that, told by its form alone. */
const malformed = Symbol("malformed");

/** Reads what one name of an input stands for, before anything is loaded, queued or counted. */
export type FieldReader<T> = (fields: Fields, name: string, parts: HttpParts) => T | typeof malformed;

/** A code or whatever else proves: each kind of factor takes out what can be its own. */
export const aProof: FieldReader<Presentations> = (fields, _, { service }) => {
  const read = service.factors.read(fields);
  return read === undefined || isBrokenAnswer(fields, read, service.factors) ? malformed : read;
};

/** Where a proof of the last minutes will do, too. */
export const aProofOrNone: FieldReader<Presentations | undefined> = (fields, name, { service }) => {
  const read = service.factors.read(fields);
  if (isBrokenAnswer(fields, read, service.factors)) return malformed;
  return read === undefined && !isLeftOut(fields[name]) ? malformed : read;
};

type Factors = HttpParts["service"]["factors"];

/** A key's answer that is none, beside whatever else there is. */
function isBrokenAnswer(fields: Fields, read: Presentations | undefined, { asked }: Factors): boolean {
  return asked !== undefined && !isLeftOut(fields[asked.ceremony.field]) && read?.has(asked.kind) !== true;
}

/** What a browser says of a new key. */
export const aNewKey: FieldReader<NewKey> = (fields, _, { service }) => {
  const added = service.factors.asked?.ceremony.readAdded(fields);
  return added === undefined ? malformed : { added };
};

export interface NewKey {
  added: unknown;
}

/** One of a few words; left out, the first. */
export const oneOf =
  <Word extends string>(...words: readonly [Word, ...Word[]]): FieldReader<Word> =>
  (fields, name) => {
    const value = fields[name];
    return isLeftOut(value) ? words[0] : (words.find((word) => word === value) ?? malformed);
  };

export const aText: FieldReader<string> = (fields, name) => {
  const value = fields[name];
  return typeof value === "string" && value !== "" ? value : malformed;
};

/** Text that a person may type as a name; `undefined` where nothing is left of it. */
export const aNameOrNone: FieldReader<string | undefined> = (fields, name) => {
  const value = fields[name];
  if (isLeftOut(value)) return undefined;
  return typeof value === "string" ? plainName(value) || undefined : malformed;
};

export const aName: FieldReader<string> = (fields, name, parts) => aNameOrNone(fields, name, parts) ?? malformed;

/** The first code of what is being set up. */
export const aConfirmation: FieldReader<Presentations> = (fields, _, { service }) => {
  const read = service.factors.read(fields);
  return service.enrolments.canConfirm(read) ? read : malformed;
};

export const aTextOrNone: FieldReader<string | undefined> = (fields, name) => {
  const value = fields[name];
  if (isLeftOut(value)) return undefined;
  return typeof value === "string" ? value : malformed;
};

/** A code that an administrator has handed on; told from others by its form. */
export const anEnrolmentCodeOrNone: FieldReader<string | undefined> = (fields, name) => {
  if (isLeftOut(fields[name])) return undefined;
  const code = typedCode(fields[name]);
  return code !== undefined && /^[A-Z2-7]{16}$/.test(code) ? code : malformed;
};

/** A code that came by mail, as long as that of a reset. */
export const aMailedCode: FieldReader<string> = (fields, name, parts) =>
  anEnrolmentCodeOrNone(fields, name, parts) ?? malformed;

/** A box on a form, or JSON's true. */
export const aBox: FieldReader<boolean> = (fields, name) => {
  const value = fields[name];
  if (isLeftOut(value) || value === false || value === "0" || value === "false") return false;
  return value === true || value === "1" || value === "on" || value === "true" ? true : malformed;
};

const isLeftOut = (value: unknown): boolean => value === undefined || value === "";

export type Readers<Input> = { readonly [Name in keyof Input]-?: FieldReader<Input[Name]> };

/** What stands for a proof comes in one of two fields. */
function fieldOf(name: string, fields: Fields, { service }: HttpParts): string {
  const field = service.factors.asked?.ceremony.field;
  return name === "code" && field !== undefined && !isLeftOut(fields[field]) ? field : name;
}

/** All that a handler takes, or the name of the first field that is malformed. */
export function readInput<Input>(
  readers: Readers<Input>,
  fields: Fields,
  parts: HttpParts,
): { input: Input } | { malformed: string } {
  const input: Record<string, unknown> = {};
  for (const [name, read] of Object.entries<FieldReader<unknown>>(readers)) {
    const value = read(fields, name, parts);
    if (value === malformed) return { malformed: fieldOf(name, fields, parts) };
    input[name] = value;
  }
  return { input: input as Input };
}
