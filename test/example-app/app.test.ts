import { generateEncryptionKey, memoryStore } from "express-two-factor";
import request, { type Agent } from "supertest";
import { beforeEach, describe, expect, test } from "vitest";
import { createApp, type Parts } from "../../example-app/src/app";
import { readConfig } from "../../example-app/src/config";
import type { Letter } from "../../example-app/src/mail";
import { createMembers, demoPassword, type Member } from "../../example-app/src/members";
import { MemorySessions } from "../../example-app/src/sessions";
import { oathtoolCode } from "../support/services";

const members = createMembers();

let site: ReturnType<typeof createApp>;
let mails: (Letter & { to: string })[];
let store: Parts["store"];

beforeEach(() => {
  mails = [];
  store = memoryStore();
  site = createApp(readConfig({}), {
    store,
    sessionStore: new MemorySessions(),
    sessionSecrets: ["s".repeat(32)],
    limitStore: undefined,
    encryptionKeys: generateEncryptionKey(),
    members,
    mailer: {
      directory: "",
      send: async (member: Member, letter) => void mails.push({ ...letter, to: member.email }),
    },
    log: () => undefined,
  });
});

async function signIn(name: string): Promise<Agent & { pending: Record<string, unknown> }> {
  const agent = request.agent(site);
  const answer = await agent
    .post("/login")
    .set("Accept", "application/json")
    .send({ email: `${name}@example.com`, password: demoPassword })
    .expect(200);
  return Object.assign(agent, { pending: answer.body as Record<string, unknown> });
}

/** Sets up an authenticator. @returns its key */
async function enrol(agent: Agent): Promise<string> {
  const begun = await agent.post("/two-factor/setup").set("Accept", "application/json").send({}).expect(200);
  const { secret } = begun.body as { secret: string };
  const code = await oathtoolCode(secret);
  await agent.post("/two-factor/setup/verify").set("Accept", "application/json").send({ code }).expect(200);
  return secret;
}

const page = (agent: Agent, path: string) => agent.get(path).set("Accept", "text/html");

describe("visitors who are not signed in", () => {
  test("see the welcome, and nothing that is for members", async () => {
    const visitor = request.agent(site);
    expect((await page(visitor, "/").expect(200)).text).toContain('href="/login"');
    for (const path of ["/profile", "/admin", "/admin/members?q=a"]) {
      const answer = await page(visitor, path).expect(303);
      expect(answer.headers["location"]).toBe(`/login?next=${encodeURIComponent(path)}`);
    }
    await visitor
      .get("/api/me")
      .expect(401)
      .expect("Content-Type", /^application\/problem\+json/);
    await visitor.post("/admin/members/2/reset").expect(401);
  });

  test("get no cookie, and the defaults of helmet", async () => {
    const answer = await request(site).get("/").expect(200);
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect(answer.headers["content-security-policy"]).toContain("default-src 'self'");
    expect(answer.headers["x-powered-by"]).toBeUndefined();
  });
});

describe("who must, who may, who is never asked", () => {
  test("a super admin reaches nothing before the set-up", async () => {
    const susan = await signIn("super");
    expect(susan.pending).toMatchObject({ requiresOtpSetup: true });
    for (const path of ["/", "/profile", "/admin", "/admin/members", "/nowhere"]) await page(susan, path).expect(303);
    await susan.get("/api/me").expect(403);
    await enrol(susan);
    await page(susan, "/admin").expect(200);
    const me = await susan.get("/api/me").expect(200);
    expect(me.body).toEqual({ id: "1", email: "super@example.com", name: "Susan Super", has2FA: true });
  });

  test("a member may, and a guest is not asked; neither is an admin", async () => {
    for (const name of ["member", "guest"]) {
      const agent = await signIn(name);
      expect(agent.pending).toMatchObject({ requiresOtp: false, requiresOtpSetup: false });
      await page(agent, "/profile").expect(200);
      await page(agent, "/admin").expect(403);
      await page(agent, "/admin/members").expect(403);
      expect((await agent.get("/api/me").expect(200)).body).toMatchObject({ has2FA: false });
    }
  });

  test("a member who has one is asked at the next login", async () => {
    await enrol(await signIn("member"));
    const again = await signIn("member");
    expect(again.pending).toMatchObject({ requiresOtp: true, requiresOtpSetup: false });
    await page(again, "/profile").expect(303);
  });

  test("mail@example.com gets a code by mail, which lets in", async () => {
    const maya = await signIn("mail");
    expect(maya.pending).toMatchObject({ requiresOtp: true, requiresOtpSetup: false });
    await page(maya, "/two-factor/verify").expect(200);
    const letter = mails.find(({ kind }) => kind === "code");
    expect(letter?.to).toBe("mail@example.com");
    const code = /\b\d{6}\b/.exec(letter!.text)![0];
    await maya.post("/two-factor/verify").set("Accept", "text/html").type("form").send({ code }).expect(303);
    await page(maya, "/profile").expect(200);
  });
});

describe("the owner hears by mail", () => {
  test("that an authenticator was set up, and of a lock", async () => {
    await enrol(await signIn("member"));
    expect(mails.at(-1)).toMatchObject({ kind: "enabled", to: "member@example.com" });
    const thief = await signIn("member");
    for (let count = 0; count < 3; count += 1) {
      await thief.post("/two-factor/verify").set("Accept", "application/json").send({ code: "000000" });
    }
    expect(mails.at(-1)).toMatchObject({ kind: "locked", to: "member@example.com" });
    for (const { text, html } of mails) {
      expect(text).toContain("Two-factor settings: http://127.0.0.1:3000/two-factor\n");
      expect(html).toContain('<a href="http://127.0.0.1:3000/two-factor">');
    }
  });
});

describe("the administration", () => {
  async function admin(): Promise<Agent> {
    const susan = await signIn("super");
    await enrol(susan);
    return susan;
  }

  test("lists each member with the state and one form, found by name or address", async () => {
    await enrol(await signIn("member"));
    const susan = await admin();
    const all = (await page(susan, "/admin/members").expect(200)).text;
    expect(all.match(/action="\/admin\/members\/\d\/reset"/g)).toHaveLength(3);
    expect(all).not.toContain('action="/admin/members/1/reset"');
    const found = (await page(susan, "/admin/members?q=MAX").expect(200)).text;
    expect(found).toContain("member@example.com");
    expect(found).not.toContain("guest@example.com");
    expect((await page(susan, '/admin/members?q="><script>').expect(200)).text).not.toContain("<script>");
  });

  test("a reset with the box ticked shows a code once, which the next set-up asks for", async () => {
    await enrol(await signIn("member"));
    const susan = await admin();
    const listed = (await page(susan, "/admin/members").expect(200)).text;
    expect(listed).toContain('name="enrolmentCode" value="1" checked');
    const shown = await susan
      .post("/admin/members/2/reset")
      .set({ accept: "text/html", "sec-fetch-site": "same-origin" })
      .type("form")
      .send({ reason: "new phone", enrolmentCode: "1" })
      .expect(200);
    const [, code] = /data-enrolment-code[^>]*>([A-Z2-7-]{19})</.exec(shown.text) ?? [];
    expect((await page(susan, "/admin/members").expect(200)).text).not.toContain("data-enrolment-code");
    const member = await signIn("member");
    const begin = (body: object) => member.post("/two-factor/setup").set("Accept", "application/json").send(body);
    await begin({}).expect(403);
    await begin({ enrolmentCode: code }).expect(200);
  });

  test("resets with a reason, which the member reads", async () => {
    const max = await signIn("member");
    await enrol(max);
    const susan = await admin();
    await susan.post("/admin/members/2/reset").type("form").send({ reason: "lost phone" }).expect(303);
    expect(mails.at(-1)).toMatchObject({ kind: "reset", to: "member@example.com" });
    expect(mails.at(-1)!.text).toContain("Reason: “lost phone”");
    expect((await signIn("member")).pending).toMatchObject({ requiresOtp: false });
  });

  test("Enter in the field of the reason resets nothing: its button asks, and says what is lost", async () => {
    await enrol(await signIn("member"));
    const susan = await admin();
    const listed = (await page(susan, "/admin/members").expect(200)).text;
    const form = /action="\/admin\/members\/2\/reset"[\s\S]*?<\/form>/.exec(listed)![0];
    // A browser presses the first button of a form then.
    expect(/<button[^>]*>/.exec(form)![0]).toContain('name="ask"');
    const asked = await susan
      .post("/admin/members/2/reset")
      .set({ accept: "text/html", "sec-fetch-site": "same-origin" })
      .type("form")
      .send({ ask: "1", reason: "<b>lost</b> phone", enrolmentCode: "1" })
      .expect(200);
    expect(asked.text).toContain("no longer work then");
    expect(asked.text).toContain('name="reason" value="&lt;b&gt;lost&lt;/b&gt; phone"');
    expect(asked.text).toContain('name="enrolmentCode" value="1"');
    expect((await signIn("member")).pending).toMatchObject({ requiresOtp: true });
  });

  test("unlocks", async () => {
    await enrol(await signIn("member"));
    const max = await signIn("member");
    for (let count = 0; count < 3; count += 1) {
      await max.post("/two-factor/verify").set("Accept", "application/json").send({ code: "000000" });
    }
    const susan = await admin();
    expect((await page(susan, "/admin/members")).text).toContain('action="/admin/members/2/unlock"');
    await susan.post("/admin/members/2/unlock").type("form").expect(303);
    expect((await page(susan, "/admin/members")).text).not.toContain("/unlock");
  });

  test.each([
    ["no reason", {}],
    ["an empty reason", { reason: "  " }],
    ["a long reason", { reason: "x".repeat(201) }],
    ["two reasons", "reason=a&reason=b"],
  ])("wants a reason: %s is 400", async (_name, form) => {
    const susan = await admin();
    await susan.post("/admin/members/2/reset").type("form").send(form).expect(400);
    expect(mails.map(({ kind }) => kind)).toEqual(["enabled"]);
  });

  test("leaves one's own account alone, and knows who is not there", async () => {
    const susan = await admin();
    await susan.post("/admin/members/1/reset").type("form").send({ reason: "me" }).expect(403);
    await susan.post("/admin/members/1/unlock").type("form").expect(403);
    for (const id of ["9", "__proto__", "%00", "2%20"]) {
      await susan.post(`/admin/members/${id}/reset`).type("form").send({ reason: "x" }).expect(404);
    }
  });

  test("wants a fresh proof, which a remembered browser is not", async () => {
    const susan = await signIn("super");
    const code = await oathtoolCode(await enrol(susan), new Date(Date.now() + 30_000));
    // A set-up remembers no browser; the first code of a sign-in does.
    await susan.post("/two-factor/verify").set("Accept", "application/json").send({ code }).expect(200);
    await susan.post("/logout").type("form").expect(303);
    await susan.post("/login").type("form").send({ email: "super@example.com", password: demoPassword }).expect(303);
    await page(susan, "/admin").expect(200);
    await page(susan, "/admin/members").expect(303);
    await susan.post("/admin/members/2/reset").type("form").send({ reason: "x" }).expect(403);
    expect(mails.map(({ kind }) => kind)).toEqual(["enabled"]);
  });

  test("takes no form of another site", async () => {
    const susan = await admin();
    for (const headers of [{ "Sec-Fetch-Site": "cross-site" }, { Origin: "http://evil.example" }, { Origin: "null" }]) {
      await susan.post("/admin/members/2/reset").set(headers).type("form").send({ reason: "x" }).expect(403);
    }
  });
});

test("a store that fails is 503, without a word about our insides, and the site goes on", async () => {
  const max = await signIn("member");
  const original = store.get.bind(store);
  store.get = async () => Promise.reject(new Error("secret database host is down"));
  const answer = await page(max, "/profile").expect(503);
  expect(answer.text).not.toMatch(/secret database|\.ts:|\.js:/);
  store.get = original;
  await page(max, "/profile").expect(200);
});

test("what is not there is 404, as a page or as a problem", async () => {
  const gus = await signIn("guest");
  await page(gus, "/nowhere").expect(404).expect("Content-Type", /html/);
  await gus
    .get("/nowhere")
    .set("Accept", "application/json")
    .expect(404)
    .expect("Content-Type", /problem\+json/);
  await page(gus, "/%E0%A4%A").expect((answer) => expect(answer.status).toBeLessThan(500));
});

test("signing out ends the session, the second factor's part too", async () => {
  const susan = await signIn("super");
  await enrol(susan);
  await susan.post("/logout").type("form").expect(303).expect("Location", "/");
  await susan.get("/api/me").expect(401);
});
