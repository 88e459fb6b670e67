/** Where a request waits until the test lets it go on. */
export class Barrier {
  arrive!: () => void;
  release!: () => void;
  readonly arrived = new Promise<void>((resolve) => (this.arrive = resolve));
  readonly released = new Promise<void>((resolve) => (this.release = resolve));

  pass(): Promise<void> {
    this.arrive();
    return this.released;
  }
}
