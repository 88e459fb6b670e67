/** Why a stored text is no record of this user, as `field: reason`. */
export class RecordRefused extends Error {
  constructor(
    readonly field: string,
    reason: string,
  ) {
    super(`${field}: ${reason}`);
  }
}

/** Looks at one field of a stored text. @throws RecordRefused naming it */
export type StoredField = (value: unknown, field: string) => void;

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function refuse(field: string, expected: string): never {
  throw new RecordRefused(field, `expected ${expected}`);
}

export const text: StoredField = (value, field) => {
  if (typeof value !== "string" || value === "") refuse(field, "a text");
};

export const anyText: StoredField = (value, field) => {
  if (typeof value !== "string") refuse(field, "a text");
};

export const textLike =
  (pattern: RegExp, expected: string): StoredField =>
  (value, field) => {
    if (typeof value !== "string" || !pattern.test(value)) refuse(field, expected);
  };

/** Short where it can be, a list where there is more to say. */
export const oneOrList =
  (one: StoredField, listed: StoredField): StoredField =>
  (value, field) =>
    (Array.isArray(value) ? listed : one)(value, field);

export const count: StoredField = (value, field) => {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) refuse(field, "a whole number from 0");
};

export const wholeNumber: StoredField = (value, field) => {
  if (!Number.isSafeInteger(value)) refuse(field, "a whole number");
};

export const onlyTrue: StoredField = (value, field) => {
  if (value !== true) refuse(field, "true, or nothing");
};

export const optional =
  (check: StoredField): StoredField =>
  (value, field) => {
    if (value !== undefined) check(value, field);
  };

export const both =
  (first: StoredField, second: StoredField | undefined): StoredField =>
  (value, field) => {
    first(value, field);
    second?.(value, field);
  };

export const listOf =
  (check: StoredField): StoredField =>
  (value, field) => {
    if (!Array.isArray(value)) refuse(field, "a list");
    for (const [index, item] of value.entries()) check(item, `${field}[${index}]`);
  };

export const tuple =
  (...checks: StoredField[]): StoredField =>
  (value, field) => {
    if (!Array.isArray(value) || value.length !== checks.length) refuse(field, `a list of ${checks.length}`);
    for (const [index, check] of checks.entries()) check(value[index], `${field}[${index}]`);
  };

export const shape =
  (fields: Readonly<Record<string, StoredField>>): StoredField =>
  (value, field) => {
    if (!isObject(value)) refuse(field, "an object");
    checkFields(value, fields, `${field}.`);
  };

/** At least these; of what else there is nothing is known. */
export const openShape =
  (fields: Readonly<Record<string, StoredField>>): StoredField =>
  (value, field) => {
    if (!isObject(value)) refuse(field, "an object");
    for (const [name, check] of Object.entries(fields)) check(value[name], `${field}.${name}`);
  };

/** Of several names for one thing, an object has one. */
export const oneOf =
  (...names: readonly string[]): StoredField =>
  (value, field) => {
    const held = names.filter((name) => isObject(value) && value[name] !== undefined);
    if (held.length !== 1) refuse(`${field}.${names[0]}`, `one of ${names.join(" and ")}`);
  };

/** All of these and no others: a name misspelled by hand would otherwise be a factor that is not there. */
export function checkFields(
  value: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, StoredField>>,
  prefix = "",
): void {
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
  if (unknown !== undefined) throw new RecordRefused(`${prefix}${unknown.slice(0, 40)}`, "unknown to this version");
  for (const [name, check] of Object.entries(fields)) check(value[name], `${prefix}${name}`);
}
