import { connect, type AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import express, { type RequestHandler } from "express";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { memoryStore, type TwoFactorStore } from "../../src";
import { startHost, type Browser } from "../support/host";
import { cookiesOf } from "../support/raw";

/** No code of any kind, by its form. */
const noCodes: unknown[] = [
  ...[123456, 0, -1, 1.5, true, false, null, [], ["123456"], [["1"]], {}, { code: "123456" }, { length: 6 }],
  ...["12345", "1234567", "abcdef", "1e5432", "0x1234", "12345a", "+12345", "1,2345", "%00", "<b>1</b>", "null"],
  ...[
    "\uff11\uff12\uff13\uff14\uff15\uff16",
    "\u0661\u0662\u0663\u0664\u0665\u0666",
    "\u{1d7d8}23456",
    "12345\u0000",
    "\u0000123456",
  ],
  ...[
    "\ud800",
    "12345\udfff",
    "123456\u202e",
    "A".repeat(15),
    "A".repeat(17),
    "1".repeat(16),
    "1".repeat(100_000),
    " ".repeat(58) + "1234567",
  ],
];

const json = (body: unknown) => ({ type: "application/json", text: JSON.stringify(body) });
const form = (text: string) => ({ type: "application/x-www-form-urlencoded", text });

const hosts: Readonly<Record<string, RequestHandler[]>> = {
  "no parser": [],
  "a JSON parser": [express.json({ limit: "2mb" })],
  "a lax JSON parser": [express.json({ limit: "2mb", strict: false })],
  "both parsers": [express.json({ limit: "2mb" }), express.urlencoded({ extended: true, limit: "2mb" })],
  "a text parser": [express.text({ type: "*/*", limit: "2mb" })],
};

beforeEach(() => void vi.spyOn(console, "error").mockReturnValue());
afterEach(() => void vi.restoreAllMocks());

describe("Malformed input is no guess and no error", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    describe.each(Object.entries(hosts))("where the host has %s", (kind, parsers) => {
      interface Attacked {
        owner: Browser;
        thief: Browser;
        /** Sends it as a program and as a form of a page; both are told 4xx, and nothing was counted. */
        refused(
          path: string,
          body: { type: string; text: string | Buffer },
          status?: number,
          as?: Browser,
        ): Promise<void>;
        reads: ReturnType<typeof vi.fn>;
      }

      async function attack(): Promise<Attacked> {
        const memory = memoryStore();
        const reads = vi.fn<TwoFactorStore["get"]>((id) => memory.get(id));
        const writes = vi.fn<TwoFactorStore["compareAndSet"]>((...given) => memory.compareAndSet(...given));
        const host = startHost({
          version,
          options: {
            store: { get: reads, compareAndSet: writes },
            recoveryCodes: { count: 1 },
            rememberBrowser: "ask",
          },
          before: (app) => parsers.forEach((parser) => app.use(parser)),
        });
        const owner = host.browser();
        const thief = host.browser();
        await owner.login();
        // A host that reads every body as text leaves nobody a way in; the owner then sends none.
        if (!kind.includes("text")) await owner.enrol();
        await thief.login();
        const refused: Attacked["refused"] = async (path, { type, text }, status = 400, as = thief) => {
          for (const accept of ["application/json", "text/html"]) {
            writes.mockClear();
            const sent = as.agent.post(path).set({ accept, "content-type": type }).serialize(String);
            const answer = await sent.send(text);
            expect([path, type, String(text).slice(0, 80), answer.status]).toEqual([
              path,
              type,
              String(text).slice(0, 80),
              status,
            ]);
            expect(answer.text).not.toMatch(/node_modules|\.ts:\d|SyntaxError|at position/);
            if (accept === "application/json")
              expect(answer.headers["content-type"]).toContain("application/problem+json");
            expect(writes).not.toHaveBeenCalled();
          }
          expect(console.error).not.toHaveBeenCalled();
        };
        return { owner, thief, refused, reads };
      }

      it("in any field", async () => {
        const { owner, thief, refused, reads } = await attack();
        for (const code of noCodes) await refused("/two-factor/verify", json({ code }));
        // What a host's own strict parser refuses never comes to us.
        if (!/^a JSON|both/.test(kind)) await refused("/two-factor/verify", json(null));
        for (const remember of [1, "yes", [], ["1"], {}, null, "\u0000"]) {
          await refused("/two-factor/verify", json({ code: "123456", remember }));
        }
        for (const text of [
          "",
          "code",
          "code=",
          "code=1&code=2",
          "code[]=123456",
          "code[a]=1",
          "code[a][b][c]=1",
          "code=%",
          "code=%00",
          "&&&=",
          "code=%ff",
        ]) {
          await refused("/two-factor/verify", form(text));
        }
        if (kind.includes("text")) return;
        for (const code of noCodes) {
          await refused("/two-factor/setup/verify", json({ code }), 400, owner);
          await refused("/two-factor/disable", json({ code }), 400, owner);
          await refused("/two-factor/recovery-codes", json({ code }), 400, owner);
          await refused("/two-factor/setup", json({ code, replace: true }), 400, owner);
          await refused("/two-factor/browsers/forget", json({ code }), 400, owner);
        }
        for (const id of [1, [], {}, true, null, ["x"]])
          await refused("/two-factor/browsers/forget", json({ id }), 400, owner);
        // A program is not even worth a look into the store.
        reads.mockClear();
        await thief.post("/two-factor/verify", { code: "12345" }).expect(400);
        expect(reads).not.toHaveBeenCalled();
        expect((await thief.post("/two-factor/verify", { code: owner.wrongCode() }).expect(422)).body).toMatchObject({
          attemptsRemaining: 2,
        });
      });
    });

    describe("where the host leaves the body to us", () => {
      async function unproven() {
        const host = startHost({ version, options: { recoveryCodes: { count: 1 } } });
        const owner = host.browser();
        await owner.login();
        await owner.enrol();
        const browser = host.browser();
        const cookie = cookiesOf(await browser.login());
        const send = (type: string | undefined, body: string | Buffer, headers: Record<string, string> = {}) =>
          browser.agent
            .post("/two-factor/verify")
            .set({ accept: "application/json", ...(type !== undefined && { "content-type": type }), ...headers })
            .serialize(String)
            .send(body);
        const untouched = async () =>
          expect(
            (await browser.post("/two-factor/verify", { code: owner.wrongCode() }).expect(422)).body,
          ).toMatchObject({ attemptsRemaining: 2 });
        return { owner, browser, cookie, send, untouched };
      }

      it("refuses what is no JSON object", async () => {
        const { send, untouched } = await unproven();
        for (const text of [
          '{"code":"12',
          "",
          "null",
          "1",
          '"123456"',
          "[]",
          '["123456"]',
          "{",
          "\ufeff{}",
          "[".repeat(8000),
          '{"code":"1\u0000"}',
          "{'code':1}",
          "NaN",
        ]) {
          const answer = await send("application/json", text).expect(400);
          expect(answer.body).toMatchObject({ code: "VALIDATION_ERROR", status: 400 });
        }
        await send("application/json", '{"__proto__":{"code":"123456"},"constructor":{"code":"123456"}}').expect(400);
        await untouched();
      });

      it("refuses other types, and what is compressed", async () => {
        const { send, untouched } = await unproven();
        const good = JSON.stringify({ code: "123456" });
        for (const type of [
          "text/plain",
          "multipart/form-data; boundary=x",
          "application/xml",
          "application/jsonx",
          "application/octet-stream",
          "json",
          ";",
        ]) {
          expect((await send(type, good).expect(415)).body).toMatchObject({ code: "UNSUPPORTED_MEDIA_TYPE" });
        }
        await send("application/json", gzipSync(good), { "content-encoding": "gzip" }).expect(415);
        await send("application/json", good, { "content-encoding": "br" }).expect(415);
        await send("application/json", gzipSync(good)).expect(400);
        await untouched();
      });

      it("reads no more than 16 KB, and answers all the same", async () => {
        const { send, untouched } = await unproven();
        const padded = (bytes: number) => JSON.stringify({ code: "12345", padding: "x".repeat(bytes) });
        for (const bytes of [20_000, 1_000_000]) {
          expect((await send("application/json", padded(bytes)).expect(400)).body).toMatchObject({
            code: "VALIDATION_ERROR",
          });
          await send("application/x-www-form-urlencoded", `code=123456&x=${"x".repeat(bytes)}`).expect(400);
        }
        const startedAt = performance.now();
        await send("application/x-www-form-urlencoded", "code=1&".repeat(2_300)).expect(400);
        await send("application/x-www-form-urlencoded", "&".repeat(16_000)).expect(400);
        expect(performance.now() - startedAt).toBeLessThan(1000);
        await untouched();
      });

      it("bears a sender that goes away", async () => {
        const { browser, cookie, untouched } = await unproven();
        const socket = connect((browser.server.address() as AddressInfo).port, "127.0.0.1");
        const head = [
          "POST /two-factor/verify HTTP/1.1",
          "Host: x",
          `Cookie: ${cookie}`,
          "Content-Type: application/json",
          "Content-Length: 100",
        ];
        socket.write(`${head.join("\r\n")}\r\n\r\n{"code":`);
        await new Promise((resolve) => setTimeout(resolve, 100));
        socket.destroy();
        await new Promise((resolve) => setTimeout(resolve, 100));
        await untouched();
        expect(console.error).not.toHaveBeenCalled();
      });
    });
  });
});
