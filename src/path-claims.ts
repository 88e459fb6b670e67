import type { Settings } from "./options";

const claims = new WeakMap<object, Map<string, string>>();

/**
 * Two scopes on one store are two kinds of users of one site: under one `path` whichever instance comes first would
 * answer for both. Instances on stores of their own are told by the first request that meets both.
 * @returns what is wrong, for the error of the options
 */
export function claimPath({ store, scope, path }: Pick<Settings, "store" | "scope" | "path">): string[] {
  const paths = claims.get(store) ?? new Map<string, string>();
  const owner = paths.get(path.toLowerCase());
  if (owner !== undefined && owner !== scope) {
    return [
      `\`path: "${path}"\` is already that of the scope "${owner}" on this store: give the scope "${scope}" its own, such as path: "/${scope}${path}".`,
    ];
  }
  claims.set(store, paths.set(path.toLowerCase(), scope));
  return [];
}
