import { isIP } from "node:net";
import { join } from "node:path";
import express from "express";
import { type OidcConfig, readOidc } from "./oidc-config";

/** Something the operator must mend: printed without a stack, and the process ends with 1. */
export class StartError extends Error {
  override readonly name = "StartError";
}

export interface Config {
  appName: string;
  host: string;
  /** 0 lets the system pick one. */
  port: number;
  /** Where members find the site, for links in its mails; absent where nobody can know it, until it listens. */
  publicUrl: string | undefined;
  /** Where the embedded database, the secrets made at the first start and the mails are. */
  dataDir: string;
  /** Absent: a database embedded in `dataDir`. */
  databaseUrl: string | undefined;
  /** Absent: sessions and login limits are in memory, for one process. */
  redisUrl: string | undefined;
  twoFactorStore: "postgres" | "redis";
  /** Whether a code typed at a sign-in is asked again on this browser within 24 hours; `ask` leaves it to the member. */
  rememberBrowser: RememberBrowser;
  /** How long somebody who has lost everything waits for a new second step: short, so that it can be tried. */
  recoveryDelaySeconds: number;
  /** Absent: made once in `dataDir`. There where there is a `redisUrl`. */
  encryptionKeys: string | undefined;
  /** The first signs, all verify. Absent: made from the encryption keys. */
  sessionSecrets: readonly string[] | undefined;
  trustProxy: number | string | undefined;
  /** Absent: members sign in with their passwords only. */
  oidc: OidcConfig | undefined;
}

type RememberBrowser = (typeof rememberBrowsers)[number];
const rememberBrowsers = ["always", "ask", "never"] as const;

const defaultDataDir = join(__dirname, "..", ".data");

/**
 * Reads the environment; a variable that is set to nothing counts as not set.
 * @throws {StartError} that names every problem, not only the first.
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const problems: string[] = [];
  const read = (name: string) => env[name]?.trim() || undefined;
  /** The value when it is set and `isRight`; a problem when it is set and not. */
  const checked = (name: string, isRight: (value: string) => boolean, must: string) => {
    const value = read(name);
    if (value !== undefined && !isRight(value)) problems.push(`${name} must be ${must}`);
    return value;
  };

  const config: Config = {
    appName: checked("APP_NAME", isName, "at most 64 characters, none of them a control character") ?? "EventHub",
    host: checked("HOST", (value) => !/[\s/]/.test(value), "a host name or an IP address") ?? "127.0.0.1",
    port: Number(checked("PORT", isPort, "a whole number from 0 to 65535") ?? 3000),
    publicUrl: checked("PUBLIC_URL", isUrlOf("http:", "https:"), "an address like https://members.example.com"),
    dataDir: read("DATA_DIR") ?? defaultDataDir,
    databaseUrl: checked(
      "DATABASE_URL",
      isUrlOf("postgres:", "postgresql:"),
      "an address like postgres://user@host/database",
    ),
    redisUrl: checked("REDIS_URL", isUrlOf("redis:", "rediss:"), "an address like redis://host:6379"),
    twoFactorStore: checked("TWO_FACTOR_STORE", isStore, "postgres or redis") === "redis" ? "redis" : "postgres",
    rememberBrowser: (checked("REMEMBER_BROWSER", isRemember, "always, ask or never") ?? "always") as RememberBrowser,
    recoveryDelaySeconds: Number(
      checked("RECOVERY_DELAY_SECONDS", isDelay, "a whole number from 1 to 604800, seven days") ?? 60,
    ),
    encryptionKeys: checked(
      "OTP_SECRET_ENCRYPTION_KEY",
      (value) => listOf(value)?.every(isKey) === true,
      "base64 of 32 bytes (make one with: npx express-two-factor generate-key), or several of them with commas between",
    ),
    sessionSecrets: listOf(
      checked(
        "SESSION_SECRET",
        (value) => listOf(value)?.every((secret) => secret.length >= 32) === true,
        "at least 32 characters, or several such secrets with commas between",
      ),
    ),
    trustProxy: asHops(
      checked("TRUST_PROXY", isTrustProxy, "the number of proxies in front, or their addresses with commas between"),
    ),
    oidc: readOidc(checked, problems),
  };
  if (config.redisUrl !== undefined && config.encryptionKeys === undefined) {
    problems.push(
      "REDIS_URL needs OTP_SECRET_ENCRYPTION_KEY, the same one for every process: a key is never put where others could read it. " +
        "Make one with: npx express-two-factor generate-key (one of before is in DATA_DIR, otp-secret-encryption-key)",
    );
  }
  if (config.twoFactorStore === "redis" && config.redisUrl === undefined) {
    problems.push("TWO_FACTOR_STORE=redis needs REDIS_URL");
  }
  if (problems.length > 0) {
    throw new StartError(`The environment is not right:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
  return { ...config, publicUrl: config.publicUrl ?? ownAddress(config) };
}

/** Where it listens, if it is one address, known before it does. */
function ownAddress({ host, port }: Config): string | undefined {
  if (port === 0 || isIP(host) === 0 || host === "0.0.0.0" || host === "::") return undefined;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function isStore(value: string): boolean {
  return value === "postgres" || value === "redis";
}

function isRemember(value: string): boolean {
  return rememberBrowsers.some((wish) => wish === value);
}

function listOf(value: string | undefined): string[] | undefined {
  return value?.split(",").map((item) => item.trim());
}

/** The name goes into mail subjects, so a line break in it could become a header. */
function isName(value: string): boolean {
  return value.length <= 64 && !/\p{Cc}/u.test(value);
}

function isPort(value: string): boolean {
  return /^\d{1,5}$/.test(value) && Number(value) <= 65_535;
}

function isDelay(value: string): boolean {
  return /^\d{1,6}$/.test(value) && Number(value) >= 1 && Number(value) <= 604_800;
}

function isUrlOf(...protocols: string[]) {
  return (value: string): boolean => URL.canParse(value) && protocols.includes(new URL(value).protocol);
}

/** The library looks closer; what it finds is said in the same way, only later. */
function isKey(value: string): boolean {
  return /^[\w+/-]{43}=?$/.test(value) && Buffer.from(value, "base64").length === 32;
}

/** Asks Express itself. `true` is refused: it believes whatever address a visitor claims, and with it the login limit. */
function isTrustProxy(value: string): boolean {
  if (value === "true") return false;
  try {
    express().set("trust proxy", asHops(value));
    return true;
  } catch {
    return false;
  }
}

function asHops(value: string | undefined): number | string | undefined {
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : value;
}
