import { test } from "vitest";
import { conformance, type MakeStore } from "../../src/stores/conformance";

/** One test a promise of the published kit. */
export function testConformance(makeStore: MakeStore): void {
  test.each(conformance.map(({ name, run }) => [name, run] as const))("%s", async (_, run) => {
    await run(makeStore);
  });
}
