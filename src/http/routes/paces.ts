import type { BudgetName, Budgets } from "../../service/budgets";
import type { KnownCaller } from "../caller";

/** What each login has of its own, and what those together have which nothing but a cookie tells apart. */
interface Paced {
  each: BudgetName;
  together: BudgetName;
}

type Pace = readonly [name: BudgetName, whose: { key: string }];

/**
 * Each login has its own, so that nobody who knows the password can use up the owner's; a new one costs a login. Where
 * nothing tells logins apart (a session in a cookie), known browsers have theirs, and any other login goes by the name that
 * it got as it first owed its proof. Who throws that away gets another, so those together have a wide one besides.
 */
export function pacesOf({ subject, kept, access, state }: KnownCaller, { each, together }: Paced): readonly Pace[] {
  const { key } = subject;
  const own = kept.id ?? access.lane;
  if (own !== undefined) return [[each, { key: `${key} ${own}` }]];
  return [
    [each, { key: `${key} ${state.askedAs ?? ""}` }],
    [together, subject],
  ];
}

/** All or none of them. @returns seconds to wait */
export function takeAll(budgets: Budgets, paces: readonly Pace[]): number {
  for (const [index, pace] of paces.entries()) {
    const wait = budgets.take(...pace);
    if (wait === 0) continue;
    giveAllBack(budgets, paces.slice(0, index));
    return wait;
  }
  return 0;
}

export function giveAllBack(budgets: Budgets, paces: readonly Pace[]): void {
  for (const pace of paces) budgets.giveBack(...pace);
}
