import { expect, vi } from "vitest";
import { memoryStore } from "../../src";

/** A process whose writes wait until they are let go. */
export function heldStore() {
  const store = memoryStore();
  const held: (() => void)[] = [];
  let holds = false;
  const compareAndSet: typeof store.compareAndSet = async (...write) => {
    if (holds) await new Promise<void>((resolve) => held.push(resolve));
    return store.compareAndSet(...write);
  };
  return {
    store,
    slow: { ...store, compareAndSet },
    hold: () => (holds = true),
    isHeld: () => vi.waitFor(() => expect(held).toHaveLength(1)),
    release() {
      holds = false;
      for (const resolve of held) resolve();
    },
  };
}
