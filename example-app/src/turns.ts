/**
 * Lets the requests of one key pass one after another. A limit that counts before the work and takes back after it
 * would otherwise refuse right passwords that arrive together, or (counting after) let guesses through together.
 */
export class Turns {
  readonly #queues = new Map<string, { last: Promise<void>; waiting: number }>();

  /** @param maxWaiting of one key; who comes after them is not let in at all. */
  constructor(readonly maxWaiting: number) {}

  /** @returns how to give the turn to the next, or `undefined` when too many wait already. */
  async take(key: string): Promise<(() => void) | undefined> {
    const queue = this.#queues.get(key) ?? { last: Promise.resolve(), waiting: 0 };
    if (queue.waiting >= this.maxWaiting) return undefined;

    const before = queue.last;
    let pass!: () => void;
    queue.last = new Promise<void>((resolve) => (pass = resolve));
    queue.waiting += 1;
    this.#queues.set(key, queue);
    await before;

    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      queue.waiting -= 1;
      if (queue.waiting === 0) this.#queues.delete(key);
      pass();
    };
  }
}
