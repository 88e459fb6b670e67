import type { HttpParts } from "../caller";

/** Whether a field can be what its route needs: told by its form alone, before anything is read, queued or counted. */
export type FieldCheck = (value: unknown, parts: HttpParts) => boolean;

const isLeftOut = (value: unknown): boolean => value === undefined || value === "";

export const aCode: FieldCheck = (value, { service }) => service.submissions.shapeOf(value) !== undefined;

export const anAuthenticatorCode: FieldCheck = (value, { service }) =>
  service.submissions.shapeOf(value)?.totp === true;

export const aCodeOrNone: FieldCheck = (value, parts) => isLeftOut(value) || aCode(value, parts);

export const aTextOrNone: FieldCheck = (value) => value === undefined || typeof value === "string";

export const aBox: FieldCheck = (value) => boxOf(value) !== undefined;

/** A box on a form, or JSON's true; anything else is a mistake: `undefined`. */
export function boxOf(value: unknown): boolean | undefined {
  if (isLeftOut(value) || value === false || value === "0" || value === "false") return false;
  return value === true || value === "1" || value === "on" || value === "true" ? true : undefined;
}
