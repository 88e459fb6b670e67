import { describe, expect, expectTypeOf, onTestFinished, test, vi } from "vitest";
import type { ProblemCode } from "../../src";
import { twoFactorClient, type Fetch, type TwoFactorClientOptions, type TwoFactorProblem } from "../../src/client";
import { listening, portOf } from "../support/sockets";

type Sent = { url: string } & Parameters<Fetch>[1];

/** A client whose server answers always the same. */
function clientOf(answer: () => Response | Promise<Response>, options: TwoFactorClientOptions = {}) {
  const sent: Sent[] = [];
  const fetch: Fetch = async (url, init) => {
    sent.push({ url, ...init });
    return answer();
  };
  return { client: twoFactorClient({ fetch, ...options }), sent };
}

const problem = (status: number, body: object, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ type: "about:blank", title: "t", detail: "d", status, ...body }), {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
  });

describe("what it sends", () => {
  test("each method asks its own route for JSON, with this origin's cookies, and only POST has a body", async () => {
    const { client, sent } = clientOf(() => Response.json({}));
    await client.status();
    await client.challenge();
    await client.beginSetup();
    await client.beginSetup({ replace: true, code: "1" });
    await client.confirmSetup("2");
    await client.verify("3", { remember: true });
    await client.verify("4");
    await client.verify("9", { newRecoveryCodes: true });
    await client.sendCode();
    await client.disable("5");
    await client.regenerateRecoveryCodes("6");
    await client.forgetBrowsers({ id: "7", code: "8" });
    expect(sent.map(({ method, url, body }) => [method, url, body && JSON.parse(body)])).toEqual([
      ["GET", "/two-factor", undefined],
      ["GET", "/two-factor/verify", undefined],
      ["POST", "/two-factor/setup", {}],
      ["POST", "/two-factor/setup", { replace: true, code: "1" }],
      ["POST", "/two-factor/setup/verify", { code: "2" }],
      ["POST", "/two-factor/verify", { code: "3", remember: true }],
      ["POST", "/two-factor/verify", { code: "4" }],
      ["POST", "/two-factor/verify", { code: "9", newRecoveryCodes: true }],
      ["POST", "/two-factor/verify/send", {}],
      ["POST", "/two-factor/disable", { code: "5" }],
      ["POST", "/two-factor/recovery-codes", { code: "6" }],
      ["POST", "/two-factor/browsers/forget", { id: "7", code: "8" }],
    ]);
    for (const { method, headers, credentials, redirect } of sent) {
      expect(credentials).toBe("same-origin");
      expect(redirect).toBe("error");
      expect(headers["Accept"]).toBe("application/json");
      expect(headers["Content-Type"]).toBe(method === "POST" ? "application/json" : undefined);
    }
  });

  test("another path, and headers that are asked for at each call", async () => {
    let token = 0;
    const options = { path: "/auth/2fa/", headers: async () => ({ "X-CSRF-Token": String((token += 1)) }) };
    const { client, sent } = clientOf(() => Response.json({}), options);
    await client.status();
    await client.sendCode();
    expect(sent.map(({ url, headers }) => [url, headers["X-CSRF-Token"]])).toEqual([
      ["/auth/2fa", "1"],
      ["/auth/2fa/verify/send", "2"],
    ]);
  });

  test("the global fetch is used, as it is at the time of the call", async () => {
    const client = twoFactorClient();
    vi.stubGlobal("fetch", async () => Response.json({ enabled: true }));
    onTestFinished(() => void vi.unstubAllGlobals());
    expect(await client.status()).toEqual({ ok: true, enabled: true });
  });
});

describe("who answers in the server's place", () => {
  test.each([301, 302, 303, 307, 308])("and redirects (%i) hears no code", async (status) => {
    const heard: string[] = [];
    const elsewhere = await listening((req, res) => {
      heard.push(`${req.method} ${req.url}`);
      res.end("{}");
    });
    const here = await listening((_req, res) => {
      res.writeHead(status, { location: `http://127.0.0.1:${portOf(elsewhere)}/steal` }).end();
    });
    const client = twoFactorClient({ fetch: (url, init) => fetch(`http://127.0.0.1:${portOf(here)}${url}`, init) });
    expect(await client.verify("123456")).toMatchObject({ ok: false, code: "NETWORK_FAILURE" });
    expect(heard).toEqual([]);
  });

  const foreign = ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "\\\\evil.example"];
  const none = [
    "javascript:alert(1)",
    "data:text/html,x",
    "",
    "two-factor",
    null,
    7,
    ["/"],
    {},
    `/${"a".repeat(2048)}`,
  ];
  test.each([...foreign, ...none])("and says that %j is next leads nowhere but home", async (next) => {
    const { client } = clientOf(() => Response.json({ next, method: "totp" }));
    expect(await client.verify("123456")).toMatchObject({ ok: true, next: "/" });
    expect(await client.challenge()).toMatchObject({ ok: true, next: "/" });
    expect(await client.confirmSetup("123456")).toMatchObject({ ok: true, next: "/" });
  });

  test("with an origin, it sends cookies along there, and makes a full address of where to go", async () => {
    const sent: unknown[] = [];
    const client = twoFactorClient({
      origin: "https://api.example.com/",
      path: "/auth/2fa",
      fetch: (url, { credentials, redirect }) => {
        sent.push({ url, credentials, redirect });
        return Promise.resolve(Response.json({ next: "/reports?a=1", method: "totp" }));
      },
    });
    expect(await client.verify("123456")).toMatchObject({ ok: true, next: "https://api.example.com/reports?a=1" });
    expect(sent).toEqual([
      { url: "https://api.example.com/auth/2fa/verify", credentials: "include", redirect: "error" },
    ]);
  });

  test("a full address is where to go only if it is of the page's own origin", async () => {
    const options = { origin: "https://api.example.com" };
    const nextOf = async (next: string) => {
      const { client } = clientOf(() => Response.json({ next, method: "totp" }), options);
      return client.verify("123456");
    };
    vi.stubGlobal("location", { origin: "https://app.example.com" });
    const home = "https://app.example.com/security#keys";
    expect(await nextOf(home)).toMatchObject({ next: home });
    const foreigners = [
      "https://app.example.com.evil.example/",
      "https://app.example.com",
      "https://app.example.com/\\x",
      "https://api.example.com/",
      "https://app.example.com@evil.example/",
    ];
    for (const next of foreigners) expect([next, await nextOf(next)]).toMatchObject([next, { next: "/" }]);
    // Of a file, or in a sandbox.
    vi.stubGlobal("location", { origin: "null" });
    expect(await nextOf("null/x")).toMatchObject({ next: "/" });
    vi.unstubAllGlobals();
    expect(await nextOf(home)).toMatchObject({ next: "/" });
  });

  test.each(["/", "/admin?a=1&b=//c#d", "/%2F%2Fevil.example"])("but %j is a path of this site", async (next) => {
    const { client } = clientOf(() => Response.json({ next }));
    expect(await client.verify("123456")).toMatchObject({ ok: true, next });
  });
});

describe("what it makes of an answer", () => {
  test("a problem keeps its words and particulars", async () => {
    const { client } = clientOf(() => problem(422, { code: "INVALID_2FA_CODE", attemptsRemaining: 2 }));
    expect(await client.verify("123456")).toEqual({
      ok: false,
      code: "INVALID_2FA_CODE",
      status: 422,
      title: "t",
      detail: "d",
      attemptsRemaining: 2,
    });
  });

  test("the wait is taken from the problem, else from the header", async () => {
    const both = clientOf(() =>
      problem(429, { code: "TOO_MANY_ATTEMPTS", retryAfterSeconds: 60 }, { "retry-after": "7" }),
    );
    expect(await both.client.verify("1")).toHaveProperty("retryAfterSeconds", 60);
    const header = clientOf(() => problem(503, { code: "STORE_UNAVAILABLE" }, { "retry-after": "7" }));
    expect(await header.client.verify("1")).toHaveProperty("retryAfterSeconds", 7);
    const forGood = clientOf(() => problem(429, { code: "TOO_MANY_ATTEMPTS" }));
    expect(await forGood.client.verify("1")).not.toHaveProperty("retryAfterSeconds");
  });

  test("a code that it does not know is a member of its own, with the server's word", async () => {
    const { client } = clientOf(() => problem(418, { code: "TEAPOT" }));
    expect(await client.status()).toMatchObject({
      ok: false,
      code: "UNKNOWN_PROBLEM",
      serverCode: "TEAPOT",
      status: 418,
    });
    const { client: inherited } = clientOf(() => problem(418, { code: "constructor" }));
    expect(await inherited.status()).toMatchObject({ code: "UNKNOWN_PROBLEM", serverCode: "constructor" });
  });

  test.each([
    ["a page, such as a login that a guard redirected to", () => new Response("<!doctype html>", { status: 200 })],
    ["JSON that is no object", () => Response.json([1])],
    ["an error page", () => new Response("Bad Gateway", { status: 502 })],
    ["an error of the app's own", () => Response.json({ error: "no" }, { status: 400 })],
    ["an object that is none of ours", () => Response.json({})],
    ["an error that says 200", () => Response.json({ code: "NO", error: "no" })],
    ["fewer than no tries", () => problem(422, { code: "INVALID_2FA_CODE", attemptsRemaining: -1 })],
    ["a wait that is none", () => new Response("", { status: 503, headers: { "retry-after": "-5" } })],
    ["an empty answer", () => new Response(null, { status: 204 })],
    ["a wrong code without the tries left", () => problem(422, { code: "INVALID_2FA_CODE" })],
  ])("%s is unexpected, and no data", async (_what, answer) => {
    const { client } = clientOf(answer);
    expect(await client.status()).toEqual({ ok: false, code: "UNEXPECTED_ANSWER", status: answer().status });
  });

  test("a rate limiter's own answer says when to try again", async () => {
    const { client } = clientOf(() => new Response("slow down", { status: 429, headers: { "retry-after": "30" } }));
    expect(await client.verify("1")).toEqual({
      ok: false,
      code: "UNEXPECTED_ANSWER",
      status: 429,
      retryAfterSeconds: 30,
    });
  });

  test("no answer, and half an answer, are network failures with their cause", async () => {
    const refused = new TypeError("fetch failed");
    const { client } = clientOf(() => Promise.reject(refused));
    expect(await client.status()).toEqual({ ok: false, code: "NETWORK_FAILURE", cause: refused });
    const half = new ReadableStream({ start: (stream) => stream.error(new Error("cut off")) });
    const { client: cut } = clientOf(() => new Response(half, { status: 200 }));
    expect(await cut.status()).toMatchObject({ ok: false, code: "NETWORK_FAILURE" });
  });

  test("a server cannot claim success for a failure, or the other way round", async () => {
    const { client } = clientOf(() => problem(403, { code: "TWO_FACTOR_REQUIRED", ok: true }));
    expect((await client.status()).ok).toBe(false);
    const { client: other } = clientOf(() => Response.json({ ok: false, enabled: true }));
    expect((await other.status()).ok).toBe(true);
  });
});

test("its union names every problem code of the server, and three of its own", () => {
  type Own = "NETWORK_FAILURE" | "UNEXPECTED_ANSWER" | "UNKNOWN_PROBLEM";
  expectTypeOf<TwoFactorProblem["code"]>().toEqualTypeOf<ProblemCode | Own>();
  type Wrong = Extract<TwoFactorProblem, { code: "INVALID_2FA_CODE" }>;
  expectTypeOf<Wrong["attemptsRemaining"]>().toEqualTypeOf<number>();
  // @ts-expect-error a wrong code has no field
  expectTypeOf<Wrong["field"]>().toBeString();
});

describe("with a token instead of cookies", () => {
  const start = (answers: readonly [status: number, body: object][], loaded?: string) => {
    const left = [...answers];
    const sent: { headers: Record<string, string>; credentials: string }[] = [];
    const kept: string[] = [];
    const client = twoFactorClient({
      token: { load: () => kept.at(-1) ?? loaded, save: (token) => void kept.push(token) },
      fetch: async (_url, { headers, credentials }) => {
        sent.push({ headers, credentials });
        const [status, body] = left.shift()!;
        return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
      },
    });
    return { client, sent, kept };
  };

  test("the newest that any answer told goes along, and no cookie", async () => {
    const { client, sent, kept } = start(
      [
        [403, { code: "TWO_FACTOR_REQUIRED", token: "~a~~" }],
        [200, { next: "/", method: "totp", recoveryCodesRemaining: 1, token: "b~~~" }],
        [200, { sent: true, canSendAgainInSeconds: 1 }],
      ],
      "~old~~",
    );
    await client.status();
    expect(await client.verify("123456")).toEqual({ ok: true, next: "/", method: "totp", recoveryCodesRemaining: 1 });
    await client.sendCode();
    expect(sent.map(({ headers }) => headers["Two-Factor"])).toEqual(["~old~~", "~a~~", "b~~~"]);
    expect(new Set(sent.map(({ credentials }) => credentials))).toEqual(new Set(["omit"]));
    expect(kept).toEqual(["~a~~", "b~~~"]);
  });

  test("what could be none is not kept", async () => {
    const { client, kept } = start([
      [200, { sent: true, token: 1 }],
      [200, { sent: true, token: "a\r\nb" }],
    ]);
    await client.sendCode();
    await client.sendCode();
    expect(kept).toEqual([]);
  });
});
