// Requests a second over HTTP: eight connections ask for a page as fast as they can, for a short while each host.
import { Connection, Visitor } from "../connection.mjs";
import { ratioOf, summary, takeTurns } from "../pairs.mjs";
import { versions } from "../peers.mjs";
import { ours } from "../sides.mjs";
import { startSubject } from "../subject.mjs";

const connectionsEach = 8;
const requestsEach = 25;

export async function measure(size) {
  const subject = await startSubject("pages");
  const connections = await Promise.all(Array.from({ length: connectionsEach }, () => Connection.open(subject.port)));

  const visitor = new Visitor(connections[0]);
  visitor.headers = { "x-host": "gate" };
  await ours.enrol(visitor, "ada");

  /** Everybody asks with the same session, which is proven. */
  function windowOf(host) {
    visitor.headers = { "x-host": host };
    const request = visitor.prepared("GET", ours.page);
    return async () => {
      const startedAt = performance.now();
      await Promise.all(
        connections.map(async (connection) => {
          for (let n = 0; n < requestsEach; n += 1) {
            const { head } = await connection.send(...request);
            if (!head.startsWith("HTTP/1.1 200")) throw new Error(`${host} answered ${head.slice(0, 80)}`);
          }
        }),
      );
      return performance.now() - startedAt;
    };
  }

  try {
    const times = await takeTurns(
      {
        alone: windowOf("alone"),
        again: windowOf("again"),
        gate: windowOf("gate"),
      },
      { rounds: size.rounds, each: Math.ceil(size.each / 4), warm: Math.ceil(size.warm / 4) },
    );
    const of = versions("express", "express-session");
    const row = (name, numbers, unit) => ({ name, ...numbers, unit, versions: of });
    const perSecond = (milliseconds) => ((connectionsEach * requestsEach) / milliseconds) * 1000;
    return [
      row("control-http", ratioOf(times.alone, times.again), "× express-session alone, requests a second"),
      row("gate-http", ratioOf(times.alone, times.gate), "× express-session alone, requests a second"),
      row("requests-per-second-alone", summary(times.alone.map(perSecond)), "requests/s"),
    ];
  } finally {
    for (const connection of connections) connection.close();
    await subject.stop();
  }
}
