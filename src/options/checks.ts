import { isObject } from "../core/shape";

/** @returns what is wrong with an option's value, each line with its fix; values are named by kind, never quoted whole */
export type Check = (value: unknown, name: string) => string[];

export const kindOf = (value: unknown): string => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "boolean") return String(value);
  if (typeof value === "string") return value.trim() === "" ? "an empty text" : "another text";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
};

export const hasMethods = (value: unknown, methods: readonly string[]): boolean =>
  typeof value === "object" &&
  value !== null &&
  methods.every((method) => typeof Reflect.get(value, method) === "function");

export const wrong = (name: string, expected: string, value: unknown, fixes: readonly string[] = []): string[] => [
  `\`${name}\` must be ${expected}; it is ${kindOf(value)}${fixes.length === 0 ? "" : `: ${fixes.join(", and ")}`}.`,
];

const check =
  (expected: string, isRight: (value: unknown) => boolean): Check =>
  (value, name) =>
    isRight(value) ? [] : wrong(name, expected, value);

/** Only where a number is meant is one told: elsewhere it could be a secret without its quotes. */
const checkNumber =
  (expected: string, isRight: (value: unknown) => boolean): Check =>
  (value, name) => {
    if (isRight(value)) return [];
    return typeof value === "number"
      ? [`\`${name}\` must be ${expected}; it is ${value}.`]
      : wrong(name, expected, value);
  };

const isText = (value: unknown): value is string => typeof value === "string" && value.trim() !== "";
const isNumber = (value: unknown, least: number, most: number): value is number =>
  typeof value === "number" && value >= least && value <= most;

export const beFunction = check("a function", (value) => typeof value === "function");
export const beBoolean = check("true or false", (value) => typeof value === "boolean");
export const beText = check("a text that is not empty", isText);
export const beObject = check("an object", isObject);
export const beTextOrFunction = check(
  "the name of a field, or a function",
  (value) => isText(value) || typeof value === "function",
);
export const beTextOrObject = check("a folder, or an object of views", (value) => isText(value) || isObject(value));

export const beWhole = (least: number, most: number): Check =>
  checkNumber(
    `a whole number from ${least} to ${most}`,
    (value) => isNumber(value, least, most) && Number.isInteger(value),
  );
export const beNumber = (least: number, most: number): Check =>
  checkNumber(`a number from ${least} to ${most}`, (value) => isNumber(value, least, most));
export const bePositive = (most: number): Check =>
  checkNumber(`a number above 0 and up to ${most}`, (value) => isNumber(value, 0, most) && value > 0);

export const beOneOf = (...values: readonly unknown[]): Check =>
  check(values.map((value) => JSON.stringify(value)).join(" or "), (value) => values.includes(value));

export const match = (pattern: RegExp, expected: string): Check =>
  check(expected, (value) => typeof value === "string" && pattern.test(value));

export const haveMethods = (...methods: readonly string[]): Check =>
  check(`an object with the methods ${methods.join(" and ")}`, (value) => hasMethods(value, methods));

export const either =
  (first: Check, second: Check): Check =>
  (value, name) => {
    const [a, b] = [first(value, name), second(value, name)];
    if (a.length === 0 || b.length === 0) return [];
    // Fields are named one by one where an object was meant.
    return isObject(value) ? b : [`${a.join(" ")} Or: ${b.join(" ")}`];
  };

export const beListOf =
  (each: Check): Check =>
  (value, name) =>
    Array.isArray(value)
      ? value.flatMap((item, index) => each(item, `${name}[${index}]`))
      : wrong(name, "a list", value);

export const haveFields =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value, name) => {
    if (!isObject(value)) return wrong(name, "an object", value);
    return Object.entries(value).flatMap(([field, given]) => {
      const known = Object.hasOwn(fields, field) ? fields[field] : undefined;
      if (known === undefined)
        return [`\`${name}.${field}\` is no option. It knows: ${Object.keys(fields).join(", ")}.`];
      return given === undefined ? [] : known(given, `${name}.${field}`);
    });
  };

const leastSecretLength = 32;
export const beSecrets = check(`a text of at least ${leastSecretLength} characters, or a list of such`, (value) => {
  const secrets: unknown[] = Array.isArray(value) ? value : [value];
  return (
    secrets.length > 0 && secrets.every((secret) => typeof secret === "string" && secret.length >= leastSecretLength)
  );
});

export const beOrigin = check('an origin such as "https://app.example.com"', (value) => {
  return typeof value === "string" && URL.canParse(value) && new URL(value).origin === value;
});
