import { isObject } from "../core/shape";
import { ownKinds, ownMethods } from "../factors/loaded";
import { kindOf, wrong, type Check } from "./checks";

const needed = ["kind", "method", "rank", "fields", "read", "check", "describe"];
const isShortName = (value: unknown): value is string =>
  typeof value === "string" && /^[a-z][a-z0-9-]{0,39}$/.test(value);

/** Kinds of factors, each with a name of its own, and nothing in them that would never be asked for. */
export const beFactors: Check = (value, name) => {
  if (!Array.isArray(value)) return wrong(name, "a list of kinds of factors", value);
  const taken = { kind: new Set(ownKinds), method: new Set(ownMethods), ceremony: new Set<string>() };
  return value.flatMap((factor: unknown, index) => {
    const place = `${name}[${index}]`;
    if (!isObject(factor) || needed.some((part) => factor[part] === undefined)) {
      return [
        `\`${place}\` must be a kind of factor, such as hotpTokens() makes; it is ${kindOf(factor)}. Did you forget to call it?`,
      ];
    }
    return [...beNamed(factor, place, taken), ...beUsed(factor, place), ...beAskedAlone(factor, place, taken.ceremony)];
  });
};

type Taken = Readonly<Record<"kind" | "method", Set<string>>>;

function beNamed(factor: Record<string, unknown>, place: string, taken: Taken): string[] {
  return (["kind", "method"] as const).flatMap((part) => {
    const named = factor[part];
    if (!isShortName(named)) return [`\`${place}.${part}\` must be a short name in lower case, such as "hotp-tokens".`];
    if (taken[part].has(named)) {
      const what = part === "kind" ? place : `${place}.method`;
      return [`\`${what}\` is "${named}", which is loaded already: name each ${part} once.`];
    }
    taken[part].add(named);
    return [];
  });
}

/** The pages set up one kind by a shown secret, and one is sent: ours. What would not be used is no promise to make. */
function beUsed({ rank, setUp, delivery }: Record<string, unknown>, place: string): string[] {
  const unused = Object.entries({ setUp, delivery }).flatMap(([part, given]) => (given === undefined ? [] : [part]));
  return [
    ...(rank === "strong" || rank === "backup"
      ? []
      : [`\`${place}.rank\` must be "strong" or "backup": "weak" is for codes that are sent.`]),
    ...unused.map(
      (part) =>
        `\`${place}.${part}\` is only for kinds of ours: hand yours out with \`assign\`, or ask a device by \`ceremony\`.`,
    ),
  ];
}

/** A page asks devices of one kind. */
function beAskedAlone({ kind, ceremony }: Record<string, unknown>, place: string, asked: Set<string>): string[] {
  if (ceremony === undefined) return [];
  const [other] = asked;
  asked.add(String(kind));
  return other === undefined
    ? []
    : [`\`${place}\` has a \`ceremony\`, as "${other}" has: one kind of this sort at a time.`];
}
