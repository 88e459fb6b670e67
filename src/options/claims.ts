import { likened } from "./path-of-site";
import type { Settings } from "./index";

type UserOf = Settings["user"];
type Claim = Pick<Settings, "store" | "scope" | "path" | "user">;

/** What the instances on one store have taken so far. */
interface Claims {
  userOfScope: Map<string, UserOf>;
  scopeOfPath: Map<string, string>;
}

const claims = new WeakMap<object, Claims>();

/** Bundles load a module twice, and configurations are read twice: the same text is the same function. */
const isSame = (a: UserOf, b: UserOf): boolean => a === b || String(a) === String(b);

/**
 * A store keeps one set of users a scope: two instances with different users on it would take number 1 of the one for
 * number 1 of the other, and let each in with the other's authenticator. And two scopes are two kinds of users of one
 * site: under one `path` whichever instance comes first would answer for both; instances on stores of their own are told
 * by the first request that meets both.
 * @returns what is wrong, for the error of the options; who is refused takes nothing
 */
export function claim({ store, scope, path, user }: Claim): string[] {
  const taken: Claims = claims.get(store) ?? { userOfScope: new Map(), scopeOfPath: new Map() };
  const otherUser = taken.userOfScope.get(scope);
  const otherScope = taken.scopeOfPath.get(likened(path));
  const problems: string[] = [];
  if (otherUser !== undefined && !isSame(otherUser, user)) {
    problems.push(
      `Another instance with another \`user\` has \`scope: "${scope}"\` on this store: give each its own \`scope\` and \`path\`.`,
    );
  }
  if (otherScope !== undefined && otherScope !== scope) {
    problems.push(
      `\`path: "${path}"\` is already that of the scope "${otherScope}" on this store: give the scope "${scope}" its own, such as path: "/${scope}${path}".`,
    );
  }
  if (problems.length > 0) return problems;
  taken.userOfScope.set(scope, otherUser ?? user);
  taken.scopeOfPath.set(likened(path), scope);
  claims.set(store, taken);
  return [];
}
