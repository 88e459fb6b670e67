import express from "express";
import { describe, expect, it, vi } from "vitest";
import { memoryStore, type TwoFactorOptions } from "../../src";
import { startHost, type HostUser } from "../support/host";
import { signInHere } from "../support/states";

describe("Too weak a sign-in stays refused, whatever fails while that is found out", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    function providerHost(options: Partial<TwoFactorOptions<HostUser>>, at = new Date()) {
      const host = startHost({
        version,
        options: { acceptedAcr: ["strong"], onWeakAcr: "refuse", recoveryCodes: { count: 1 }, ...options },
        before(app) {
          app.post("/callback", express.json(), (req, res) => {
            signInHere(req, res, { id: "1" });
            const { acr } = req.body as { acr: string };
            host.tfa.satisfy(req, { method: "acr", acr, at }).then(
              (proven) => res.json({ proven }),
              // As many hosts: the login goes on, and the gate has the word.
              ({ code }: { code: string }) => res.status(500).json({ code }),
            );
          });
        },
      });
      return host;
    }

    async function isRefused(
      host: ReturnType<typeof providerHost>,
      failing: string,
      heal: () => void = () => undefined,
    ) {
      vi.spyOn(console, "error").mockReturnValue();
      const browser = host.browser();
      expect((await browser.post("/callback", { acr: "weak" }).expect(500)).body).toEqual({ code: failing });
      heal();
      for (const answer of [
        await browser.get("/page"),
        await browser.get("/two-factor/setup"),
        await browser.post("/two-factor/setup"),
      ]) {
        expect([answer.status, answer.body]).toMatchObject([403, { code: "INSUFFICIENT_ACR" }]);
      }
      vi.restoreAllMocks();
    }

    it("the store", async () => {
      const store = memoryStore();
      let fails = true;
      const get: typeof store.get = async (key) => {
        if (fails) throw new Error("down");
        return store.get(key);
      };
      const host = providerHost({ store: { ...store, get } });
      await isRefused(host, "STORE_UNAVAILABLE", () => (fails = false));
    });

    it("the host's predicate", async () => {
      let fails = true;
      const needTwoFactorAuthentication = async () => {
        if (fails) throw new Error("no");
        return true;
      };
      await isRefused(providerHost({ needTwoFactorAuthentication }), "MISCONFIGURED", () => (fails = false));
    });

    it("the time that the provider tells: weak is weak, whenever that was", async () => {
      await isRefused(providerHost({}, new Date(Number.NaN)), "INSUFFICIENT_ACR");
    });
  });
});
