import { TwoFactorError } from "../errors";

/** Whose second factor it is. */
export interface Subject {
  scope: string;
  /** The id as text: `1` and `"1"` are one user. */
  id: string;
  /** What stores, ciphertexts and signatures are keyed by: the JSON text of `[scope, id]`, which is injective. */
  key: string;
}

const longestId = 255;

/**
 * The host's id as text: a non-empty string of at most 255 UTF-16 units, a safe integer, a bigint, or an object with
 * `toHexString()` (a MongoDB ObjectId). Nothing is trimmed, folded or normalised.
 * @throws TwoFactorError `MISCONFIGURED` for anything else: two people must never share a record.
 */
export function subjectOf(scope: string, value: unknown): Subject {
  const id = idText(value);
  if (id === undefined) {
    throw new TwoFactorError(
      "MISCONFIGURED",
      `The user's id (secondFactorResourceId) must be a non-empty string of at most ${longestId} characters, a safe integer, a bigint or an ObjectId; it is ${describe(value)}.`,
    );
  }
  // The text of `[scope, id]`; two texts are written much faster than a list of them, and this is for each request.
  return { scope, id, key: `[${JSON.stringify(scope)},${JSON.stringify(id)}]` };
}

function idText(value: unknown): string | undefined {
  if (typeof value === "string") return value.length > 0 && value.length <= longestId ? value : undefined;
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : undefined;
  if (typeof value === "bigint") return idText(value.toString());
  if (!hasHex(value)) return undefined;
  const hex = value.toHexString();
  return typeof hex === "string" ? idText(hex) : undefined;
}

const hasHex = (value: unknown): value is { toHexString(): unknown } =>
  typeof value === "object" && value !== null && "toHexString" in value && typeof value.toHexString === "function";

function describe(value: unknown): string {
  if (typeof value === "string") return value === "" ? "empty" : `a string of ${value.length} characters`;
  if (typeof value === "number") return `the number ${value}`;
  return value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;
}
