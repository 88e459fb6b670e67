import type { HttpParts, KnownCaller } from "../caller";
import type { KeysPage } from "../render/keys-part";
import type { PageProblem } from "../render/pages";
import { confirmPage } from "./changes";
import { keysPart } from "./prompts";
import type { Again } from "./route";

export async function keysPage(parts: HttpParts, caller: KnownCaller): Promise<(problem?: PageProblem) => KeysPage> {
  const { keys } = await keysPart(parts, caller);
  const shown = keys ?? { list: [], hasRoom: false, required: false };
  return (problem) => ({
    page: "keys",
    keys: shown,
    required: caller.need.is === "must",
    ...(problem && { problem }),
  });
}

/** The form of a removal is its own page. */
export const againRemove: Again = (parts, caller, { id }) =>
  typeof id === "string" && caller.facts.enrolled
    ? (problem) => confirmPage(parts, caller, "remove-key", { problem, keyId: id })
    : keysPage(parts, caller);

/** Where the name is typed, with the cursor in it. */
export const againRename: Again = async (parts, caller, { id }) => {
  const page = await keysPage(parts, caller);
  const isThere = page().keys.list.some((key) => key.id === id);
  return (problem) => ({ ...page(problem), ...(isThere && typeof id === "string" && { renaming: id }) });
};
