import { isIP } from "node:net";
import { TwoFactorError } from "../../errors";

export interface SecurityKeysOptions<User = never, Request = never> {
  /** The domain that keys are for, such as `"example.com"`: of every origin the name itself, or a part behind a dot. */
  rpId: string;
  /** Where your pages are, such as `["https://app.example.com"]`. Never taken from a request. */
  origins: readonly string[];
  /** Default `"discouraged"`: a password came before. `"required"`: a PIN, a finger or a face each time. */
  userVerification?: "discouraged" | "preferred" | "required";
  /** Default 5: so many a user can have. */
  maxKeys?: number;
  /** In seconds, default 120: how long a browser waits for the key. */
  timeoutSeconds?: number;
  /** Default `() => false`. For these users codes are no proof: nothing but a key opens the gate, where they are asked. */
  requiredFor?: (user: User, req: Request) => boolean | Promise<boolean>;
}

/** The site as keys know it, and what is asked of them. */
export interface RelyingParty {
  readonly rpId: string;
  readonly origins: readonly string[];
  readonly userVerification: "discouraged" | "preferred" | "required";
  readonly timeoutSeconds: number;
}

const names = ["rpId", "origins", "userVerification", "maxKeys", "timeoutSeconds", "requiredFor"];

/** @throws TwoFactorError with every problem, each with its fix */
export function checkSecurityKeys(given: SecurityKeysOptions): Required<SecurityKeysOptions> {
  const options = {
    userVerification: "discouraged" as const,
    maxKeys: 5,
    timeoutSeconds: 120,
    requiredFor: () => false,
    ...Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== undefined)),
  } as unknown as Required<SecurityKeysOptions>;
  const problems = problemsOf(options);
  if (problems.length === 0) return Object.freeze({ ...options, origins: Object.freeze([...options.origins]) });
  throw new TwoFactorError("MISCONFIGURED", `securityKeys cannot be used:\n  - ${problems.join("\n  - ")}`);
}

function problemsOf(options: Required<SecurityKeysOptions>): readonly string[] {
  const { rpId, origins, userVerification, maxKeys, timeoutSeconds, requiredFor } = options;
  const isWhole = (value: unknown, most: number) =>
    Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= most;
  const checks: readonly (readonly [boolean, string])[] = [
    [
      isDomain(rpId),
      '`rpId` must be a domain such as "example.com": no scheme, port, path, capitals, dot at its end, and no IP address.',
    ],
    [
      Array.isArray(origins) && origins.length > 0,
      '`origins` must be a list with at least one origin, such as ["https://app.example.com"].',
    ],
    [
      ["discouraged", "preferred", "required"].includes(userVerification),
      '`userVerification` must be "discouraged", "preferred" or "required".',
    ],
    [isWhole(maxKeys, 20), "`maxKeys` must be a whole number from 1 to 20."],
    [isWhole(timeoutSeconds, 300) && timeoutSeconds >= 10, "`timeoutSeconds` must be a whole number from 10 to 300."],
    [typeof requiredFor === "function", "`requiredFor` must be a function."],
  ];
  const unknown = Object.keys(options).filter((name) => !names.includes(name));
  return [
    ...unknown.map((name) => `\`${name}\` is no option. It knows: ${names.join(", ")}.`),
    ...checks.filter(([isRight]) => !isRight).map(([, text]) => text),
    ...(Array.isArray(origins) ? origins.flatMap((origin: unknown, at) => originProblem(origin, at, rpId)) : []),
  ];
}

const isDomain = (value: unknown): value is string =>
  typeof value === "string" &&
  value.length <= 253 &&
  isIP(value) === 0 &&
  value.split(".").every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label)) &&
  (value === "localhost" || (value.includes(".") && !/\.[0-9]+$/.test(value)));

function originProblem(origin: unknown, at: number, rpId: unknown): readonly string[] {
  const place = `\`origins[${at}]\``;
  if (typeof origin !== "string" || !URL.canParse(origin) || new URL(origin).origin !== origin) {
    return [
      `${place} must be an origin as browsers write it, such as "https://app.example.com": no path, no slash behind.`,
    ];
  }
  const { protocol, hostname } = new URL(origin);
  if (protocol !== "https:" && !(protocol === "http:" && hostname === "localhost")) {
    return [`${place} must begin with https://; only http://localhost is let be.`];
  }
  if (isDomain(rpId) && hostname !== rpId && !hostname.endsWith(`.${rpId}`)) {
    return [`${place} is not of the domain "${rpId}": browsers would refuse every key there.`];
  }
  return [];
}
