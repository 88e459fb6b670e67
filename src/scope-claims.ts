import type { Settings } from "./options";

type UserOf = Settings["user"];

const claims = new WeakMap<object, Map<string, UserOf>>();

/** Bundles load a module twice, and configurations are read twice: the same text is the same function. */
const isSame = (a: UserOf, b: UserOf): boolean => a === b || String(a) === String(b);

/**
 * A store keeps one set of users a scope: two instances with different users on it would take number 1 of the one for
 * number 1 of the other, and let each in with the other's authenticator.
 * @returns what is wrong, for the error of the options
 */
export function claimScope({ store, scope, user }: Pick<Settings, "store" | "scope" | "user">): string[] {
  const scopes = claims.get(store) ?? new Map<string, UserOf>();
  const owner = scopes.get(scope);
  if (owner !== undefined && !isSame(owner, user)) {
    return [
      `Another instance with another \`user\` has \`scope: "${scope}"\` on this store: give each its own \`scope\` and \`path\`.`,
    ];
  }
  claims.set(store, scopes.set(scope, owner ?? user));
  return [];
}
