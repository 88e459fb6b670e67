import session, { type MemoryStore } from "express-session";
import { beforeEach, describe, expect, it } from "vitest";
import { stopClock } from "../support/clock";
import { startHost } from "../support/host";

beforeEach(() => void stopClock());

type Kept = { sessions: Record<string, string> };

/** A store that the host ends the session in at the n-th call which a request makes, before or after that call. */
function endingStore() {
  const store: MemoryStore = new session.MemoryStore();
  let countdown = Number.POSITIVE_INFINITY;
  let after = false;
  let wasThere = false;
  const end = (id: string) => {
    countdown = Number.POSITIVE_INFINITY;
    wasThere = Object.hasOwn((store as unknown as Kept).sessions, id);
    // As the host's own code does: by whatever `destroy` the store has by now.
    store.destroy(id);
  };
  for (const method of ["get", "set"] as const) {
    const original = store[method].bind(store) as (...values: unknown[]) => void;
    (store as unknown as Record<string, unknown>)[method] = (id: string, ...values: unknown[]) => {
      countdown -= 1;
      const isNow = countdown === 0;
      // Nothing comes between our call and the store's own work: a set that is under way is before its end.
      if (isNow && !after && method === "get") end(first ?? id);
      original(id, ...values);
      if (isNow && (after || method === "set")) end(first ?? id);
    };
  }
  let first: string | undefined;
  const arm = (id: string, calls: number, afterIt: boolean) => {
    [first, countdown, after] = [id, calls, afterIt];
  };
  /** `false`: it never came to that, or the session had its new id by then. */
  return { store, arm, hasEnded: () => countdown === Number.POSITIVE_INFINITY && wasThere };
}

describe("A session that is ended while ours is saving it stays dead", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    it.each([
      ["a right code", (right: string) => right],
      ["a wrong code", (_right: string, wrong: string) => wrong],
    ])("at every call to the store that %s makes", async (_what, choose) => {
      let ended = 0;
      for (let calls = 2; calls < 14; calls += 1) {
        for (const after of [false, true]) {
          const { store, arm, hasEnded } = endingStore();
          const host = startHost({
            version,
            session: { store },
            options: { recoveryCodes: { count: 1 }, rememberBrowser: "never" },
          });
          const owner = host.browser();
          await owner.login({ id: "1" });
          await owner.enrol();
          await owner.post("/logout");
          const browser = host.browser();
          await browser.login({ id: "1" });
          const [id = ""] = Object.keys((store as unknown as Kept).sessions).filter((known) =>
            (store as unknown as Kept).sessions[known]?.includes('"user"'),
          );
          arm(id, calls, after);
          const code = choose(owner.code(1), owner.wrongCode());
          const answer = await browser.post("/two-factor/verify", { code });
          if (!hasEnded()) continue;
          ended += 1;
          expect([401, 422]).toContain(answer.status);
          const left = Object.values((store as unknown as Kept).sessions).filter((kept) => kept.includes('"user"'));
          expect(left).toEqual([]);
        }
      }
      expect(ended).toBeGreaterThan(4);
    });
  });
});
