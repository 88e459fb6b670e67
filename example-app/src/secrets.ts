import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Config } from "./config";
import { keepSecret, readSecret } from "./data-dir";
import { agreeByRedis, type Redis } from "./redis";

export interface Secrets {
  /** Base64 keys with commas between: the first encrypts, all decrypt. */
  encryptionKeys: string;
  /** The first signs the session cookie, all verify it. */
  session: readonly string[];
}

/** What the environment gives; else what an earlier start left in the data directory; else made now, and said so. */
export async function secretsOf(
  config: Config,
  redis: Redis | undefined,
  print: (line: string) => void,
): Promise<Secrets> {
  const kept = async (name: string) => {
    const earlier = await readSecret(config.dataDir, name);
    const own = earlier ?? randomBytes(32).toString("base64");
    // Processes that share sessions must agree, also when each has a data directory of its own.
    const agreed = redis === undefined ? own : await agreeByRedis(redis, name, own);
    const secret = earlier ?? (await keepSecret(config.dataDir, name, agreed));
    return [...new Set([agreed, secret])];
  };

  const session = config.sessionSecrets ?? (await kept("session-secret"));
  if (config.encryptionKeys !== undefined) return { session, encryptionKeys: config.encryptionKeys };

  const name = "otp-secret-encryption-key";
  const isFirst = (await readSecret(config.dataDir, name)) === undefined;
  const keys = await kept(name);
  const where = join(config.dataDir, name);
  print(
    isFirst
      ? `OTP_SECRET_ENCRYPTION_KEY is not set: a key was made and kept in ${where}. Set one of your own in production.`
      : `OTP_SECRET_ENCRYPTION_KEY is not set: the key in ${where} is used.`,
  );
  if (redis !== undefined)
    print("That key is also in Redis, for other processes of this site; a key of your own is not.");
  return { session, encryptionKeys: keys.join(",") };
}
