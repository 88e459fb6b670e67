// What the gate adds to a request that it lets pass, in one process: the same host with and without it, in turns.
import "../clock.mjs";
import passport from "passport";
import { generateEncryptionKey, twoFactor } from "../../dist/index.js";
import { memoryStore } from "../../dist/stores/memory.js";
import { hostApp, userOf } from "../host-app.mjs";
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
  let turn = 0;
  return () => askers[(turn += 1) % askers.length]();
}

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
      proven: await subject(() => hostApp(gate(() => true)), ours.enrol),
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
  const byPassport = added("passport", "login");
  return [
    row("control-gate", ratioOf(times.again, times.alone)),
    row("gate-session", ratioOf(times.proven, times.alone)),
    row("gate-not-needed", ratioOf(times.never, times.alone)),
    row("gate-not-needed-optional", ratioOf(times.optional, times.alone)),
    row(
      "gate-vs-passport",
      summary(added("proven", "alone").map((value, round) => value / byPassport[round])),
      "× what passport.session() adds",
    ),
    row("microseconds-alone", summary(times.alone.map((value) => value * 1000)), "µs"),
    row("microseconds-gate", summary(added("proven", "alone").map((value) => value * 1000)), "µs"),
    row("microseconds-passport", summary(byPassport.map((value) => value * 1000)), "µs"),
  ];
}
