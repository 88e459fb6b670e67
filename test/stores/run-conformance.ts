import { test } from "vitest";
import { conformance, type MakeStore } from "../../src/stores/conformance";

/** One test a promise of the published kit; what a store does not let it examine shows as skipped. */
export function testConformance(makeStore: MakeStore): void {
  test.for(conformance.map(({ name, run }) => [name, run] as const))("%s", async ([, run], context) => {
    await run(makeStore, { skip: (why) => context.skip(why) });
  });
}
