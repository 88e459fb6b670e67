// A sign-in with a security key, challenge and answer, beside `@simplewebauthn/server` alone with a session.
import { keyOwner } from "../key-owner.mjs";
import { ratioOf, summary, takeTurns } from "../pairs.mjs";
import { versions } from "../peers.mjs";
import { startSubject } from "../subject.mjs";

export async function measure(size) {
  const started = [];
  const owner = async (name, variables) => {
    const subject = await startSubject(name, variables);
    started.push(subject);
    return keyOwner(subject, name);
  };
  try {
    const subjects = {
      ours: await owner("ours", { KEYS: "1" }),
      floor: await owner("floor"),
      again: await owner("floor"),
    };
    const times = await takeTurns(subjects, { ...size, each: Math.ceil(size.each / 2) });
    const of = versions("express", "express-session", "@simplewebauthn/server");
    const row = (name, numbers, unit) => ({ name, ...numbers, unit, versions: of });
    return [
      row("control-key", ratioOf(times.again, times.floor), "× the same in another process"),
      row("key-verify", ratioOf(times.ours, times.floor), "× @simplewebauthn/server with session and regenerate"),
      row("milliseconds-key-floor", summary(times.floor), "ms"),
    ];
  } finally {
    await Promise.all(started.map((one) => one.stop()));
  }
}
