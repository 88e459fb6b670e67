import { once } from "node:events";
import { createServer, request, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import session, { MemoryStore } from "express-session";
import { describe, expect, onTestFinished, test } from "vitest";
import { memoryStore, type TwoFactorStore } from "../../src";
import { startHost, type Browser, type HostUser } from "./host";

type SessionRequest = IncomingMessage & { session?: { user?: HostUser }; user?: HostUser | undefined };

/** The recipe of docs/websockets.md, beside a host with the same session. */
async function hostWithSockets(store: TwoFactorStore) {
  const sessionOptions = { secret: "for tests", resave: false, saveUninitialized: false, store: new MemoryStore() };
  const host = startHost({
    options: { store, rememberBrowser: "never", storeTimeoutSeconds: 1 },
    session: sessionOptions,
  });
  const { tfa } = host;
  const withSession = session(sessionOptions) as unknown as (req: unknown, res: object, next: () => void) => void;
  const findUser = async (kept: SessionRequest["session"]) => kept?.user;
  const acceptWebSocket = (_req: IncomingMessage, socket: Duplex, _head: Buffer) =>
    socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");

  const server = createServer(host.app).listen(0, "127.0.0.1");
  server.on("upgrade", (req: SessionRequest, socket, head) => {
    // oxlint-disable-next-line typescript/no-misused-promises -- the recipe as it stands; it catches what it awaits
    withSession(req, {}, async () => {
      try {
        req.user = await findUser(req.session);
        if (!(await tfa.check(req))) return refuse(socket, "401 Unauthorized");
        acceptWebSocket(req, socket, head);
      } catch {
        refuse(socket, "503 Service Unavailable");
      }
    });
  });
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { host, port: (server.address() as AddressInfo).port };
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
}

const cookieOf = (browser: Browser): string =>
  browser.agent.jar.getCookies({ path: "/", domain: "127.0.0.1", secure: false, script: false }).toValueString();

function upgrade(port: number, cookie: string): Promise<number | undefined> {
  const headers = { connection: "Upgrade", upgrade: "websocket", cookie };
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: "127.0.0.1", path: "/live", headers });
    asked.on("upgrade", (response, socket) => (socket.destroy(), resolve(response.statusCode)));
    asked.on("response", (response) => (response.resume(), resolve(response.statusCode)));
    asked.on("error", reject);
    asked.end();
  });
}

describe("A WebSocket's upgrade request", () => {
  test("passes for who has proven a second factor, and for nobody else", async () => {
    const { host, port } = await hostWithSockets(memoryStore());
    expect(await upgrade(port, "")).toBe(401);
    const browser = host.browser();
    await browser.login();
    expect(await upgrade(port, cookieOf(browser))).toBe(401);
    await browser.enrol();
    expect(await upgrade(port, cookieOf(browser))).toBe(101);
    await host.tfa.reset("1", { reason: "a new phone", by: "an admin" });
    expect(await upgrade(port, cookieOf(browser))).toBe(401);
  });

  test("is refused while the store does not answer", async () => {
    const store = memoryStore();
    let down = false;
    const failing: TwoFactorStore = {
      get: (userId) => (down ? Promise.reject(new Error("down")) : store.get(userId)),
      compareAndSet: (...change) => store.compareAndSet(...change),
    };
    const { host, port } = await hostWithSockets(failing);
    const browser = host.browser();
    await browser.login();
    await browser.enrol();
    down = true;
    expect(await upgrade(port, cookieOf(browser))).toBe(503);
  });
});
