import type { BudgetName } from "../../service/budgets";
import type { Exchange, HttpParts, KnownCaller } from "../caller";
import type { Fields } from "../input/body";
import type { Readers } from "../input/fields";
import type { Page, PageProblem } from "../render/pages";
import type { Purpose } from "../session/state";

/** Serves one route; what a `POST` brings along has been read. */
export type Handler<Input = object> = (parts: HttpParts, caller: KnownCaller, input: Input) => Promise<void>;

/**
 * The page with the form on it, to be shown again with what was wrong. `undefined`: there is no such page now.
 * @param fields as they came, unread: for what the form was about
 */
export type Again = (
  parts: HttpParts,
  caller: KnownCaller,
  fields: Fields,
) => ((problem: PageProblem) => Page) | undefined | Promise<((problem: PageProblem) => Page) | undefined>;

interface RouteOptions {
  /** Open to somebody who still owes a proof. */
  unproven?: true;
  again?: Again;
  /** What keys are asked for here; also where one answers instead of a code. */
  purpose?: Purpose;
  /** Of keys: there only where the host has loaded them. */
  ofKeys?: true;
  /** Open also to who is proven by what only leads to another key. */
  addsKey?: true;
  /** There only with the option `recovery`. */
  ofRecovery?: true;
  /** Open to whoever a recovery lets set up, besides those who have proven or have nothing. */
  recovering?: true;
  /** What it costs the server, where no code is asked for it. `forPages`: a program's answer costs next to nothing. */
  budget?: { name: BudgetName; forPages?: true };
}

export interface Route extends RouteOptions {
  handler: Handler<never>;
  input: Readers<object>;
  /** Of a link in a mail: nobody has to be signed in, and nothing of a session is read. */
  byLink?: (parts: HttpParts, exchange: Exchange) => Promise<void>;
}

export const get = (handler: Handler, options: RouteOptions = {}): Route => ({ handler, input: {}, ...options });
export const post = <Input extends object>(
  handler: Handler<Input>,
  input: Readers<Input>,
  options: RouteOptions = {},
): Route => ({ handler, input, ...options });

export const byLink = (serve: NonNullable<Route["byLink"]>, options: RouteOptions): Route => ({
  handler: (parts, caller) => serve(parts, caller),
  input: {},
  byLink: serve,
  ...options,
});

export type Routes = Readonly<Record<string, Readonly<Partial<Record<"GET" | "POST", Route>>>>>;
