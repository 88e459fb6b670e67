// What a proof adds to the session of a host, in the bytes that its session store keeps.
import session from "express-session";
import { generateEncryptionKey, twoFactor } from "../../dist/index.js";
import { memoryStore } from "../../dist/stores/memory.js";
import { setClockAhead } from "../clock.mjs";
import { hostWith, userOf } from "../host-app.mjs";
import { visited } from "../in-process.mjs";
import { summary } from "../pairs.mjs";
import { versions } from "../peers.mjs";
import { codeNow, ours, stepMilliseconds } from "../sides.mjs";

export async function measure() {
  const sessions = new session.MemoryStore();
  const bytes = () => Object.values(sessions.sessions).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const tfa = twoFactor({
    ...{ issuer: "Bench", store: memoryStore(), user: userOf, recoveryCodes: { count: 1 } },
    otpSecretEncryptionKey: generateEncryptionKey(),
  });
  const added = await visited(hostWith({ store: sessions }, tfa), async (visitor) => {
    const secret = await ours.enrol(visitor, "ada");
    setClockAhead(stepMilliseconds);
    sessions.sessions = {};
    visitor.cookies.clear();
    await ours.signIn(visitor, "ada");
    const before = bytes();
    const { status } = await ours.verify(visitor, codeNow(visitor, secret));
    if (status !== 200) throw new Error(`A right code answered ${status}`);
    return bytes() - before;
  });
  const unit = "bytes in the session store";
  return [{ name: "proven-heap", ...summary([added]), unit, versions: versions("express-session") }];
}
