import express from "express";
import { Passport } from "passport";
import request, { type Test } from "supertest";
import { beforeEach, describe, expect, test } from "vitest";
import { join } from "node:path";
import { answersAs, sameOriginOnly } from "../../example-app/src/answers";
import { hostLogout, loginRoutes, teachPassport } from "../../example-app/src/login";
import { createMembers, demoPassword, memberOf } from "../../example-app/src/members";
import { errorPage, storeBacked } from "../../example-app/src/outage";
import { MemorySessions, sessions } from "../../example-app/src/sessions";

let store: MemorySessions;
let app: express.Express;

/** The login alone, without a second factor behind it. */
beforeEach(() => {
  store = new MemorySessions();
  app = express()
    .set("views", join(__dirname, "../../example-app/views"))
    .set("view engine", "ejs")
    .set("trust proxy", 1);
  Object.assign(app.locals, { appName: "EventHub", identityProvider: undefined });
  const passport = new Passport();
  teachPassport(passport, createMembers());
  app.use(storeBacked(sessions(store, ["s".repeat(32)])), passport.session());
  app.use(
    loginRoutes(
      passport,
      () => ({ requiresOtp: true, requiresOtpSetup: false, next: "/two-factor/verify" }),
      undefined,
    ),
  );
  app.post("/logout", sameOriginOnly, hostLogout);
  app.get("/who", (req, res) => void res.json(memberOf(req)?.email ?? null));
  app.use(errorPage(() => undefined));
});

const good = { email: "super@example.com", password: demoPassword };
const bad = { email: "super@example.com", password: "wrong" };
const asJson = (body: object) => request(app).post("/login").set("Accept", "application/json").send(body);
const asForm = (body: object | string): Test =>
  request(app).post("/login").type("form").set("Accept", "text/html").send(body);

describe("signing in", () => {
  test("a browser goes to the page first asked for, with a new session id", async () => {
    const agent = request.agent(app);
    const page = await agent.get("/login?next=%2Fadmin%3Fa%3D1").expect(200);
    expect(page.text).toContain('name="next" value="/admin?a=1"');
    const answer = await agent
      .post("/login")
      .type("form")
      .send({ ...good, next: "/admin?a=1" })
      .expect(303);
    expect(answer.headers["location"]).toBe("/admin?a=1");
    expect(answer.headers["set-cookie"]![0]).toMatch(/HttpOnly; SameSite=Lax/);
    await agent.get("/who").expect(200, '"super@example.com"');
  });

  test("a program learns what the second factor asks", async () => {
    await asJson(good).expect(200, { requiresOtp: true, requiresOtpSetup: false, next: "/two-factor/verify" });
  });

  test("never leads to another site", async () => {
    const answer = await asForm({ ...good, next: "//evil.example" });
    expect(answer.headers["location"]).toBe("/");
  });

  test("capitals of ASCII and spaces around the address do not matter", async () => {
    await asJson({ ...good, email: " Super@Example.com " }).expect(200);
  });

  test.each([
    "super@example.com\u00a0",
    "\u017fuper@example.com",
    "super@example.com\u3000",
    "\ufeffsuper@example.com",
  ])("%j is another address", async (email) => {
    await asJson({ ...good, email }).expect(401);
  });

  test("the login page says that a login has expired, where it was led to with that reason alone", async () => {
    expect((await request(app).get("/login?reason=expired").expect(200)).text).toContain("not finished in time");
    for (const reason of ["", "?reason=other", "?reason=expired&reason=expired", "?reason[]=expired"]) {
      expect((await request(app).get(`/login${reason}`).expect(200)).text).not.toContain("not finished in time");
    }
  });

  test("the login page works while somebody is signed in, to sign in as somebody else", async () => {
    const agent = request.agent(app);
    await agent.post("/login").type("form").send(good).expect(303);
    expect((await agent.get("/login").expect(200)).text).toContain("You are signed in as super@example.com");
    await agent
      .post("/login")
      .type("form")
      .send({ ...good, email: "guest@example.com" })
      .expect(303);
    await agent.get("/who").expect(200, '"guest@example.com"');
  });

  test("signing out ends the session", async () => {
    const agent = request.agent(app);
    const login = await agent.post("/login").type("form").send(good);
    const cookie = login.headers["set-cookie"]![0]!.split(";")[0]!;
    await agent.post("/logout").type("form").expect(303).expect("Location", "/");
    await request(app).get("/who").set("Cookie", cookie).expect(200, "null");
  });

  test("behind a proxy that speaks HTTPS the cookie is Secure", async () => {
    const answer = await asJson(good).set("X-Forwarded-Proto", "https");
    expect(answer.headers["set-cookie"]![0]).toContain("Secure");
  });
});

describe("bad input", () => {
  test.each([
    ["no body", {}],
    ["no password", { email: good.email }],
    ["an array", { email: [good.email], password: demoPassword }],
    ["an object", { email: { $ne: null }, password: demoPassword }],
    ["a number", { email: 1, password: demoPassword }],
    ["a long address", { ...good, email: `${"a".repeat(250)}@example.com` }],
    ["a megabyte", { ...good, email: "a".repeat(1_000_000) }],
  ])("%s is 400 as JSON", async (_name, body) => {
    const answer = await asJson(body)
      .expect(400)
      .expect("Content-Type", /^application\/problem\+json/);
    expect(JSON.parse(answer.text)).toMatchObject({ code: "VALIDATION_ERROR", status: 400 });
  });

  test.each([
    ["nothing", ""],
    ["two addresses", "email=a@example.com&email=b@example.com&password=x"],
    ["a nested address", "email[a]=a@example.com&password=x"],
    ["a megabyte", `email=${"a".repeat(1_000_000)}&password=x`],
  ])("%s is 400 as a page", async (_name, body) => {
    const answer = await asForm(body).expect(400).expect("Content-Type", /html/);
    expect(answer.text).toContain('role="alert"');
  });

  test("broken JSON is 400", async () => {
    await request(app).post("/login").set("Accept", "application/json").type("json").send('{"email":').expect(400);
    await request(app).post("/login").set("Accept", "application/json").type("json").send("null").expect(400);
  });

  test("is no failed login", async () => {
    for (let count = 0; count < 6; count += 1) await asJson({ email: good.email }).expect(400);
    await asJson(good).expect(200);
  });
});

describe("failed logins", () => {
  test("the page says the same for a wrong password and an unknown address, and escapes what was typed", async () => {
    const wrong = await asForm(bad).expect(401);
    const unknown = await asForm({ email: '"><script>@example.com', password: "x" }).expect(401);
    expect(wrong.text).toContain("Email or password is wrong.");
    expect(wrong.text).toContain("<title>Error: Sign in – ");
    expect(wrong.text).toMatch(
      /<input id="password"[^>]* aria-invalid="true" aria-describedby="login-error" autofocus>/,
    );
    expect(unknown.text).toContain("Email or password is wrong.");
    expect(unknown.text).not.toContain("<script>");
    expect(wrong.headers["set-cookie"]).toBeUndefined();
  });

  test("after five the sixth is refused, right or wrong, with the time to wait", async () => {
    for (let count = 0; count < 5; count += 1) await asJson(bad).expect(401);
    await asJson(bad).expect(429);
    const refused = await asJson(good).expect(429);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(890);
    expect(Number(refused.headers["retry-after"])).toBeLessThanOrEqual(900);
    expect(JSON.parse(refused.text)).toMatchObject({ code: "TOO_MANY_ATTEMPTS" });
    await asForm(good).expect(429).expect("Content-Type", /html/);
  });

  test("block neither another account nor another address", async () => {
    for (let count = 0; count < 6; count += 1) await asJson(bad);
    await asJson({ ...good, email: "guest@example.com" }).expect(200);
    await asJson(good).set("X-Forwarded-For", "203.0.113.7").expect(200);
    await asJson({ ...bad, email: " SUPER@example.com" }).expect(429);
  });

  test("right logins are not counted, however many come together", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => asJson(good)));
    expect(answers.map((answer) => answer.status)).toEqual(Array<number>(20).fill(200));
    for (let count = 0; count < 5; count += 1) await asJson(bad).expect(401);
  });

  test("of twenty guesses at once five are told an outcome", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => asJson(bad)));
    expect(answers.filter((answer) => answer.status === 401)).toHaveLength(5);
    expect(answers.filter((answer) => answer.status === 429)).toHaveLength(15);
  });

  test("take as long for an address that nobody has", async () => {
    const median = async (email: string) => {
      const times: number[] = [];
      for (let count = 0; count < 9; count += 1) {
        const start = performance.now();
        await asJson({ email, password: "wrong" }).set("X-Forwarded-For", `203.0.113.${count + 1}`);
        times.push(performance.now() - start);
      }
      return times.sort((a, b) => a - b)[4]!;
    };
    await asJson(bad);
    const [known, unknown] = [await median("member@example.com"), await median("nobody@example.com")];
    expect(known / unknown).toBeGreaterThan(0.4);
    expect(known / unknown).toBeLessThan(2.5);
  });
});

describe("forms of other sites", () => {
  test.each([
    [{ "Sec-Fetch-Site": "cross-site" }],
    [{ "Sec-Fetch-Site": "same-site" }],
    [{ Origin: "http://evil.example" }],
    [{ Origin: "null" }],
    [{ Origin: "http://127.0.0.1:1" }],
  ])("with %j are refused", async (headers) => {
    await asForm(good).set(headers).expect(403);
    await request(app).post("/logout").set(headers).expect(403);
  });

  test("our pages let browsers name our origin in their forms", async () => {
    await request(app).get("/login").expect("Referrer-Policy", "same-origin");
  });

  test("a form of our own passes", async () => {
    await asForm(good).set("Host", "site.example").set("Origin", "http://site.example").expect(303);
    await asForm(good).set("Sec-Fetch-Site", "same-origin").expect(303);
  });
});

test("a session store that fails is 503, and the next request may succeed", async () => {
  const original = store.set.bind(store);
  store.set = (_id, _data, done) => done?.(new Error("down"));
  await asJson(good).expect(503).expect("Retry-After", "5");
  store.set = original;
  const login = await asJson(good).expect(200);
  store.get = (_id, done) => done(new Error("down"));
  await request(app).get("/who").set("Cookie", login.headers["set-cookie"]![0]!.split(";")[0]!).expect(503);
});

test.each([
  [{}, "json"],
  [{ Accept: "*/*" }, "json"],
  [{ Accept: "application/json" }, "json"],
  [{ Accept: "application/problem+json" }, "json"],
  [{ Accept: "text/html,application/xhtml+xml,*/*;q=0.8" }, "page"],
  [{ Accept: "application/json, text/html;q=0.5" }, "json"],
  [{ Accept: "*/*", "Sec-Fetch-Mode": "navigate" }, "page"],
  [{ "Content-Type": "application/x-www-form-urlencoded", Accept: "*/*" }, "page"],
  [{ "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json" }, "json"],
])("%j is answered as %s", async (headers, expected) => {
  const probe = express().post("/", (req, res) => void res.send(answersAs(req)));
  await request(probe)
    .post("/")
    .set({ "Content-Type": "text/plain", ...headers })
    .send("a=b")
    .expect(200, expected);
});
