// Somebody with a password floods its account with guesses while others ask for pages and sign in: what the slowest of them wait.
import { setTimeout as pause } from "node:timers/promises";
import { randomInt } from "node:crypto";
import { wrongCode } from "../authenticator.mjs";
import { quantile } from "../figures.mjs";
import { ratioOf, summary } from "../pairs.mjs";
import { versions } from "../peers.mjs";
import { codeNow, nextStep, ours } from "../sides.mjs";
import { startSubject } from "../subject.mjs";

const connections = 20;
const guessesPerSecond = 150;
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const recoveryCode = () => Array.from({ length: 16 }, () => letters[randomInt(32)]).join("");

/** A guess at a fixed rate, whatever becomes of those before; of four one is a recovery code, which costs a scrypt. */
function startFlood(attackers, clock, secret) {
  let sent = 0;
  let next = 0;
  const timer = setInterval(() => {
    const attacker = attackers[(next += 1) % connections];
    if (attacker.isBusy) return;
    attacker.isBusy = true;
    sent += 1;
    attacker.aheadMilliseconds = clock.aheadMilliseconds;
    const code = sent % 4 === 0 ? recoveryCode() : wrongCode(secret, clock.aheadMilliseconds);
    void ours
      .verify(attacker, code)
      // The login has expired, by the clock of those who sign in meanwhile.
      .then(({ status }) => (status === 401 ? ours.signIn(attacker, "victim") : undefined))
      .finally(() => (attacker.isBusy = false));
  }, 1000 / guessesPerSecond);
  return async () => {
    clearInterval(timer);
    while (attackers.some(({ isBusy }) => isBusy)) await pause(5);
    return sent;
  };
}

export async function measure({ rounds, samples }) {
  const subject = await startSubject("ours");
  try {
    const clock = await subject.visitor();
    const victims = await ours.enrol(clock, "victim");
    const secret = await ours.enrol(subject.again(clock), "ada");
    const proven = subject.again(clock);
    const attackers = [];
    for (let n = 0; n < connections; n += 1) {
      const attacker = await subject.visitor();
      await ours.signIn(attacker, "victim");
      attackers.push(attacker);
    }

    /** The slowest of a hundred, of pages and of codes. */
    async function window() {
      const [pages, codes] = [[], []];
      for (let n = 0; n < samples; n += 1) {
        nextStep(clock);
        const visitor = subject.again(clock);
        await ours.signIn(visitor, "ada");
        const { status, milliseconds } = await ours.verify(visitor, codeNow(visitor, secret));
        if (status !== 200) throw new Error(`A right code of somebody else answered ${status}`);
        codes.push(milliseconds);
        Object.assign(proven, { cookies: visitor.cookies, aheadMilliseconds: clock.aheadMilliseconds });
        for (let page = 0; page < 4; page += 1) {
          pages.push((await proven.get(ours.page)).milliseconds);
          await pause(1);
        }
      }
      return { page: quantile(pages, 0.99), code: quantile(codes, 0.99), middle: quantile(codes, 0.5) };
    }

    await window();
    const [before, during, after] = [[], [], []];
    let guesses = 0;
    for (let round = 0; round < Math.ceil(rounds / 6); round += 1) {
      before.push(await window());
      const stop = startFlood(attackers, clock, victims);
      during.push(await window());
      guesses += await stop();
      after.push(await window());
    }
    for (const { connection } of attackers) connection.close();
    const of = versions("express", "express-session");
    const row = (name, numbers, unit) => ({ name, ...numbers, unit, versions: of });
    const only = (windows, what) => windows.map((one) => one[what]);
    const unit = "× before, p99";
    return [
      row(
        "control-flood",
        ratioOf(only(after, "code"), only(before, "code")),
        `${unit} of others' codes, after the flood`,
      ),
      row(
        "flood-others-codes",
        ratioOf(only(during, "code"), only(before, "code")),
        `${unit} of others' codes, during it`,
      ),
      row(
        "flood-others-pages",
        ratioOf(only(during, "page"), only(before, "page")),
        `${unit} of others' pages, during it`,
      ),
      row("milliseconds-p99-before", summary(only(before, "code")), "ms, others' codes"),
      row("milliseconds-p99-during", summary(only(during, "code")), "ms, others' codes"),
      row("milliseconds-p99-pages-before", summary(only(before, "page")), "ms, others' pages"),
      row("milliseconds-p99-pages-during", summary(only(during, "page")), "ms, others' pages"),
      row("flood-guesses", summary([guesses]), `guesses at one account, ${guessesPerSecond} a second or fewer`),
    ];
  } finally {
    await subject.stop();
  }
}
