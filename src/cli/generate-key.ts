import { fstatSync, statSync } from "node:fs";
import { Command } from "commander";
import { generateEncryptionKey } from "../crypto/key-ring";
import { CommandFailure } from "./failure";

const name = "OTP_SECRET_ENCRYPTION_KEY";

const howTo = (isLine: boolean) => `
This is a new key for otpSecretEncryptionKey. Keep it where the app keeps its other secrets:

  ${isLine ? "the line above, in .env" : `${name}=<the key above>`}

Lose it, and every user has to set up the second factor again. To change keys, put the new one first,

  ${name}=<new key>,<old key>

restart every process of the app, run \`npx express-two-factor reencrypt\`, and then take the old one away.
`;

/**
 * People, on a terminal, get the line for `.env`; so does who says `--env`. What is captured or piped is the key alone, for
 * wherever secrets are kept. The words go to stderr.
 */
export const generateKey = (): Command =>
  new Command("generate-key")
    .description("prints a new key for otpSecretEncryptionKey: on a terminal as the line for .env, piped the key alone")
    .option("--env", "as the line for .env, also when piped: generate-key --env >> .env")
    .action(({ env = process.stdout.isTTY }: { env?: boolean }) => {
      if (isNowhere(1)) throw new CommandFailure("Nobody would see the key: its output is closed. No key was made.");
      const key = generateEncryptionKey();
      console.log(env ? `${name}=${key}` : key);
      console.error(howTo(env));
    });

/** Node puts the null device where an output is closed, and writes there without an error. */
function isNowhere(descriptor: number): boolean {
  try {
    const { rdev } = statSync("/dev/null");
    const output = fstatSync(descriptor);
    return output.isCharacterDevice() && output.rdev === rdev;
  } catch {
    return false;
  }
}
