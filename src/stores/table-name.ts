import { TwoFactorError } from "../errors";

/**
 * Names come from the host's code, but a name with a quote in it is a mistake worth telling, not escaping.
 * @param longest what the database allows
 * @throws TwoFactorError `MISCONFIGURED` for what cannot be one
 */
export function checkedName(store: string, option: "table" | "schema", name: unknown, longest: number): string {
  if (typeof name === "string" && name.length <= longest && /^[A-Za-z_][A-Za-z0-9_$]*$/.test(name)) return name;
  const given = JSON.stringify(name) ?? typeof name;
  const hint = typeof name === "string" && name.includes(".") ? beforeTheDot(store) : "";
  const rule = `1 to ${longest} letters, digits, _ or $, not beginning with a digit`;
  throw new TwoFactorError("MISCONFIGURED", `${store}: ${option} ${given} is no name (${rule})${hint}`);
}

const beforeTheDot = (store: string): string =>
  store === "sqliteStore" ? "; give the database that has it" : "; the part before the dot belongs in `schema`";

/** The name of the table, unless the host gives one. */
export const TABLE = "two_factor_records";
