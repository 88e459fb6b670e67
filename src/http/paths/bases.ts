import type { Request } from "express";
import { TwoFactorError } from "../../errors";
import type { Settings } from "../../options";
import { pathOfApp } from "./mountable";
import { decoded } from "./spelling";
import { shownPath, type Warn } from "../warnings";
import { isUnder, pathOfThisSite, withoutTrailingSlash } from "../../options/path-of-site";

/** Where our links of one request begin, and what of ours it asks for. */
export interface Place {
  base: string;
  /** Below `base`, without a slash at its end; absent where the request asks for nothing of ours. */
  path?: string;
}

export interface Bases {
  /** For whatever stands apart from our routes. */
  of(req: Request): string;
  ofMiddleware(req: Request): Place;
  ofRoutes(req: Request): Place;
}

/** The undecoded path of the site that is asked for: what the host's routers see, with the mount before it. */
export const sitePathOf = (req: Request): string => req.baseUrl + (req.path ?? "/");

/** The mount that the host chose for whoever reads this; `""` at the root, and where a wildcard stands for any address. */
export const mountOf = (req: Request): string => (isWildcard(req) ? "" : req.baseUrl);

/**
 * `app.use("/*splat", …)`, Express 4's `"*"` and Nest's `forRoutes("{*all}")` take the whole address for the mount. What
 * they matched is a list in Express 5, and has a number for a name in 4.
 */
function isWildcard({ baseUrl, path, params }: Request): boolean {
  if (baseUrl === "" || path !== "/") return false;
  const plain = (text: string) => text.replace(/\/+$/, "");
  const whole = plain(decoded(baseUrl) ?? baseUrl);
  return Object.entries((params ?? {}) as Record<string, unknown>).some(([name, value]) => {
    if (!Array.isArray(value) && !/^\d+$/.test(name)) return false;
    const matched = plain([value].flat().join("/"));
    return matched === whole || `/${matched}` === whole;
  });
}

/**
 * Where our links lead. A request that comes through our routes says so for itself; what it says reaches no other
 * request, for visitors write addresses. All others go by the host's configuration: the one place where `tfa.routes` are
 * mounted, or `path`.
 */
export function createBases({ path }: Settings, mounts: () => (string | undefined)[], warn: Warn): Bases {
  const seen = new WeakMap<Request, string>();
  const configured = (): string => {
    const known = mounts();
    if (known.length === 0) return path;
    const [mount, ...others] = new Set(known);
    return mount !== undefined && others.length === 0 ? (pathOfThisSite(mount) ?? path) : path;
  };
  /** `here` comes from the address, so it is used only if it is a path of this site. */
  const at = (req: Request, site: string, here: string): Place => {
    const usual = configured();
    const ours = () => [usual, pathOfThisSite(here)].find((one) => one?.toLowerCase() === here.toLowerCase()) ?? path;
    const base = here === path ? path : ours();
    if (base !== usual) seen.set(req, base);
    return isUnder(site, here) ? { base, path: withoutTrailingSlash(site.slice(here.length)) || "/" } : { base };
  };
  return {
    of: (req) => seen.get(req) ?? configured(),
    ofMiddleware(req) {
      const [site, mount] = [sitePathOf(req), mountOf(req)];
      if (mount === "") return at(req, site, path);
      const isBelowMount = path.length > mount.length && isUnder(path, mount);
      if (!isBelowMount) {
        if (mount.toLowerCase() !== pathOfApp(req.app)?.toLowerCase()) warnOfPart(warn, req, mount, path);
        throwIfSwallowed(req, path);
      }
      return at(req, site, isBelowMount || isUnder(site, path) ? path : mount + path);
    },
    ofRoutes(req) {
      const [site, mount] = [sitePathOf(req), mountOf(req)];
      if (mount === "" || (path.length > mount.length && isUnder(path, mount))) return at(req, site, path);
      if (mount.toLowerCase() !== configured().toLowerCase()) warnOfMount(warn, req, mount, configured());
      return at(req, site, mount);
    },
  };
}

/** A pattern that takes the whole address for the mount and does not say so would lead from our page to our page. */
function throwIfSwallowed(req: Request, path: string): void {
  if (req.path !== "/" || req.baseUrl.toLowerCase().indexOf(`${path.toLowerCase()}/`) < 1) return;
  throw new TwoFactorError(
    "MISCONFIGURED",
    "express-two-factor is mounted at a pattern that swallows the whole address: say app.use(tfa), without a path.",
  );
}

function warnOfPart(warn: Warn, req: Request, mount: string, path: string): void {
  const shown = shownPath(mount);
  const meant = hasParameters(req)
    ? ""
    : ` If a router at "${shown}" is meant, say path: "${shownPath(mount + path)}".`;
  warn(
    "GUARDS_A_PART",
    `app.use("${shown}", tfa) guards only what Express matches below that path. Say app.use(tfa), and in the option path where its pages are; to guard a part, app.use(tfa.routes) and app.use(tfa.gate({ under: ["${shown}"] })).${meant}`,
  );
}

function warnOfMount(warn: Warn, req: Request, mount: string, base: string): void {
  const shown = shownPath(mount);
  warn(
    "MOUNTED_ELSEWHERE",
    hasParameters(req)
      ? `tfa.routes are mounted at a path with parameters. Whatever stands apart from them (tfa.gate, tfa.pending, requireRecent) leads to "${base}": mount them there, too, or an instance for each place with its own path.`
      : `tfa.routes were reached at "${shown}", but the gate and tfa.pending lead to "${base}". If that is where they are mounted, say path: "${shown}".`,
  );
}

const hasParameters = (req: Request): boolean => Object.keys(req.params ?? {}).length > 0;
