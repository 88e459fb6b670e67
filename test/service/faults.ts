import { memoryStore } from "../../src/stores/memory";
import type { TwoFactorStore } from "../../src/stores/store";

export type Fault =
  | "none"
  /** Never answers. */
  | "hang"
  | "reject"
  /** Throws before it promises anything, as a function that is not `async` can. */
  | "throw"
  /** Writes, and then the answer is lost. */
  | "lost acknowledgement"
  /** Writes, and answers "conflict": a driver has sent the write twice. */
  | "sent twice"
  /** Somebody else is always faster. */
  | "conflict";

export interface FaultyStore extends TwoFactorStore {
  get: TwoFactorStore["get"];
  /** What happens to reads and writes from now on. */
  faults: { get: Fault; write: Fault };
  calls: { get: number; write: number };
  inner: TwoFactorStore;
}

/** A store whose interface misbehaves on demand; what it keeps is kept faithfully. */
export function faultyStore(inner: TwoFactorStore = memoryStore()): FaultyStore {
  const store: FaultyStore = {
    inner,
    faults: { get: "none", write: "none" },
    calls: { get: 0, write: 0 },
    get(key) {
      store.calls.get += 1;
      return suffer(store.faults.get, () => inner.get(key));
    },
    compareAndSet(key, expected, next) {
      store.calls.write += 1;
      const { write } = store.faults;
      if (write === "conflict") return Promise.resolve(false);
      if (write === "sent twice") return inner.compareAndSet(key, expected, next).then(() => false);
      return suffer(write, () => inner.compareAndSet(key, expected, next));
    },
    erase: (key) => inner.erase?.(key) ?? Promise.resolve(),
  };
  return store;
}

function suffer<T>(fault: Fault, work: () => Promise<T>): Promise<T> {
  if (fault === "throw") throw new Error("the store threw");
  if (fault === "reject") return Promise.reject(new Error("the store rejected"));
  if (fault === "hang") return new Promise(() => undefined);
  if (fault === "lost acknowledgement") return work().then(() => Promise.reject(new Error("connection lost")));
  return work();
}
