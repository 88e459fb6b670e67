// The page that shows somebody's QR code for the first time, beside a bare handler that makes the same.
import { ratioOf, summary, takeTurns } from "../pairs.mjs";
import { versions } from "../peers.mjs";
import { ours } from "../sides.mjs";
import { startSubject } from "../subject.mjs";

export async function measure(size) {
  const started = [];
  const setup = async (name, path) => {
    const subject = await startSubject(name);
    started.push(subject);
    const first = await subject.visitor();
    let people = 0;
    return async () => {
      const visitor = subject.again(first);
      await ours.signIn(visitor, `person-${(people += 1)}`);
      const { body, milliseconds } = await visitor.get(path, "text/html");
      if (!body.includes("<svg")) throw new Error(`${name} showed no QR code`);
      return milliseconds;
    };
  };
  try {
    const times = await takeTurns(
      {
        ours: await setup("ours", "/two-factor/setup"),
        floor: await setup("floor", "/setup"),
        again: await setup("floor", "/setup"),
      },
      { rounds: size.rounds, each: Math.ceil(size.each / 2), warm: size.warm },
    );
    const of = versions("express", "express-session", "qrcode", "ejs");
    const row = (name, numbers, unit) => ({ name, ...numbers, unit, versions: of });
    return [
      row("control-enrol", ratioOf(times.again, times.floor), "× the same in another process"),
      row("enrol", ratioOf(times.ours, times.floor), "× by hand: the same QR code, one EJS page"),
      row("milliseconds-enrol-floor", summary(times.floor), "ms"),
    ];
  } finally {
    await Promise.all(started.map((one) => one.stop()));
  }
}
