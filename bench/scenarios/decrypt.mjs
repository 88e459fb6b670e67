// Opening a stored secret beside the SDK's decrypt of the same message.
import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { ratioOf, summary, takeTurns } from "../pairs.mjs";
import { versions } from "../peers.mjs";
import { rawSdk } from "../raw-sdk.mjs";

const require = createRequire(import.meta.url);
const { parseEncryptionKeys } = require("../../dist/crypto/key-ring.js");
const { secretBoxFromKeys } = require("../../dist/crypto/secret-box.js");

const timed = (work) => async () => {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
};

export async function measure(size) {
  const key = randomBytes(32);
  const { keys } = parseEncryptionKeys(key.toString("base64"));
  const box = secretBoxFromKeys(keys);
  const context = { scope: "user", userId: "ada", purpose: "totp" };
  const sealed = await box.seal("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", context);
  const message = Buffer.from(sealed.slice(sealed.indexOf(".") + 1), "base64url");
  const sdk = rawSdk(keys[0].id, key);
  const times = await takeTurns(
    {
      ours: timed(() => box.open(sealed, context)),
      sdk: timed(() => sdk.open(message)),
      again: timed(() => sdk.open(message)),
    },
    { rounds: size.rounds, each: size.each * 5, warm: size.warm * 5 },
  );
  const of = versions("@aws-crypto/decrypt-node");
  const row = (name, numbers, unit) => ({ name, ...numbers, unit, versions: of });
  return [
    row("control-decrypt", ratioOf(times.again, times.sdk), "× the SDK's decrypt"),
    row("decrypt-vs-sdk", ratioOf(times.ours, times.sdk), "× the SDK's decrypt"),
    row("microseconds-decrypt-sdk", summary(times.sdk.map((value) => value * 1000)), "µs"),
  ];
}
