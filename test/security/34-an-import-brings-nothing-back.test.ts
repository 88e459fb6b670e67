import { describe, expect, test } from "vitest";
import { memoryStore, type TwoFactorEvent } from "../../src";
import { stopClock } from "../support/clock";
import { codeOf, startHost } from "../support/host";
import { addKey, startKeyHost } from "../support/keys";

const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const details = { reason: "phone stolen", by: "the help desk" };

/** Somebody whose authenticator was taken over from another library, and who can sign in with it. */
async function adopted(demanded = true) {
  stopClock();
  const events: TwoFactorEvent[] = [];
  const store = memoryStore();
  const host = startHost({
    options: { store, needTwoFactorAuthentication: () => demanded, onEvent: (event) => void events.push(event) },
  });
  expect(await host.tfa.adopt("1", secret)).toBe(true);
  return { host, store, events };
}

describe("What was reset or turned off is not brought back by an import", () => {
  test.each([
    ["a reset", {}],
    ["a reset that demands a code", { enrolmentCode: true as const }],
  ])("after %s the stolen authenticator is taken over no more, and opens nothing", async (_, wishes) => {
    const { host, store } = await adopted();
    const code = await host.tfa.reset("1", { ...details, ...wishes });
    const before = await store.get('["user","1"]');
    expect((await host.tfa.status("1")).adoptable).toBe(false);
    expect(await host.tfa.adopt("1", secret)).toBe(false);
    expect(await store.get('["user","1"]')).toEqual(before);
    const thief = host.browser();
    await thief.login();
    await thief.post("/two-factor/verify", { code: codeOf(secret) }).expect(409);
    await thief.get("/admin").expect(403);
    if (code === undefined) return;
    await thief.post("/two-factor/setup").expect(403);
    const owner = host.browser();
    await owner.login();
    await owner.post("/two-factor/setup", { enrolmentCode: code }).expect(200);
  });

  test("nor after its owner has turned it off", async () => {
    const { host } = await adopted(false);
    const owner = host.browser();
    await owner.login();
    await owner.post("/two-factor/verify", { code: codeOf(secret) }).expect(200);
    await owner.post("/two-factor/disable").expect(200);
    expect(await host.tfa.adopt("1", secret)).toBe(false);
    expect(await host.tfa.status("1")).toMatchObject({ enabled: false, adoptable: false });
  });

  test("nor after the last factor was taken away by an administrator, however much has happened since", async () => {
    const { host } = await adopted(false);
    await host.tfa.removeFactor("1", "totp", details);
    // The history is forgotten after twenty entries; this is not.
    for (let times = 0; times < 25; times += 1) await host.tfa.unlock("1", { by: "a script" });
    expect((await host.tfa.status("1")).activity.some(({ type }) => type === "disabled")).toBe(false);
    expect(await host.tfa.adopt("1", secret)).toBe(false);
  });

  test("nor where a key was all that there was", async () => {
    const host = startKeyHost({ options: { needTwoFactorAuthentication: () => false } });
    const owner = host.browser();
    await owner.login();
    const { body } = await addKey(owner);
    const { key } = body as { key: { id: string } };
    await owner.post("/two-factor/keys/remove", { id: key.id }).expect(200);
    expect(await host.tfa.adopt("1", secret)).toBe(false);
  });

  test("nor when the reset comes while it is being taken over", async () => {
    stopClock();
    const memory = memoryStore();
    let first = true;
    const host = startHost({
      options: {
        store: {
          get: (id) => memory.get(id),
          async compareAndSet(id, expected, next) {
            if (first) {
              first = false;
              await other.tfa.reset("1", details);
            }
            return memory.compareAndSet(id, expected, next);
          },
        },
      },
    });
    const other = startHost({ options: { store: memory } });
    expect(await host.tfa.adopt("1", secret)).toBe(false);
    expect((await host.tfa.status("1")).enabled).toBe(false);
  });

  test("wrong codes and locks of somebody new are no reason, and taking over is told, without a mail", async () => {
    const { host, events } = await adopted();
    expect(events).toMatchObject([{ type: "factor-adopted", kind: "totp", userId: "1" }]);
    expect((await host.tfa.status("1")).activity).toMatchObject([{ type: "factor-adopted" }]);
    await host.tfa.unlock("2", { by: "a script" });
    const other = host.browser();
    await other.login({ id: "2", email: "two@example.com" });
    const { body } = await other.post("/two-factor/setup").expect(200);
    const guess = codeOf((body as { secret: string }).secret, 5);
    await other.post("/two-factor/setup/verify", { code: guess }).expect(422);
    expect(await host.tfa.status("2")).not.toHaveProperty("adoptable");
    expect(await host.tfa.adopt("2", secret)).toBe(true);
    expect(await host.tfa.status("2")).toMatchObject({ enabled: true });
  });
});
