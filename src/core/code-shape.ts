/** Which kinds of code a text can be; decided by its shape alone, before anything is read or counted. */
export interface CodeShape {
  /** Without spaces and dashes, in capitals. */
  code: string;
  totp: boolean;
  directCode: boolean;
  recoveryCode: boolean;
}

export interface CodeLengths {
  otpLength: number;
  directOtpLength: number;
}

const longestInput = 64;
const separators = /[\s\u00ad\u200b\u2060\ufeff\u2010-\u2015\u2212-]+/gu;

/** @returns `undefined` for what is no code of any kind: no guess, and not counted as one */
export function shapeOf(input: unknown, { otpLength, directOtpLength }: CodeLengths): CodeShape | undefined {
  if (typeof input !== "string" || input.length > longestInput) return undefined;
  const typed = input.replace(separators, "");
  // Before capitals are made: ß would become two letters, and a dotless i one of ours.
  if (!/^[A-Za-z0-9]+$/.test(typed)) return undefined;
  const code = typed.toUpperCase();
  const digits = /^[0-9]+$/.test(code);
  const shape = {
    code,
    totp: digits && code.length === otpLength,
    directCode: digits && code.length === directOtpLength,
    recoveryCode: /^[A-Z2-7]{16}$/.test(code),
  };
  return shape.totp || shape.directCode || shape.recoveryCode ? shape : undefined;
}
