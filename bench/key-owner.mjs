// Somebody with a security key, on either side.
import { ours } from "./sides.mjs";
import { SoftKey } from "./soft-key.mjs";

const minuteMilliseconds = 60_000;

const paths = {
  ours: {
    add: ["/two-factor/keys/options", "/two-factor/keys"],
    verify: ["/two-factor/verify/options", "/two-factor/verify"],
  },
  floor: { add: ["/keys/options", "/keys"], verify: ["/key/options", "/key/verify"] },
};

/** @returns a function that signs in anew, and answers how long challenge and answer took together */
export async function keyOwner(subject, side) {
  const { add, verify } = paths[side];
  const first = await subject.visitor();
  const key = new SoftKey();
  await ours.signIn(first, "ada");
  const { publicKey } = (await first.post(add[0])).body;
  const response = key.register(publicKey);
  const added = await first.send("POST", add[1], { response, key: response });
  if (added.status >= 300) throw new Error(`A key was not added: ${JSON.stringify(added.body)}`);

  return async () => {
    // Challenges that were answered are remembered while they could be answered again: nobody signs in a hundred times a minute.
    first.aheadMilliseconds += minuteMilliseconds;
    const visitor = subject.again(first);
    await ours.signIn(visitor, "ada");
    const asked = await visitor.post(verify[0]);
    const answered = await visitor.post(verify[1], { key: key.assert(asked.body.publicKey) });
    return asked.milliseconds + answered.milliseconds;
  };
}
