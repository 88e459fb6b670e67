import type { Check } from "./checks";

type Presence = "required" | "optional" | "defaulted";

/**
 * One row of the table. Its name and its documents stand where it is made: a field with JSDoc, which an editor shows to a
 * host. Its types are `given`, what a host may write, and `kept`, what the software runs on.
 */
export class Option<Given, Kept, When extends Presence> {
  /** For types alone: no row has these three. */
  declare readonly given: Given;
  declare readonly kept: Kept;
  declare readonly when: When;

  constructor(
    readonly check: Check,
    /** Puts defaults in place, and freezes what a host could change later. It is asked of wrong values, too. */
    readonly keep: (given: Given | undefined) => Kept | undefined,
  ) {}
}

export const required = <Given>(check: Check): Option<Given, Given, "required"> => new Option(check, copied);

/** The software knows that it may be absent. */
export const optional = <Given>(check: Check): Option<Given, Given, "optional"> => new Option(check, copied);

export const defaulted = <Given>(fallback: Given, check: Check): Option<Given, Given, "defaulted"> =>
  new Option(check, (given) => copied(given === undefined ? fallback : given));

export const fromEnvironment = (variable: string, check: Check): Option<string, string, "defaulted"> =>
  new Option(check, (given) => (given === undefined ? (process.env[variable] ?? "") : given));

type Filled<Given> = Required<Exclude<Given, string>> | Extract<Given, string>;

/** Options of an option, each with its default. A text stands for a choice that has none of them. */
export const group = <Given extends object | string>(
  fallback: Required<Exclude<Given, string>>,
  check: Check,
): Option<Given, Filled<Given>, "defaulted"> =>
  new Option(check, (given) =>
    typeof given === "string" ? (given as Filled<Given>) : Object.freeze({ ...fallback, ...present(given) }),
  );

/** A group of which every option may be absent. */
export const optionalGroup = <Given extends object>(check: Check): Option<Given, Given, "optional"> =>
  new Option(check, (given) => given && Object.freeze({ ...given }));

/** Without what is undefined, which would push a default aside: `{ count: undefined }` would make no codes at all. */
export const present = <T extends object>(given: T | null | undefined): Partial<T> =>
  Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;

/** A list, since a host may change it later; a store, a key ring, a function is the host's own and stays what it is. */
const copied = <T>(value: T): T => (Array.isArray(value) ? (Object.freeze([...(value as unknown[])]) as T) : value);
