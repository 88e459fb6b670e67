import type { Request } from "express";
import { TwoFactorOptionsError } from "../../errors";
import { sitePathOf } from "./bases";
import { decoded } from "./spelling";
import { pathnameOf } from "../../options/path-of-site";

const mostDecodings = 5;

/** What the options of `gate({ under })` name. @throws TwoFactorOptionsError with the fix */
export function guardedPaths(options: unknown): readonly string[] {
  const given = typeof options === "object" && options !== null ? options : {};
  const { under } = given as { under?: unknown };
  const problems = Object.keys(given)
    .filter((name) => name !== "under")
    .map((name) => `\`${name}\` is no option of gate. Did you mean \`under\`?`);
  if (typeof under === "string") problems.push(`\`under\` must be a list. Did you mean under: ["${under}"]?`);
  else if (!Array.isArray(under) || under.length === 0) {
    problems.push(
      'gate needs the paths that it guards: gate({ under: ["/admin"] }). For the whole site: app.use(tfa).',
    );
  } else problems.push(...under.flatMap((path: unknown, index) => problemOf(path, `under[${index}]`)));
  if (problems.length > 0) throw new TwoFactorOptionsError(problems);
  return (under as string[]).map((path) => likened(path).replace(/\/$/, ""));
}

function problemOf(path: unknown, name: string): string[] {
  const isPlain = /^\/(?!\/)[^*:?#%\\(){}[\]\s]*$/;
  const isRight = (text: string) => isPlain.test(text) && !/\/\/|\/\.{1,2}(?:\/|$)/.test(text);
  if (typeof path === "string" && isRight(path)) return [];
  const plain =
    typeof path === "string" ? `/${path.replace(/^[/.]+/, "")}`.replace(/\/[^/]*[*:?#%\\(){}[\]\s].*$/, "") : "";
  const hint = plain.length > 1 && isRight(plain) ? ` Did you mean "${plain}"?` : "";
  return [`\`${name}\` must be a plain path of the site, such as "/admin": all below it is guarded.${hint}`];
}

/**
 * Whether a request asks for something under one of the paths, by any reading of its address that a router, a file
 * server or a proxy may have: as written, decoded once, decoded until nothing is left to decode; with its dot segments
 * and double slashes or without. What cannot be read is guarded.
 */
export function asksForUnder(req: Request, paths: readonly string[]): boolean {
  const addresses = new Set([sitePathOf(req), pathnameOf(withoutHost(req.originalUrl))]);
  // At the root of a sub-app, a host may think of the paths of that app.
  if (req.baseUrl !== "") addresses.add(req.path);
  return [...addresses].some((address) => {
    const readings = readingsOf(address);
    return readings === undefined || readings.some((reading) => paths.some((path) => isBelow(reading, path)));
  });
}

/** An absolute-form target (RFC 9112 §3.2.2) names a host before the path. */
const withoutHost = (url: string): string => url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "");

/** @returns `undefined` for an address that has none: malformed, or encoded without an end */
function readingsOf(address: string): string[] | undefined {
  const origin = "http://this.site";
  if (!URL.canParse(address, origin)) return undefined;
  // With what Node's URL makes of it, which takes `//x/admin` for the path of another host.
  const readings = [address, new URL(address, origin).pathname].flatMap((first) => {
    const decodings = [first];
    for (;;) {
      const last = decodings.at(-1) ?? "";
      const next = decoded(last);
      // Where a name ends that a program in C opens, and where not, is no longer to be told.
      if (last.includes("\0")) return [undefined];
      if (next === last) return decodings;
      if (next === undefined || decodings.length > mostDecodings) return [undefined];
      decodings.push(next);
    }
  });
  if (readings.includes(undefined)) return undefined;
  return (readings as string[]).map(likened).flatMap((text) => {
    const merged = text.replaceAll(/\/{2,}/g, "/");
    return [merged, resolved(merged), resolved(text).replaceAll(/\/{2,}/g, "/")].flatMap((path) => [
      path,
      onWindows(path),
    ]);
  });
}

/** Express compares without regard to case, file systems of some machines too, and these also without Unicode's forms. */
const likened = (path: string): string => path.normalize("NFKC").toLowerCase().replaceAll("\\", "/");

function resolved(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split("/").slice(1)) {
    if (segment === "..") segments.pop();
    else if (segment !== ".") segments.push(segment);
  }
  return `/${segments.join("/")}`;
}

/** Its file system drops dots and spaces at the end of a name, and has streams after a colon. */
const onWindows = (path: string): string => path.replaceAll(/(?:[. ]+|:[^/]*)(?=\/|$)/g, "");

const isBelow = (reading: string, path: string): boolean =>
  reading.startsWith(path) && ["", "/", "?", "#", ";"].includes(reading.charAt(path.length));
