// A page of a proven session, over HTTP: beside what better-auth takes to say who is signed in, and how many a second.
import { ratioOf, summary, takeTurns } from "../pairs.mjs";
import { versions } from "../peers.mjs";
import { betterAuth, ours } from "../sides.mjs";
import { startSubject } from "../subject.mjs";

async function proven(started, side, name, variables) {
  const subject = await startSubject(name, variables);
  started.push(subject);
  const visitor = await subject.visitor();
  await side.enrol(visitor, "ada");
  return async () => (await visitor.get(side.page)).milliseconds;
}

export async function measure(size) {
  if (!size.peers) return [];
  const started = [];
  try {
    const times = await takeTurns(
      {
        ours: await proven(started, ours, "ours"),
        again: await proven(started, ours, "ours"),
        betterAuth: await proven(started, betterAuth, "better-auth", { NODE_ENV: "production" }),
      },
      { ...size, each: size.each * 5, warm: size.warm * 5 },
    );
    const of = versions("express", "express-session", "better-auth", "better-sqlite3");
    const row = (name, numbers, unit) => ({ name, ...numbers, unit, versions: of });
    return [
      row("control-status", ratioOf(times.again, times.ours), "× the same in another process"),
      row("status-vs-better-auth", ratioOf(times.ours, times.betterAuth), "× better-auth get-session over SQLite"),
      row("milliseconds-page", summary(times.ours), "ms"),
      row("milliseconds-get-session", summary(times.betterAuth), "ms"),
    ];
  } finally {
    await Promise.all(started.map((one) => one.stop()));
  }
}
