import session from "express-session";
import type { Request, Response } from "express";
import { describe, expect, it } from "vitest";
import { Barrier } from "../support/barrier";
import { startHost, type Host } from "../support/host";
import { sessionIdOf } from "../support/sessions";

const holds = (sessions: session.Store, id: string): Promise<boolean> =>
  new Promise((resolve, reject) =>
    sessions.get(id, (error, found) => (error ? reject(error as Error) : resolve(Boolean(found)))),
  );

describe("A session that lives costs its answers nothing, and one that ends is not brought back by those under way", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    interface Met {
      barrier: Barrier;
      late: (req: Request, res: Response) => void;
    }

    async function start() {
      const sessions = new session.MemoryStore();
      const met: Met = { barrier: new Barrier(), late: (_req, res) => void res.send("late") };
      const host: Host = startHost({
        version,
        session: { store: sessions, rolling: true },
        options: { recoveryCodes: { count: 1 }, rememberBrowser: "never", allow: ["/kept"] },
        before: (app) => {
          app.use((_req, res, next) => {
            res.locals["before"] = [res.writeHead, res.end];
            next();
          });
        },
        behind: (app) => {
          app.get("/methods", (_req, res) => {
            const [writeHead, end] = res.locals["before"] as unknown[];
            res.json(res.writeHead === writeHead && res.end === end);
          });
          app.get("/kept", (req, res) => void met.barrier.pass().then(() => met.late(req, res)));
        },
      });
      const browser = host.browser();
      const login = await browser.login();
      return { sessions, met, browser, login };
    }

    it("who passes has the methods of the answer that there were", async () => {
      const { browser } = await start();
      await browser.enrol();
      expect((await browser.get("/methods").expect(200)).body).toBe(true);
    });

    it.each<[string, Met["late"]]>([
      ["as it ends", (req, res) => (Object.assign(req.session, { late: true }), void res.send("late"))],
      [
        "by its own hand",
        (req, res) => (Object.assign(req.session, { late: true }), void req.session.save(() => res.send("late"))),
      ],
      [
        "by an `end` that it has kept from before",
        (req, res) => {
          const [, end] = res.locals["before"] as [unknown, Response["end"]];
          Object.assign(req.session, { late: true });
          Reflect.apply(end, res, ["late"]);
        },
      ],
    ])("a request that saves its session %s, after a right code has replaced it", async (_how, late) => {
      const { sessions, met, browser, login } = await start();
      met.late = late;
      const id = sessionIdOf(login)!;
      // Many come and go meanwhile: the one under way is not forgotten.
      const slow = browser.get("/kept").then((answer) => answer);
      await met.barrier.arrived;
      for (let others = 0; others < 20; others += 1) await browser.get("/other").expect(403);
      await browser.enrol();
      met.barrier.release();
      expect((await slow).headers["set-cookie"]).toBeUndefined();
      expect(await holds(sessions, id)).toBe(false);
      await browser.get("/methods").expect(200);
    });
  });
});
