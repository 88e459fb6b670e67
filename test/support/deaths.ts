import { afterEach, beforeEach } from "vitest";

/** Every test of the file fails by whatever would have ended a process outside of the test runner. */
export function failOnDeath(): void {
  const heard: unknown[] = [];
  const hear = (error: unknown) => void heard.push(error);
  beforeEach(() => void process.on("uncaughtException", hear).on("unhandledRejection", hear));
  afterEach(async () => {
    // A rejection is told as unhandled only once the tasks under way are done.
    await new Promise(setImmediate);
    process.off("uncaughtException", hear).off("unhandledRejection", hear);
    if (heard.length > 0) throw new AggregateError(heard.splice(0), "The process would have ended.");
  });
}
