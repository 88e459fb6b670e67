import { withoutTrailingSlash } from "../../options/path-of-site";

/** What Express keeps of an app that is mounted in another, read without trusting it. */
interface MountedApp {
  mountpath?: unknown;
  parent?: MountedApp | undefined;
}

/** Asked of each request, so made once. */
const nowhere: (string | undefined)[] = [];

/**
 * Express takes a function with `handle` and `set` for an app, and tells it where it is mounted, at that moment: by the
 * host's own line of code, not by what a visitor asks for.
 * @returns the mounts so far, as paths of the site; `undefined` stands for one with a pattern
 */
export function listenForMounts(middleware: (...args: never[]) => void): () => (string | undefined)[] {
  const mounts: MountedApp[] = [];
  const app: MountedApp & { handle: unknown } = Object.assign(middleware, {
    handle: middleware,
    set: () => middleware,
    emit: () => mounts.push({ mountpath: app.mountpath, parent: app.parent }) > 0,
  });
  // Asked late: the parent may itself be mounted after us.
  return () => (mounts.length === 0 ? nowhere : mounts.map(pathOfApp));
}

/** @returns `""` for an app that is not mounted, or at the root; `undefined` where a pattern is in between */
export function pathOfApp({ mountpath, parent }: MountedApp): string | undefined {
  if (parent === undefined) return "";
  const above = pathOfApp(parent);
  // In either version's patterns these mean something.
  if (above === undefined || typeof mountpath !== "string" || /[:*?+!(){}[\]\\]/.test(mountpath)) return undefined;
  return withoutTrailingSlash(above + mountpath).replace(/^\/$/, "");
}
