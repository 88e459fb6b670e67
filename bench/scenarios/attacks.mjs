// What a library is for: the same three attacks on each side, over HTTP, each sign-in a browser and a connection of its own.
import { wrongCode } from "../authenticator.mjs";
import { summary } from "../pairs.mjs";
import { versions } from "../peers.mjs";
import { betterAuth, codeNow, nextStep, ours, passportTotp } from "../sides.mjs";
import { startSubject } from "../subject.mjs";

const own = { ours: { side: ours, packages: [] } };
const peers = {
  "better-auth": {
    side: betterAuth,
    variables: { NODE_ENV: "production" },
    packages: ["better-auth", "better-sqlite3"],
  },
  "passport-totp": { side: passportTotp, packages: ["passport-totp"] },
};

/** So many browsers that have given the password and nothing else. */
async function signIns(subject, side, clock, many) {
  const visitors = [];
  for (let n = 0; n < many; n += 1) {
    const visitor = await subject.visitor();
    visitor.aheadMilliseconds = clock.aheadMilliseconds;
    await side.signIn(visitor, "ada");
    visitors.push(visitor);
  }
  return visitors;
}

async function atOnce(visitors, side, codeOf) {
  const answers = await Promise.all(visitors.map((visitor) => side.verify(visitor, codeOf(visitor))));
  for (const { connection } of visitors) connection.close();
  return answers;
}

const accepted = (answers) => answers.filter(({ status }) => status === 200).length;

/** Whether the code itself was looked at: a lock and a used-up challenge say so by words of their own. */
const wasEvaluated = ({ status, body }) =>
  status !== 429 && body.code !== "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE" && body.code !== "INVALID_TWO_FACTOR_COOKIE";

async function attack(name, { side, variables }, { parallel, guesses }) {
  const subject = await startSubject(name, variables);
  try {
    const clock = await subject.visitor();
    const secret = await side.enrol(clock, "ada");
    nextStep(clock);
    const code = codeNow(clock, secret);
    const once = accepted(await atOnce(await signIns(subject, side, clock, parallel), side, () => code));

    const [late] = await signIns(subject, side, clock, 1);
    const before = accepted([await side.verify(late, codeNow(clock, secret, -1))]);

    nextStep(clock);
    const answers = await atOnce(await signIns(subject, side, clock, guesses), side, () =>
      wrongCode(secret, clock.aheadMilliseconds),
    );
    // Ours answers the guess that locks as it answers those after it, so it is asked what it has told the host.
    const told = name === "ours" ? (await subject.ask({ ask: true })).failures : answers.filter(wasEvaluated).length;
    return { once, before, told, wrongAccepted: accepted(answers) };
  } finally {
    await subject.stop();
  }
}

export async function measure(size) {
  const rows = [];
  for (const [name, given] of Object.entries({ ...own, ...(size.peers && peers) })) {
    const seen = await attack(name, given, size);
    if (seen.wrongAccepted > 0) throw new Error(`${name} accepted a wrong code`);
    const row = (what, number, unit) =>
      rows.push({
        name: `${what}-${name}`,
        ...summary([number]),
        unit,
        versions: versions("express", ...given.packages),
      });
    row("one-code-at-once", seen.once, `accepted, of ${size.parallel} sign-ins at once`);
    row("wrong-guesses-at-once", seen.told, `evaluated, of ${size.guesses} at once`);
    row("older-step-after-newer", seen.before, "accepted, of 1");
  }
  return rows.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
