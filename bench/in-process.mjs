// A request without a network: Node's own request and response objects on a socket that takes everything. What is timed is
// from the moment the app gets the request to the moment the answer is over.
import { once } from "node:events";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { Writable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { Connection, Visitor } from "./connection.mjs";

const remote = new Socket();
const sink = () => new Writable({ write: (_chunk, _encoding, done) => done() });

/** @returns a function that asks once and answers how many milliseconds it took */
export function asker(app, path, headers) {
  const names = Object.entries(headers);
  return async () => {
    const req = new IncomingMessage(remote);
    Object.assign(req, { method: "GET", url: path, httpVersion: "1.1", httpVersionMajor: 1, httpVersionMinor: 1 });
    req.headers = Object.fromEntries(names);
    req.complete = true;
    req.push(null);
    const res = new ServerResponse(req);
    const socket = sink();
    res.assignSocket(socket);
    const finished = once(res, "finish");
    const startedAt = performance.now();
    app(req, res);
    await finished;
    // As Node's server does it next: whoever waits for the end of an answer is told.
    res.detachSocket(socket);
    res.emit("close");
    const milliseconds = performance.now() - startedAt;
    if (res.statusCode !== 200) throw new Error(`${path} answered ${res.statusCode}`);
    // What one request leaves behind is not counted for the next.
    await turn();
    return milliseconds;
  };
}

/** Does something with an app over HTTP, as a visitor would. @returns what `doing` does */
export async function visited(app, doing) {
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const connection = await Connection.open(server.address().port);
  try {
    return await doing(new Visitor(connection));
  } finally {
    connection.close();
    server.close();
  }
}

/** As a browser that asks for a page sends it. */
export const asBrowser = ({ cookies }) => ({
  accept: "application/json",
  cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
  host: "127.0.0.1",
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
});
