/** The stable codes that callers and front ends switch on (RFC 9457 member `code`), with the HTTP status of each. */
export const statusOfCode = {
  VALIDATION_ERROR: 400,
  UNAUTHORIZED: 401,
  LOGIN_SESSION_EXPIRED: 401,
  TWO_FACTOR_REQUIRED: 403,
  TWO_FACTOR_SETUP_REQUIRED: 403,
  CROSS_SITE_REQUEST: 403,
  INSUFFICIENT_ACR: 403,
  SETUP_NOT_OFFERED: 403,
  DISABLE_NOT_OFFERED: 403,
  ENROLMENT_CODE_REQUIRED: 403,
  KEY_REQUIRED: 403,
  RECOVERY_NOT_OFFERED: 403,
  NOT_FOUND: 404,
  RECOVERY_LINK_UNKNOWN: 404,
  METHOD_NOT_ALLOWED: 405,
  CODE_ALREADY_USED: 409,
  TOTP_ALREADY_ENABLED: 409,
  "2FA_NOT_ENABLED": 409,
  CONFLICT: 409,
  LAST_FACTOR: 409,
  KEY_LIMIT: 409,
  RECOVERY_UNDER_WAY: 409,
  RECOVERY_TOO_EARLY: 409,
  SETUP_SESSION_EXPIRED: 410,
  KEY_CHALLENGE_EXPIRED: 410,
  RECOVERY_OVER: 410,
  UNSUPPORTED_MEDIA_TYPE: 415,
  INVALID_2FA_CODE: 422,
  INVALID_ENROLMENT_CODE: 422,
  KEY_REFUSED: 422,
  INVALID_MAILED_CODE: 422,
  TOO_MANY_ATTEMPTS: 429,
  RECOVERY_CLOSED: 429,
  MISCONFIGURED: 500,
  MAIL_NOT_SENT: 503,
  STORE_UNAVAILABLE: 503,
} as const;

export type ProblemCode = keyof typeof statusOfCode;

/**
 * A fault of the installation (store, session, key, view, a host function), never a user's mistake: it fails closed.
 * `message` and `cause` are for the log; neither holds a secret or a code.
 */
export class TwoFactorError extends Error {
  override readonly name = "TwoFactorError";
  readonly status: number;

  constructor(
    readonly code: ProblemCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.status = statusOfCode[code];
  }
}

/** Thrown once, at construction: every problem of the options, each with its fix. */
export class TwoFactorOptionsError extends TwoFactorError {
  constructor(readonly problems: readonly string[]) {
    super(
      "MISCONFIGURED",
      `express-two-factor cannot start:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`,
    );
  }
}
