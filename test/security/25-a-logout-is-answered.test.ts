import { describe, expect, it, vi } from "vitest";
import { failOnDeath } from "../support/deaths";
import { startHost } from "../support/host";

failOnDeath();

describe("A logout whose callback fails is answered, and ends no process", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    it.each<[string, () => unknown]>([
      [
        "throws",
        () => {
          throw new Error("the host's own");
        },
      ],
      ["rejects", () => Promise.reject(new Error("the host's own"))],
    ])("where it %s", async (_how, callback) => {
      const logged = vi.spyOn(console, "error").mockReturnValue();
      for (const handleErrors of [true, false]) {
        const host = startHost({
          version,
          options: { handleErrors, recoveryCodes: { count: 1 } },
          before: (app) => app.post("/leave", (req, res) => void host.tfa.logout(req, res, callback as () => void)),
        });
        const owner = host.browser();
        await owner.login();
        await owner.enrol();
        expect((await owner.post("/leave").expect(500)).body).toMatchObject({ code: "MISCONFIGURED" });
        expect(logged.mock.lastCall?.[0]).toMatchObject({ cause: new Error("the host's own") });
        // What was proven is over all the same.
        await owner.get("/page").expect(403);
      }
      logged.mockRestore();
    });

    it("also after it has answered", async () => {
      const logged = vi.spyOn(console, "error").mockReturnValue();
      const host = startHost({
        version,
        before: (app) =>
          app.post(
            "/leave",
            (req, res) =>
              void host.tfa.logout(req, res, () => {
                res.json({ left: true });
                throw new Error("too late");
              }),
          ),
      });
      const owner = host.browser();
      await owner.login();
      await owner.post("/leave").expect(200, { left: true });
      await vi.waitFor(() => expect(logged).toHaveBeenCalled());
      logged.mockRestore();
    });
  });
});
