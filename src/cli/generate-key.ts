import { Command } from "commander";
import { generateEncryptionKey } from "../crypto/key-ring";

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
    console.log(generateEncryptionKey());
    console.error(howTo);
  });
