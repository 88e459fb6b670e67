import { once } from "node:events";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { cookieOf } from "../support/sockets";
import { type RemoteBrowser, signIn, startExample, walk } from "./example";

/** @returns the open socket, or the status of the refusal */
function connect(url: string, browser: RemoteBrowser): Promise<WebSocket | number | undefined> {
  const socket = new WebSocket(url.replace("http", "ws"), { headers: { cookie: cookieOf(browser) } });
  return new Promise((resolve) => {
    socket.on("message", () => resolve(socket));
    socket.on("unexpected-response", (request, response) => (request.destroy(), resolve(response.statusCode)));
    socket.on("error", () => undefined);
  });
}

test.each([4, 5] as const)(
  "websocket opens a socket to a proven session only, and ends it, on Express %i",
  async (version) => {
    const app = await startExample("websocket", { version });
    const stranger = app.browser();
    expect(await connect(app.url, stranger)).toBe(401);
    const proven = await walk(app, { email: "anna@example.com" });
    const half = app.browser();
    await signIn(half, "anna@example.com");
    expect(await connect(app.url, half)).toBe(401);

    const socket = (await connect(app.url, proven)) as WebSocket;
    expect(socket.readyState).toBe(WebSocket.OPEN);
    const closed = once(socket, "close");
    await proven.submit("/logout", {}).expect(303);
    await closed;
  },
);
