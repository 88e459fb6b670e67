import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { memoryStore, type TwoFactorOptions } from "../../../src";
import { startHost, type HostUser } from "../../support/host";

const warned = vi.fn<(warning: unknown, options?: unknown) => void>();
beforeEach(() => void vi.spyOn(process, "emitWarning").mockImplementation(warned as never));
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  warned.mockReset();
});

/** What was warned of, once an answer has been looked at. */
async function warnings(): Promise<string[]> {
  await new Promise((resolve) => setTimeout(resolve, 30));
  return warned.mock.calls.map(([warning]) => String(warning));
}

const host = (version: 4 | 5, options: Partial<TwoFactorOptions<HostUser>> = {}) => {
  let watch: ReturnType<typeof startHost>["tfa"]["watch"] | undefined;
  const made = startHost({
    version,
    options,
    early: (app) => {
      app.use((req, res, next) => watch!(req, res, next));
      app.get("/basic", (req, res) => {
        Object.assign(req, { user: { id: "1" } });
        res.json({ balance: 7 });
      });
    },
    before: (app) => {
      app.get("/report/:id", (_req, res) => void res.json({ balance: 7 }));
      app.get("/site.css", (_req, res) => void res.type("css").send("p {}"));
      app.get("/elsewhere", (_req, res) => res.redirect("/"));
      app.get("/missing", (_req, res) => void res.status(404).send("none"));
      app.post("/signout", (req, res) => req.session.destroy(() => void res.status(204).end()));
    },
  });
  watch = made.tfa.watch;
  return made;
};

describe.each([4, 5] as const)("tfa.watch on Express %i", (version) => {
  test("warns, once a route, of one that answers somebody who owes a proof", async () => {
    const browser = host(version).browser();
    await browser.login();
    for (const id of ["1", "secret"]) await browser.get(`/report/${id}?token=secret`).expect(200);
    const [warning, ...more] = await warnings();
    expect(warning).toContain("GET /report/:id answered 200 to somebody who is signed in and owes a second factor");
    expect(warning).not.toContain("secret");
    expect(more).toEqual([]);
  });

  test("warns of a way in that has no session", async () => {
    await host(version).browser().get("/basic").expect(200);
    expect((await warnings())[0]).toContain("GET /basic answered 200");
  });

  test("says nothing of the login, the logout, assets, redirects, refusals, our own pages and what is behind us", async () => {
    const browser = host(version).browser();
    await browser.get("/report/1").expect(200);
    await browser.login();
    await browser.get("/site.css").expect(200);
    await browser.get("/elsewhere").expect(302);
    await browser.get("/missing").expect(404);
    await browser.get("/two-factor");
    await browser.get("/two-factor/setup").expect(200);
    await browser.get("/behind").expect(403);
    await browser.post("/signout").expect(204);
    await browser.login();
    await browser.post("/logout").expect(200);
    expect(await warnings()).toEqual([]);
  });

  test("says nothing of who has proven it, need not, or is let in by `allow`", async () => {
    const proven = host(version).browser();
    await proven.login();
    await proven.enrol();
    await proven.get("/report/1").expect(200);
    const free = host(version, { needTwoFactorAuthentication: () => false }).browser();
    await free.login();
    await free.get("/report/1").expect(200);
    const allowed = host(version, { allow: (req) => req.originalUrl === "/report/1" }).browser();
    await allowed.login();
    await allowed.get("/report/1").expect(200);
    expect(await warnings()).toEqual([]);
  });

  test("does nothing in production", async () => {
    vi.stubEnv("NODE_ENV", "production");
    const browser = host(version, { store: memoryStore({ production: true }) }).browser();
    await browser.login();
    await browser.get("/report/1").expect(200);
    expect(await warnings()).toEqual([]);
  });

  test("is harmed by no store that is down, and harms no answer", async () => {
    const down = () => Promise.reject(new Error("down"));
    const browser = host(version, { store: { get: down, compareAndSet: down } }).browser();
    await browser.login();
    await browser.get("/report/1").expect(200);
    expect(await warnings()).toEqual([]);
  });
});
