import { createHash } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { createServer, request, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { onTestFinished } from "vitest";
import type { Browser } from "./host";

/** Of `ws`, what a host uses of it: the handshake (RFC 6455 §4.2.2), and an end. */
export class WebSocketServer {
  handleUpgrade(req: IncomingMessage, socket: Duplex, _head: Buffer, serve: (webSocket: EventEmitter) => void): void {
    const webSocket = Object.assign(new EventEmitter(), { terminate: () => socket.destroy() });
    socket.on("error", () => undefined);
    socket.on("close", () => webSocket.emit("close"));
    const accept = createHash("sha1")
      .update(`${req.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    const lines = ["101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
    socket.write(`HTTP/1.1 ${[...lines, `Sec-WebSocket-Accept: ${accept}`].join("\r\n")}\r\n\r\n`);
    serve(webSocket);
  }
}

export async function listening(app: RequestListener): Promise<Server> {
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => (server.closeAllConnections(), void server.close()));
  return server;
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

export const cookieOf = (browser: Pick<Browser, "agent">): string =>
  browser.agent.jar.getCookies({ path: "/", domain: "127.0.0.1", secure: false, script: false }).toValueString();

const handshake = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

export interface Opened {
  status: number | undefined;
  /** Absent where the upgrade was refused. */
  socket?: Duplex;
}

/** Asks for a socket, and leaves it open. */
export function open(server: Server, cookie: string, headers: Record<string, string> = {}): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const options = { port: portOf(server), host: "127.0.0.1", path: "/live" };
    const asked = request({ ...options, headers: { ...handshake, cookie, ...headers } });
    asked.on("upgrade", (response, socket) => {
      onTestFinished(() => void socket.destroy());
      socket.on("error", () => undefined);
      resolve({ status: response.statusCode, socket });
    });
    asked.on("response", (response) => (response.resume(), resolve({ status: response.statusCode })));
    asked.on("error", reject);
    asked.end();
  });
}

/** The status alone. */
export async function upgrade(
  server: Server,
  cookie: string,
  headers?: Record<string, string>,
): Promise<number | undefined> {
  const { status, socket } = await open(server, cookie, headers);
  socket?.destroy();
  return status;
}

/** An upgrade exactly as written, on a connection that is given away. */
export async function rawUpgrade(server: Server, target: string, cookie = ""): Promise<Socket> {
  const socket = connect(portOf(server), "127.0.0.1");
  socket.on("error", () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  const headers = Object.entries({ ...handshake, host: "localhost", cookie }).map((pair) => pair.join(": "));
  socket.write([`GET ${target} HTTP/1.1`, ...headers, "", ""].join("\r\n"), "latin1");
  return socket;
}

/** All that comes until the other side ends. */
export async function rest(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
  if (!socket.closed) await once(socket, "close");
  return text;
}
