import { apart } from "./conformance-cases/apart";
import { faithful } from "./conformance-cases/faithful";
import { listing } from "./conformance-cases/listing";
import { oneWinner } from "./conformance-cases/one-winner";
import type { ConformanceCase } from "./conformance-cases/subject";

export type {
  ConformanceCase,
  ConformanceResult,
  MakeStore,
  SkippableTest,
  StoreUnderTest,
} from "./conformance-cases/subject";

/**
 * What every store must keep, one promise a case, for any test runner:
 *
 *     const make = () => ({ clients: [myStore(a), myStore(b)] });
 *     for (const { name, run } of conformance) test(name, (t) => run(make, t));
 *
 * `run` rejects with an `AssertionError` that says what went wrong. Give a throw-away database, allow 30 seconds a case,
 * and give two clients with connections of their own: a store that is right only within one process fails between them. What
 * is not examined, as a hook is not given, is said to be skipped.
 */
export const conformance: ConformanceCase[] = [...faithful, ...oneWinner, ...apart, ...listing];
