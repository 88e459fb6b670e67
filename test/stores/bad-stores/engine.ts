import type { MakeStore, StoreUnderTest } from "../../../src/stores/conformance";
import type { StoredRecord, TwoFactorStore } from "../../../src/stores/store";

/** An engine as far away as a database: each statement takes a turn of the event loop, and is one step on arrival. */
export class Engine {
  rows = new Map<string, StoredRecord>();

  async read(userId: string): Promise<StoredRecord | undefined> {
    await away();
    return copyOf(this.rows.get(userId));
  }

  async write(userId: string, next: StoredRecord): Promise<void> {
    await away();
    this.rows.set(userId, { ...next });
  }

  async compareAndSet(userId: string, expected: string | undefined, next: StoredRecord): Promise<boolean> {
    await away();
    if (this.rows.get(userId)?.revision !== expected) return false;
    this.rows.set(userId, { ...next });
    return true;
  }

  async remove(userId: string): Promise<void> {
    await away();
    this.rows.delete(userId);
  }
}

export const away = () => new Promise((resolve) => setImmediate(resolve));
export const copyOf = (row: StoredRecord | undefined) => (row === undefined ? undefined : { ...row });

/** A right store, which each bad one differs from in one method. */
export function goodStore(engine: Engine): Required<TwoFactorStore> {
  return {
    get: (userId) => engine.read(userId),
    compareAndSet: (userId, expected, next) => engine.compareAndSet(userId, expected, next),
    erase: (userId) => engine.remove(userId),
    async *userIds(after = "") {
      for (const userId of [...engine.rows.keys()].sort()) if (userId > after) yield userId;
    },
  };
}

export type Change = (good: Required<TwoFactorStore>, engine: Engine) => Partial<TwoFactorStore>;

/** Two clients with the same flaw on one engine; state outside of the engine is each client's own. */
export const flawed =
  (
    change: Change,
    hooks: (engine: Engine, clients: TwoFactorStore[]) => Partial<StoreUnderTest> = () => ({}),
  ): MakeStore =>
  () => {
    const engine = new Engine();
    const client = (): TwoFactorStore => {
      const good = goodStore(engine);
      return { ...good, ...change(good, engine) };
    };
    const clients = [client(), client()] as const;
    return { clients, ...hooks(engine, [...clients]) };
  };

/** A flaw, the promises that the kit must name for it, and the store that has it. */
export type BadStore = [flaw: string, caughtBy: string[], make: MakeStore];
