// What the soak's clients do. Each scene plays one person from set-up on, and notes in `tally` what must never be.
import { setTimeout as pause } from "node:timers/promises";
import { codeOf, currentStep, wrongCode } from "./authenticator.mjs";

/** Longer than the hosts' `revalidateSeconds`, with room for a busy machine. */
const resetIsKnownAfterMilliseconds = 4000;

const accepted = (answers) => answers.filter(({ status }) => status === 200).length;

/** The whole life of one account. Returns early where an answer stayed away: then nothing can be said of it. */
export async function live(id, { browser, tally, foreign }) {
  const person = await enrolled(id, { browser, tally });
  if (person === undefined) return;
  const { secret, recoveryCodes, step } = person;

  const stranger = await signedIn(id, browser);
  if (stranger === undefined) return;
  tally.mustNotPass("behind the gate without a proof", await stranger.get("/private"));
  tally.mustNotPass("the enrolment code again", await stranger.verify(codeOf(secret, step)));
  tally.mustNotPass("a wrong code", await stranger.verify(wrongCode(secret)));
  const ours = new Set([-2, -1, 0, 1, 2].map((away) => codeOf(secret, currentStep() + away)));
  const theirs = foreign() && codeOf(foreign().secret, currentStep());
  if (theirs && !ours.has(theirs)) tally.mustNotPass("somebody else's code", await stranger.verify(theirs));
  tally.mustNotPass("behind the gate after wrong codes", await stranger.get("/private"));

  await race("one code", codeOf(secret, step + 1), id, { browser, tally });
  await race("one recovery code", recoveryCodes[0], id, { browser, tally });
  await guessInParallel(id, secret, { browser, tally });

  if (Math.random() < 0.3) await beReset(id, recoveryCodes[2], { browser, tally });
  return person;
}

async function signedIn(id, browser) {
  const one = browser();
  return (await one.login(id)).status === 200 ? one : undefined;
}

async function enrolled(id, { browser, tally }) {
  const one = await signedIn(id, browser);
  if (one === undefined) return undefined;
  tally.mustNotPass("behind the gate before a set-up", await one.get("/private"));
  const begun = await one.post("/two-factor/setup");
  if (begun.status !== 200) return undefined;
  const { secret } = begun.body;
  const wrong = await one.post("/two-factor/setup/verify", { code: wrongCode(secret) });
  tally.mustNotPass("a set-up with a wrong code", wrong);
  const step = currentStep();
  const done = await one.post("/two-factor/setup/verify", { code: codeOf(secret, step) });
  if (done.status !== 200) return undefined;
  tally.enrolled(id);
  return { id, secret, step, recoveryCodes: done.body.recoveryCodes };
}

/** The same code from four sessions at once, each at whatever process; and once more when it is over. */
async function race(what, code, id, { browser, tally }) {
  const sessions = (await Promise.all([1, 2, 3, 4, 5].map(() => signedIn(id, browser)))).filter(Boolean);
  const late = sessions.pop();
  if (late === undefined) return;
  const answers = await Promise.all(sessions.map((one) => one.verify(code)));
  const again = await late.verify(code);
  const passes = accepted([...answers, again]);
  tally.passed(what, passes);
  if (passes > 1) tally.wrongPass(`${what} was accepted ${passes} times`);
  for (const [index, one] of sessions.entries()) {
    const isProven = answers[index].status === 200;
    const behind = await one.get("/private");
    // No answer: it may have been accepted before the process died.
    if (!isProven && answers[index].status !== 0 && behind.status === 200) tally.wrongPass(`${what}: a loser is in`);
    if (isProven) tally.proven(behind);
  }
}

/** More wrong codes at once than are allowed: no more than three are told an outcome before the lock. */
async function guessInParallel(id, secret, { browser, tally }) {
  const one = await signedIn(id, browser);
  if (one === undefined) return;
  const startedAt = Date.now();
  const answers = await Promise.all(Array.from({ length: 8 }, () => one.verify(wrongCode(secret))));
  for (const answer of answers) tally.mustNotPass("a wrong code in parallel", answer);
  const told = answers.filter(({ status }) => status === 422).length;
  // The hosts' locks last two seconds; a slower round may rightly be told more.
  if (told > 2 && Date.now() - startedAt < 2000) tally.wrongPass(`${told} wrong codes were told an outcome at once`);
}

/** A proven session dies with a reset, on every process; what opened it before opens nothing. */
async function beReset(id, recoveryCode, { browser, tally }) {
  const one = await signedIn(id, browser);
  await pause(4500); // the lock of the guesses
  if (one === undefined || (await one.verify(recoveryCode)).status !== 200) return;
  tally.mayBeGone(id);
  if ((await browser().post(`/admin/reset/${id}`)).status !== 200) return;
  tally.resets += 1;
  await pause(resetIsKnownAfterMilliseconds);
  for (let n = 0; n < 4; n += 1) tally.mustNotPass("a session proven before a reset", await one.get("/private"));
  const other = await signedIn(id, browser);
  if (other !== undefined) tally.mustNotPass("a code of before a reset", await other.verify(recoveryCode));
}
