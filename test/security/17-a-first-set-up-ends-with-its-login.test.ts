import { describe, expect, test } from "vitest";
import { memoryStore, type TwoFactorStore } from "../../src";
import { stopClock } from "../support/clock";
import { codeOf, type Browser } from "../support/host";
import { addKey, optionsAt, startKeyHost } from "../support/keys";
import { SoftKey } from "../support/soft-key";
import { onlyWithSession } from "../support/states";

/** A host on whose store something happens right after a set-up is written, before its answer. */
function hostWith(after: { first?: (() => Promise<unknown>) | undefined }) {
  stopClock();
  const memory = memoryStore();
  const store: TwoFactorStore = {
    get: (id) => memory.get(id),
    async compareAndSet(...given) {
      const written = await memory.compareAndSet(...given);
      const { first } = after;
      if (given[2].record.includes("recovery-codes")) after.first = undefined;
      if (after.first === undefined) await first?.();
      return written;
    },
  };
  return startKeyHost({ options: { store, rememberBrowser: "never" } });
}

const ways: Record<string, (owner: Browser) => Promise<() => Promise<{ status: number; body: unknown }>>> = {
  "an app": async (owner) => {
    const { body } = await owner.post("/two-factor/setup").expect(200);
    const { secret } = body as { secret: string };
    return async () => owner.post("/two-factor/setup/verify", { code: codeOf(secret) });
  },
  "a key": async (owner) => {
    const asked = await optionsAt(owner, "/keys/options");
    return async () => owner.post("/two-factor/keys", { response: new SoftKey().register(asked) });
  },
};

describe("A first set-up whose login ends before its recovery codes are shown has changed nothing", () => {
  test.each(Object.entries(ways))("of %s", async (_, begin) => {
    onlyWithSession("Where nothing is kept of a login, nothing says that it ended.");
    const after: Parameters<typeof hostWith>[0] = {};
    const host = hostWith(after);
    const owner = host.browser();
    await owner.login();
    const confirm = await begin(owner);
    const other = host.browser();
    other.agent.jar.setCookie(`connect.sid=${owner.cookie("connect.sid")}`, "127.0.0.1", "/");
    after.first = async () => other.post("/logout").expect(200);
    expect((await confirm()).body).toMatchObject({ code: "LOGIN_SESSION_EXPIRED" });
    expect(await host.tfa.status("1")).toMatchObject({ enabled: false, recoveryCodesRemaining: 0, factors: [] });
    const types = host.events.map(({ type }) => type);
    expect(types.filter((type) => type === "enabled" || type === "disabled")).toEqual(["enabled", "disabled"]);
    await owner.login();
    expect((await addKey(owner)).body).toHaveProperty("recoveryCodes");
    await owner.get("/private").expect(200);
  });
});
