import type { ErrorRequestHandler } from "express";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { later } from "../support/clock";
import {
  memoryStore,
  type StoredRecord,
  type TwoFactorEvent,
  type TwoFactorOptions,
  type TwoFactorStore,
} from "../../src";
import { ownerAndUnproven, startHost, type Browser, type Host, type HostUser } from "../support/host";

type Options = Partial<TwoFactorOptions<HostUser>>;
type Fault = Partial<TwoFactorStore>;

/** A store that works, until it is told not to. */
function faultyStore() {
  const memory = memoryStore();
  const faulty = { fault: {} as Fault, memory };
  const store: TwoFactorStore = {
    get: (id) => (faulty.fault.get ?? memory.get)(id),
    compareAndSet: (...given) => (faulty.fault.compareAndSet ?? memory.compareAndSet)(...given),
  };
  return Object.assign(faulty, { store });
}

const never = () => new Promise<never>(() => undefined);
const rejects = () => Promise.reject(new Error("connection lost, password=hunter2"));
const throws = () => {
  throw new Error("connection lost, password=hunter2");
};
const gives = (record: unknown) => async () => record as StoredRecord;

const readFaults: Record<string, Fault> = {
  "rejects a read": { get: rejects },
  "throws on a read": { get: throws },
  "hangs on a read": { get: never },
  "gives a record that is none": { get: gives({ record: "not JSON", revision: "1" }) },
  "gives a record of another shape": { get: gives({ record: "{}", revision: "1" }) },
};
const writeFaults: Record<string, Fault> = {
  "rejects a write": { compareAndSet: rejects },
  "throws on a write": { compareAndSet: throws },
  "hangs on a write": { compareAndSet: never },
  "says of every write that somebody was faster": { compareAndSet: async () => false },
  "says nothing of a write": { compareAndSet: gives(undefined) as never },
};

const plain = /hunter2|node_modules|\.ts:\d|Error:|at \w+ \(/;

beforeEach(() => void vi.spyOn(console, "error").mockReturnValue());
afterEach(() => void vi.restoreAllMocks().useRealTimers());

describe("A fault is answered, not passed", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    const start = (options: Options = {}, behind?: (app: Host["app"]) => void) =>
      startHost({
        version,
        options: { recoveryCodes: { count: 1 }, storeTimeoutSeconds: 0.3, ...options },
        ...(behind && { behind }),
      });

    async function enrolled(host: Host): Promise<{ owner: Browser; other: Browser }> {
      const { owner, browser: other } = await ownerAndUnproven(host);
      return { owner, other };
    }

    async function expect503(answer: ReturnType<Browser["get"]>) {
      const { status, headers, text } = await answer;
      expect(status).toBe(503);
      expect(Number(headers["retry-after"])).toBeGreaterThan(0);
      expect(headers["cache-control"]).toBe("no-store");
      expect(text).not.toMatch(plain);
    }

    it.each(Object.entries(readFaults))("where the store %s", async (_name, fault) => {
      const faulty = faultyStore();
      const host = start({ store: faulty.store, revalidateSeconds: 0 });
      const { owner, other } = await enrolled(host);
      faulty.fault = fault;
      for (const browser of [owner, other]) {
        await expect503(browser.get("/admin"));
        await expect503(browser.visit("/admin"));
        await expect503(browser.post("/admin"));
        await expect503(browser.get("/two-factor/verify"));
      }
      await expect503(other.post("/two-factor/verify", { code: other.code(1) }));
      expect(host.reached).toEqual([]);
      expect(console.error).toHaveBeenCalled();
      faulty.fault = {};
      await owner.get("/admin").expect(200);
      await other.post("/two-factor/verify", { code: other.code(1) }).expect(200);
    });

    it.each(Object.entries(writeFaults))("where the store %s, and spends no attempt", async (_name, fault) => {
      const faulty = faultyStore();
      const host = start({ store: faulty.store });
      const { owner, other } = await enrolled(host);
      faulty.fault = fault;
      await expect503(other.post("/two-factor/verify", { code: owner.wrongCode() }));
      await expect503(other.post("/two-factor/verify", { code: other.code(1) }));
      await expect503(other.submit("/two-factor/verify", { code: other.code(1) }));
      await other.get("/admin").expect(403);
      faulty.fault = {};
      expect((await other.post("/two-factor/verify", { code: owner.wrongCode() }).expect(422)).body).toMatchObject({
        attemptsRemaining: 2,
      });
      await other.post("/two-factor/verify", { code: other.code(1) }).expect(200);
    });

    it("where the store gives another kind of thing", async () => {
      for (const answer of [
        { rows: [] },
        "x",
        1,
        true,
        [],
        { record: 1, revision: 1 },
        { record: {}, revision: "1" },
      ]) {
        const host = start({ store: { ...memoryStore(), get: gives(answer) } });
        const browser = host.browser();
        await browser.login();
        const { status, text } = await browser.get("/admin");
        expect([answer, [500, 503].includes(status)]).toEqual([answer, true]);
        expect(text).not.toMatch(plain);
        expect(host.reached).toEqual([]);
      }
    });

    it("but a write whose acknowledgement alone was lost counts as made", async () => {
      const faulty = faultyStore();
      const { other } = await enrolled(start({ store: faulty.store }));
      faulty.fault = {
        compareAndSet: async (...given) => {
          await faulty.memory.compareAndSet(...given);
          return rejects();
        },
      };
      await other.post("/two-factor/verify", { code: other.code(1) }).expect(200);
      await other.get("/admin").expect(200);
    });

    it("and a proof is confirmed for revalidateSeconds, not longer, where the store is down", async () => {
      const faulty = faultyStore();
      const host = start({ store: faulty.store, revalidateSeconds: 30 });
      const { owner } = await enrolled(host);
      await owner.get("/admin").expect(200);
      faulty.fault = { get: rejects };
      await owner.get("/admin").expect(200);
      later(30.001);
      await expect503(owner.get("/admin"));
      expect(host.reached).toEqual(["GET /admin", "GET /admin"]);
    });

    it("and a store that was lost and comes back empty is said loudly", async () => {
      const events: TwoFactorEvent[] = [];
      const faulty = faultyStore();
      const host = start({ store: faulty.store, revalidateSeconds: 0, onEvent: (event) => void events.push(event) });
      const { owner } = await enrolled(host);
      const warnings = vi.spyOn(process, "emitWarning").mockReturnValue();
      faulty.fault = { get: async () => undefined };
      await owner.get("/admin").expect(401);
      expect(host.reached).toEqual([]);
      expect(events.map(({ type }) => type)).toContain("record-missing");
      expect(String(warnings.mock.calls[0]?.[0])).toContain("lost its data");
    });

    describe.each([
      ["throws", throws],
      ["rejects", rejects],
    ])("where a function of the host %s", (_name, fails) => {
      const pages: Record<string, Options> = {
        formFields: { formFields: fails },
        locals: { locals: fails },
        renderPage: { renderPage: fails },
        label: { label: fails },
        "a view": { views: { setup: fails, problem: fails } },
        locale: { locale: fails as never, formFields: fails },
      };
      it.each(Object.entries(pages))("%s: a page is 500 in plain words, and nothing passes", async (name, options) => {
        const host = start(options);
        const browser = host.browser();
        await browser.login();
        const page = await browser.visit("/two-factor/setup").expect(500);
        expect(page.headers["cache-control"]).toBe("no-store");
        expect(page.text).not.toMatch(plain);
        expect(page.text).not.toContain("otpauth");
        // A form behind the gate gets the problem as a page, which fails, too: it stays outside.
        const form = await browser.submit("/admin", { x: "1" });
        expect([403, 500]).toContain(form.status);
        // Programs need no page.
        if (name !== "label") await browser.get("/admin").expect(403);
        expect(host.reached).toEqual([]);
      });
    });

    it("where the host's view is missing, or broken", async () => {
      for (const view of ["nowhere/to-be-found", "../../etc/passwd"]) {
        const host = start({ views: { setup: view } }, (app) => app.set("view engine", "ejs"));
        const browser = host.browser();
        await browser.login();
        const page = await browser.visit("/two-factor/setup").expect(500);
        expect(page.text).not.toMatch(/nowhere|passwd|Failed to lookup/);
      }
    });

    it("and an answer already begun is cut off", async () => {
      const host = start({
        renderPage: (_req, res) => {
          res.write("half a page");
          throws();
        },
      });
      const browser = host.browser();
      await browser.login();
      await expect(browser.visit("/two-factor/setup")).rejects.toThrow(/aborted|hang up|ECONNRESET/);
      await browser.get("/admin").expect(403);
    });

    it("but by the host's own error handler with handleErrors: false", async () => {
      const seen: unknown[] = [];
      const onError: ErrorRequestHandler = (
        error: { name: string; code: string; status: number },
        _req,
        res,
        _next,
      ) => {
        seen.push([error.name, error.code, error.status]);
        res.status(error.status).send("the host says sorry");
      };
      const faulty = faultyStore();
      const host = start(
        { store: faulty.store, handleErrors: false, revalidateSeconds: 0, formFields: throws },
        (app) => app.use(onError),
      );
      const { owner } = await enrolled(host);
      expect((await owner.visit("/two-factor").expect(500)).text).toBe("the host says sorry");
      faulty.fault = { get: rejects };
      expect((await owner.get("/admin").expect(503)).text).toBe("the host says sorry");
      await owner.get("/two-factor").expect(503);
      expect(host.reached).toEqual([]);
      expect(seen).toEqual([
        ["TwoFactorError", "MISCONFIGURED", 500],
        ["TwoFactorError", "STORE_UNAVAILABLE", 503],
        ["TwoFactorError", "STORE_UNAVAILABLE", 503],
      ]);
      expect(console.error).not.toHaveBeenCalled();
    });

    it("and a logout is never held up by it", async () => {
      const faulty = faultyStore();
      const host = start({ store: faulty.store, deleteCookieOnLogout: true });
      const { owner } = await enrolled(host);
      faulty.fault = { get: never, compareAndSet: never };
      await owner.post("/logout").expect(200);
      await owner.get("/two-factor").expect(401);
    });
  });
});
