// Codes on several sides in turns: each side has one person, one connection, and a clock that goes one step a sample.
import { startSubject } from "./subject.mjs";
import { codeNow, nextStep } from "./sides.mjs";

/**
 * @param wanted by name: `[subject, side, variables]`
 * @returns by name, a function that signs in anew and answers how long the code took; and `stop`
 */
export async function codesOf(wanted, { within = false } = {}) {
  const started = [];
  const subjects = {};
  for (const [name, [subject, side, variables]] of Object.entries(wanted)) {
    const running = await startSubject(subject, variables);
    started.push(running);
    const clock = await running.visitor();
    const secret = await side.enrol(clock, "ada");
    subjects[name] = within ? await stepUp(running, side, clock, secret) : signIn(running, side, clock, secret);
  }
  return { subjects, stop: () => Promise.all(started.map((one) => one.stop())) };
}

async function timedCode(side, visitor, secret) {
  const answer = await side.verify(visitor, codeNow(visitor, secret));
  if (answer.status !== 200) throw new Error(`A right code answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.milliseconds;
}

const signIn = (running, side, clock, secret) => async () => {
  nextStep(clock);
  const visitor = running.again(clock);
  await side.signIn(visitor, "ada");
  return timedCode(side, visitor, secret);
};

/** Within one session, which was proven before. */
async function stepUp(running, side, clock, secret) {
  nextStep(clock);
  const visitor = running.again(clock);
  await side.signIn(visitor, "ada");
  await timedCode(side, visitor, secret);
  return () => {
    nextStep(visitor);
    return timedCode(side, visitor, secret);
  };
}
