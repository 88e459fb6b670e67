// Between a client and its database: counts how often the client had to wait for an answer.
import { once } from "node:events";
import { connect, createServer } from "node:net";

export async function countedProxy(port) {
  let roundTrips = 0;
  const sockets = new Set();
  const server = createServer((client) => {
    const upstream = connect({ port, host: "127.0.0.1" });
    let waiting = false;
    client.on("data", (chunk) => {
      // One question may come in several pieces; the next one only after an answer.
      if (!waiting) roundTrips += 1;
      waiting = true;
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      waiting = false;
      client.write(chunk);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ]) {
      sockets.add(one);
      one.on("close", () => other.destroy());
      one.on("error", () => undefined);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    count: () => roundTrips,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
