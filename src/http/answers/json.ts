import type { Exchange } from "../caller";
import type { Kept } from "../session/kept";
import { uncached } from "./headers";

/** What `JSON.stringify` makes `Data` of: where a text is told, a date may stand. */
type BeforeJson<Data> = string extends Data
  ? Data | Date
  : Data extends string | number | boolean | undefined
    ? Data
    : Data extends readonly (infer Item)[]
      ? readonly BeforeJson<Item>[]
      : { readonly [Name in keyof Data]: BeforeJson<Data[Name]> };

/**
 * `sendJson<Status>(…)`: which of the client's shapes (src/client/data.ts) it is has to be said, so that server and
 * client cannot tell two stories. That docs/openapi.yaml tells the same is tested on every answer.
 */
export function sendJson<Data = never>(
  { res, kept }: Exchange & { kept?: Kept },
  status: number,
  body: BeforeJson<NoInfer<Data>>,
): void {
  uncached(res);
  res.status(status).json({ ...(body as object), ...kept?.told() });
}
