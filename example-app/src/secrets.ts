import { hkdfSync } from "node:crypto";
import { join } from "node:path";
import { generateEncryptionKey } from "express-two-factor";
import type { Config } from "./config";
import { keepSecret, readSecret } from "./data-dir";

export interface Secrets {
  /** Base64 keys with commas between: the first encrypts, all decrypt. */
  encryptionKeys: string;
  /** The first signs the session cookie, all verify it. */
  session: readonly string[];
}

/** What the environment gives; else what an earlier start left in the data directory; else made now, and said so. */
export async function secretsOf(config: Config, print: (line: string) => void): Promise<Secrets> {
  const encryptionKeys = config.encryptionKeys ?? (await keptKey(config.dataDir, print));
  // Processes with the same keys agree, so that they can share sessions.
  return { encryptionKeys, session: config.sessionSecrets ?? encryptionKeys.split(",").map(forSessions) };
}

async function keptKey(dataDir: string, print: (line: string) => void): Promise<string> {
  const name = "otp-secret-encryption-key";
  const where = join(dataDir, name);
  const earlier = await readSecret(dataDir, name);
  print(
    earlier === undefined
      ? `OTP_SECRET_ENCRYPTION_KEY is not set: a key was made and kept in ${where}. Set one of your own in production.`
      : `OTP_SECRET_ENCRYPTION_KEY is not set: the key in ${where} is used.`,
  );
  return earlier ?? keepSecret(dataDir, name, generateEncryptionKey());
}

const forSessions = (key: string): string =>
  Buffer.from(hkdfSync("sha256", Buffer.from(key, "base64"), "", "session cookie", 32)).toString("base64");
