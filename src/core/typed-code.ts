const longestInput = 64;
const separators = /[\s\u00ad\u200b\u2060\ufeff\u2010-\u2015\u2212-]+/gu;

/**
 * A code as it was meant: without spaces and dashes, in capitals.
 * @returns `undefined` for what is no code of any kind: no guess, and not counted as one
 */
export function typedCode(input: unknown): string | undefined {
  if (typeof input !== "string" || input.length > longestInput) return undefined;
  const typed = input.replace(separators, "");
  // Before capitals are made: ß would become two letters, and a dotless i one of ours.
  return /^[A-Za-z0-9]+$/.test(typed) ? typed.toUpperCase() : undefined;
}
