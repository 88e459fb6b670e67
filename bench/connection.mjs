// One connection that is kept alive, as thin as it can be: the client's own time is in every measured request, and would
// make two servers look more alike than they are.
import { once } from "node:events";
import { connect } from "node:net";
import { CLOCK_HEADER } from "./clock.mjs";

const END_OF_HEAD = "\r\n\r\n";

/** @returns the answer, or undefined while some of it is missing */
function parse(text) {
  const end = text.indexOf(END_OF_HEAD);
  if (end < 0) return undefined;
  const head = text.slice(0, end);
  const rest = text.slice(end + END_OF_HEAD.length);
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  if (length === undefined && /^transfer-encoding: chunked/im.test(head)) {
    return rest.endsWith("0\r\n\r\n") ? { head, body: joined(rest) } : undefined;
  }
  return rest.length >= Number(length ?? 0) ? { head, body: rest } : undefined;
}

function joined(chunks) {
  let body = "";
  for (let at = 0; ;) {
    const line = chunks.indexOf("\r\n", at);
    const size = Number.parseInt(chunks.slice(at, line), 16);
    if (size === 0 || Number.isNaN(size)) return body;
    body += chunks.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
  }
}

export class Connection {
  #socket;
  #waiting;
  #text = "";

  static async open(port) {
    const connection = new Connection();
    connection.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(connection.#socket, "connect");
    connection.#socket.setEncoding("latin1");
    connection.#socket.on("data", (chunk) => connection.#take(chunk));
    connection.#socket.on("close", () => connection.#waiting?.reject(new Error("The server closed the connection")));
    connection.#socket.on("error", () => undefined);
    connection.port = port;
    return connection;
  }

  #take(chunk) {
    this.#text += chunk;
    const answer = parse(this.#text);
    if (answer === undefined) return;
    const { resolve, startedAt } = this.#waiting;
    this.#text = "";
    this.#waiting = undefined;
    resolve({ ...answer, milliseconds: performance.now() - startedAt });
  }

  /** @returns `head` and `body` as text, and how long it took from the first byte sent to the last one read */
  send(method, path, { headers = {}, body = "" } = {}) {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const length = method === "GET" ? "" : `content-length: ${body.length}\r\n`;
    const text = `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1:${this.port}\r\n${length}${lines.join("")}\r\n${body}`;
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error("The server has closed the connection"));
      this.#waiting = { resolve, reject, startedAt: performance.now() };
      this.#socket.write(text, "latin1");
    });
  }

  close() {
    this.#socket.destroy();
  }
}

/** A browser: cookies, and a clock of its own, over one connection. */
export class Visitor {
  cookies = new Map();
  /** Besides those that every browser sends. */
  headers = {};
  aheadMilliseconds = 0;

  constructor(connection) {
    this.connection = connection;
  }

  /** What a visitor sends again and again, made once: nothing is computed between two measured requests. */
  prepared(method, path, body, accept = "application/json") {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { accept, [CLOCK_HEADER]: this.aheadMilliseconds, ...this.headers };
    if (cookie !== "") headers.cookie = cookie;
    if (body !== undefined) headers["content-type"] = "application/json";
    if (method !== "GET") headers.origin = `http://127.0.0.1:${this.connection.port}`;
    return [method, path, { headers, body: body === undefined ? "" : JSON.stringify(body) }];
  }

  async send(...request) {
    const { head, body, milliseconds } = await this.connection.send(...this.prepared(...request));
    for (const [, name, value] of head.matchAll(/^set-cookie: ([^=]+)=([^;\r]*)/gim)) this.cookies.set(name, value);
    const status = Number(head.slice(9, 12));
    return { status, body: isJson(head) ? JSON.parse(body) : body, milliseconds };
  }

  /** @throws where it was not answered by 200 */
  async must(...request) {
    const answer = await this.send(...request);
    if (answer.status === 200) return answer;
    throw new Error(
      `${request[0]} ${request[1]} answered ${answer.status}: ${JSON.stringify(answer.body).slice(0, 300)}`,
    );
  }

  get = (path, accept) => this.must("GET", path, undefined, accept);
  post = (path, body = {}) => this.must("POST", path, body);
}

const isJson = (head) => /^content-type: application\/(?:problem\+)?json/im.test(head);
