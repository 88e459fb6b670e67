import { fstatSync, statSync } from "node:fs";
import { Command } from "commander";
import { generateEncryptionKey } from "../crypto/key-ring";
import { CommandFailure } from "./failure";

const howTo = `
This is a new key for otpSecretEncryptionKey. Keep it where the app keeps its other secrets:

  OTP_SECRET_ENCRYPTION_KEY=<the key above>

Lose it, and every user has to set up the second factor again. To change keys, put the new one first,

  OTP_SECRET_ENCRYPTION_KEY=<new key>,<old key>

restart every process of the app, run \`npx express-two-factor reencrypt\`, and then take the old one away.
`;

/** The key alone goes to stdout, so that it can be piped to where secrets are kept; the words go to stderr. */
export const generateKey = (): Command =>
  new Command("generate-key").description("prints a new key for otpSecretEncryptionKey").action(() => {
    if (isNowhere(1)) throw new CommandFailure("Nobody would see the key: its output is closed. No key was made.");
    console.log(generateEncryptionKey());
    console.error(howTo);
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
