import { inspect } from "node:util";

/** All that an error, an object or a Buffer could tell, causes and hidden properties included. */
export function textOf(value: unknown): string {
  const text =
    typeof value === "string"
      ? value
      : inspect(value, { depth: Infinity, maxStringLength: null, maxArrayLength: null, showHidden: true });
  return `${text}\n${json(value)}`;
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "";
  }
}
