import { describe, expect, test } from "vitest";
import { statusOfCode } from "../../src/errors";
import { startHost } from "../support/host";
import { startKeyHost } from "../support/keys";
import { behindTheGate, expectDocumented, openapi } from "./openapi";

const json = "application/json";
const problemJson = "application/problem+json";

const problem = (status: number, code: string, more: object = {}) => ({
  type: "about:blank",
  title: "t",
  status,
  detail: "d",
  code,
  ...more,
});

describe("the document", () => {
  test("names every problem code, each with its status", () => {
    const described = Object.values(openapi.components.schemas)
      .map(
        (schema) => (schema as { properties?: { code?: { const?: string }; status?: { const?: number } } }).properties,
      )
      .filter((properties) => properties?.code?.const !== undefined)
      .map((properties) => [properties?.code?.const, properties?.status?.const]);
    expect(Object.fromEntries(described)).toEqual(statusOfCode);
  });

  test("names the routes that the server has, each with its methods", async () => {
    const recovery = { send: () => undefined };
    const browser = startKeyHost({ options: { recovery } }).browser();
    await browser.login();
    for (const [route, verbs] of Object.entries(openapi.paths)) {
      if (route.startsWith("/assets/")) continue;
      const path = `/two-factor${route === "/" ? "" : route}`;
      const answer = await browser.agent.delete(path).set("accept", json);
      const allowed = Object.keys(verbs).flatMap((verb) => (verb === "get" ? ["GET", "HEAD"] : ["POST"]));
      expect([route, answer.status, answer.headers["allow"]]).toEqual([route, 405, allowed.join(", ")]);
      expectDocumented("DELETE", path, answer.status, answer.headers["content-type"], answer.text);
    }
  });

  test("describes pages and redirects, 404 and HEAD", async () => {
    const browser = startHost().browser();
    const outside = await browser.visit("/two-factor/verify");
    expectDocumented("GET", "/verify", outside.status, outside.headers["content-type"], outside.text);
    await browser.login();
    for (const path of ["/two-factor", "/two-factor/setup", "/two-factor/verify", "/two-factor/disable"]) {
      const page = await browser.visit(path);
      expectDocumented("GET", path, page.status, page.headers["content-type"], page.text);
    }
    const lost = await browser.get("/two-factor/nowhere");
    expectDocumented("GET", "/two-factor/nowhere", lost.status, lost.headers["content-type"], lost.text);
    const head = await browser.agent.head("/two-factor/setup").set("accept", json);
    expectDocumented("HEAD", "/setup", head.status, head.headers["content-type"], head.text);
  });
});

describe("expectDocumented", () => {
  test("passes what is documented, with or without the mount, a query and a charset", () => {
    const proven = { next: "/", method: "totp", recoveryCodesRemaining: 10 };
    expectDocumented("POST", "/verify", 200, `${json}; charset=utf-8`, proven);
    expectDocumented("post", "/two-factor/verify?x=1", 200, json, JSON.stringify(proven));
    expectDocumented("POST", "/verify", 422, problemJson, problem(422, "INVALID_2FA_CODE", { attemptsRemaining: 1 }));
    expectDocumented("POST", "/verify", 200, json, { ...proven, method: "hotp-tokens" });
    expectDocumented("GET", behindTheGate, 403, problemJson, problem(403, "TWO_FACTOR_SETUP_REQUIRED"));
    expectDocumented("GET", "/", 303, undefined, "");
  });

  test.each<[string, Parameters<typeof expectDocumented>]>([
    ["an unknown member", ["GET", "/disable", 200, json, { needsCode: true, secret: "x" }]],
    ["a missing member", ["GET", "/disable", 200, json, {}]],
    ["a status that the route has not", ["GET", "/disable", 202, json, { needsCode: true }]],
    ["a route that there is not", ["GET", "/nowhere", 200, json, {}]],
    ["another media type", ["GET", "/disable", 200, "text/plain", "x"]],
    ["no body where one is due", ["GET", "/disable", 200, undefined, ""]],
    ["a body where none is due", ["GET", "/disable", 303, json, { x: 1 }]],
    [
      "a code that belongs to another route",
      ["POST", "/verify", 409, problemJson, problem(409, "TOTP_ALREADY_ENABLED")],
    ],
    ["a code that belongs to another status", ["POST", "/verify", 422, problemJson, problem(409, "CONFLICT")]],
    ["a wrong code without the tries left", ["POST", "/verify", 422, problemJson, problem(422, "INVALID_2FA_CODE")]],
    ["a problem that tells more", ["GET", "/", 401, problemJson, problem(401, "UNAUTHORIZED", { stack: "x" })]],
  ])("fails on %s", (_what, answer) => {
    expect(() => expectDocumented(...answer)).toThrow(/documented|openapi\.yaml/);
  });
});
