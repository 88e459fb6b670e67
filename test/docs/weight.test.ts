import { expect, test } from "vitest";
import { textOf } from "./pages";

interface Locked {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}
const { packages } = JSON.parse(textOf("package-lock.json")) as { packages: Record<string, Locked> };

/** Where Node would find it, from a package's own folder upwards. */
function placeOf(name: string, from: string): string {
  const place = `${from && `${from}/`}node_modules/${name}`;
  if (place in packages || from === "") return place;
  return placeOf(name, from.slice(0, Math.max(0, from.lastIndexOf("/node_modules/"))));
}

/** What npm installs for a host: what package.json names, and what that needs. */
function installed(place = "", found = new Set<string>()): Set<string> {
  if (found.has(place)) return found;
  found.add(place);
  const { dependencies, optionalDependencies } = packages[place] ?? {};
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) installed(placeOf(name, place), found);
  return found;
}

test("the README says of how many packages an install is (node bench/install.mjs)", () => {
  const [, said] = /An install is (\d+) packages, itself included/.exec(textOf("README.md"))!;
  expect(Number(said)).toBe(installed().size);
});
