import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { memoryStore } from "../../src";
import { startHost } from "../support/host";

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("A record that is not whole", () => {
  test.each([
    ["written by a newer version", (text: string) => text.replace('"version":2', '"version":3'), /version/],
    ["truncated", (text: string) => text.slice(0, -20), /record/],
    ["edited by hand", (text: string) => text.replace(/"lastStep":\d+/, '"lastStep":"soon"'), /factors\[0\]\.lastStep/],
  ])("%s is refused by user and field, the user sees 503, and nothing is overwritten", async (_, edit, field) => {
    const store = memoryStore();
    const host = startHost({ options: { store, rememberBrowser: "never" } });
    const owner = host.browser();
    await owner.login();
    await owner.enrol();
    const login = host.browser();
    await login.login();

    const key = '["user","1"]';
    const { record, revision } = (await store.get(key)) ?? { record: "", revision: "" };
    expect(edit(record)).not.toBe(record);
    await store.compareAndSet(key, revision, { record: edit(record), revision: "edited" });
    await login.get("/balance").expect(503);
    await login.visit("/two-factor/verify").expect(503);
    await login.post("/two-factor/verify", { code: owner.code(1) }).expect(503);
    await expect(host.tfa.reset("1", { reason: "a new phone", by: "an admin" })).rejects.toThrow(field);
    const said = vi
      .mocked(console.error)
      .mock.calls.map((call) => String(call[0]))
      .join("\n");
    expect(said).toContain(key);
    expect(said).toMatch(field);
    expect(await store.get(key)).toEqual({ record: edit(record), revision: "edited" });
    expect(host.reached).toEqual([]);
  });
});
