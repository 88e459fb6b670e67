import type { SessionData } from "express-session";
import { expect, test, vi } from "vitest";
import { MemorySessions } from "../../example-app/src/sessions";

function data(values: object = {}, maxAge = 3_600_000): SessionData {
  return { cookie: { maxAge, originalMaxAge: maxAge, path: "/" }, ...values };
}

const get = (store: MemorySessions, id: string) =>
  new Promise<SessionData | null | undefined>((resolve, reject) =>
    store.get(id, (error, found) => (error ? reject(error) : resolve(found))),
  );

test("a session comes back as it was kept, and not as it was changed later", async () => {
  const store = new MemorySessions();
  const kept = data({ passport: { user: "1" } });
  store.set("a", kept);
  Object.assign(kept, { passport: { user: "2" } });
  expect(await get(store, "a")).toMatchObject({ passport: { user: "1" } });
  store.destroy("a");
  expect(await get(store, "a")).toBeNull();
});

test("the one used longest ago goes first when there are too many", async () => {
  const store = new MemorySessions(2);
  store.set("a", data());
  store.set("b", data());
  store.touch("a", data());
  store.set("c", data());
  expect([await get(store, "a"), await get(store, "b"), await get(store, "c")].map((found) => found !== null)).toEqual([
    true,
    false,
    true,
  ]);
});

test("touching brings no dead session back, and keeps what others wrote", async () => {
  const store = new MemorySessions();
  store.touch("a", data({ passport: { user: "1" } }));
  expect(await get(store, "a")).toBeNull();
  store.set("b", data({ passport: { user: "2" } }));
  store.touch("b", data({ passport: { user: "old" } }));
  expect(await get(store, "b")).toMatchObject({ passport: { user: "2" } });
});

test("a session ends when its time is over", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    const store = new MemorySessions();
    store.set("a", data());
    vi.setSystemTime(Date.now() + 3_599_000);
    expect(await get(store, "a")).not.toBeNull();
    vi.setSystemTime(Date.now() + 2_000);
    expect(await get(store, "a")).toBeNull();
  } finally {
    vi.useRealTimers();
  }
});
