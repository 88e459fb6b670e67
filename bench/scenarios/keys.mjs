// A sign-in with a security key, challenge and answer, beside `@simplewebauthn/server` alone with a session.
import { ratioOf, summary, takeTurns } from "../pairs.mjs";
import { versions } from "../peers.mjs";
import { ours } from "../sides.mjs";
import { SoftKey } from "../soft-key.mjs";
import { startSubject } from "../subject.mjs";

const paths = {
  ours: {
    add: ["/two-factor/keys/options", "/two-factor/keys"],
    verify: ["/two-factor/verify/options", "/two-factor/verify"],
  },
  floor: { add: ["/keys/options", "/keys"], verify: ["/key/options", "/key/verify"] },
};

async function owner(started, name, variables) {
  const subject = await startSubject(name, variables);
  started.push(subject);
  const { add, verify } = paths[name];
  const first = await subject.visitor();
  const key = new SoftKey();
  await ours.signIn(first, "ada");
  const { publicKey } = (await first.post(add[0])).body;
  const response = key.register(publicKey);
  const added = await first.send("POST", add[1], { response, key: response });
  if (added.status >= 300) throw new Error(`A key was not added: ${JSON.stringify(added.body)}`);

  return async () => {
    const visitor = subject.again(first);
    await ours.signIn(visitor, "ada");
    const asked = await visitor.post(verify[0]);
    const answered = await visitor.post(verify[1], { key: key.assert(asked.body.publicKey) });
    return asked.milliseconds + answered.milliseconds;
  };
}

export async function measure(size) {
  const started = [];
  try {
    const subjects = {
      ours: await owner(started, "ours", { KEYS: "1" }),
      floor: await owner(started, "floor"),
      again: await owner(started, "floor"),
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
