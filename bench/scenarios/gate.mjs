// What the gate adds to a request that it lets pass, in one process: the same host with and without it, in turns.
import "../clock.mjs";
import session from "express-session";
import passport from "passport";
import { generateEncryptionKey, twoFactor } from "../../dist/index.js";
import { memoryStore } from "../../dist/stores/memory.js";
import { hostApp, hostWith, userOf } from "../host-app.mjs";
import { asBrowser, asker, visited } from "../in-process.mjs";
import { ratioOf, summary, takeTurns } from "../pairs.mjs";
import { versions } from "../peers.mjs";
import { ours } from "../sides.mjs";

const gate = (needTwoFactorAuthentication) =>
  twoFactor({
    issuer: "Bench",
    // Each host is an app of its own, as far as the records are concerned.
    store: memoryStore(),
    otpSecretEncryptionKey: generateEncryptionKey(),
    user: userOf,
    needTwoFactorAuthentication,
    recoveryCodes: { count: 1 },
  });

function passportSession() {
  const own = new passport.Passport();
  own.deserializeUser((id, done) => done(null, { id }));
  return own.session();
}

/** passport keeps the user under a name of its own. */
const passportLogin = (req, _res, next) => {
  if (req.session.userId !== undefined) req.session.passport ??= { user: req.session.userId };
  next();
};

/** Three apps alike take turns: what only one of them has, such as where it lies in memory, is then no difference. */
async function subject(make, signIn) {
  const askers = [];
  for (let n = 0; n < 3; n += 1) {
    const app = make();
    const visitor = await visited(app, async (visitor) => (await signIn(visitor, "ada"), visitor));
    askers.push(asker(app, ours.page, asBrowser(visitor)));
  }
  return inTurns(askers);
}

function inTurns(askers) {
  let turn = 0;
  return () => askers[(turn += 1) % askers.length]();
}

/** Hosts with and without the gate that have the very same session, proven: what differs is the gate and nothing else. */
async function provenPairs() {
  const [proven, without, again] = [[], [], []];
  for (let n = 0; n < 3; n += 1) {
    const store = new session.MemoryStore();
    const app = hostWith(
      { store },
      gate(() => true),
    );
    const visitor = await visited(app, async (visitor) => (await ours.enrol(visitor, "ada"), visitor));
    const ask = (app) => asker(app, ours.page, asBrowser(visitor));
    proven.push(ask(app));
    without.push(ask(hostWith({ store })));
    again.push(ask(hostWith({ store })));
  }
  return { proven: inTurns(proven), without: inTurns(without), againWithout: inTurns(again) };
}

/** The least that a gate can be. */
const oneLine = (req, res, next) => (req.session.userId === "ada" ? next() : res.status(403).end());

/** Settles the session's content before anything is measured. */
async function withPassport(visitor, id) {
  await ours.signIn(visitor, id);
  await visitor.get(ours.page);
}

export async function measure(size) {
  const times = await takeTurns(
    {
      alone: await subject(() => hostApp(), ours.signIn),
      again: await subject(() => hostApp(), ours.signIn),
      ...(await provenPairs()),
      oneLine: await subject(() => hostApp(oneLine), ours.signIn),
      never: await subject(() => hostApp(gate(() => "never")), ours.signIn),
      optional: await subject(() => hostApp(gate(() => false)), ours.signIn),
      passport: await subject(() => hostApp(passportLogin, passportSession()), withPassport),
      login: await subject(() => hostApp(passportLogin), withPassport),
    },
    { rounds: size.rounds, each: size.each * 10, warm: size.warm * 10 },
  );
  const of = versions("express", "express-session", "passport");
  const row = (name, numbers, unit = "× express-session alone") => ({ name, ...numbers, unit, versions: of });
  const added = (with_, without) => times[with_].map((value, round) => value - times[without][round]);
  const [byGate, byPassport] = [added("proven", "without"), added("passport", "login")];
  const share = byGate.map((value, round) => value / byPassport[round]);
  const microseconds = (numbers) => summary(numbers.map((value) => value * 1000));
  return [
    row("control-gate", ratioOf(times.again, times.alone)),
    row("control-gate-proven", ratioOf(times.againWithout, times.without)),
    row("gate-of-one-line", ratioOf(times.oneLine, times.alone)),
    row("gate-session", ratioOf(times.proven, times.without), "× express-session alone, with the same session"),
    row("gate-not-needed", ratioOf(times.never, times.alone)),
    row("gate-not-needed-optional", ratioOf(times.optional, times.alone)),
    row("gate-vs-passport", summary(share), "× what passport.session() adds"),
    row("session-with-a-proof", ratioOf(times.without, times.alone), "× a session without one, express-session alone"),
    row("microseconds-alone", microseconds(times.without), "µs"),
    row("microseconds-gate", microseconds(byGate), "µs"),
    row("microseconds-passport", microseconds(byPassport), "µs"),
  ];
}
