import { existsSync, readFileSync } from "node:fs";
import { dirname, extname, relative, resolve } from "node:path";
import { TwoFactorError } from "../../errors";
import { ejs } from "./ejs";
import { ownViews } from "./stylesheet";

export type ViewData = Readonly<Record<string, unknown>>;

type Compiled = (data: ViewData) => string;

/** Named in full: the host may use the same copy of EJS, and may have changed its global defaults. */
const compileOptions = {
  compileDebug: false,
  delimiter: "%",
  openDelimiter: "<",
  closeDelimiter: ">",
  localsName: "locals",
  strict: false,
} as const;

/** A name that starts so always means our own view, also where the host has one of the same name. */
const ownPrefix = "two-factor/";

/**
 * The templates of one renderer, each read and compiled once. EJS's own cache and `include` are left out: that cache is
 * shared by everyone in the process, while which file a name means is each renderer's own matter.
 */
export class Templates {
  private readonly compiled = new Map<string, Compiled>();
  private readonly found = new Map<string, string>();
  private readonly roots: readonly string[];

  /** @param folder the host's views; they come before ours, and may include ours */
  constructor(folder?: string) {
    this.roots = folder === undefined ? [ownViews] : [folder, ownViews];
  }

  /** Finds a mistake in a view of the host's before the first visitor does; ours are tested, and compiled when they are shown. */
  prepare(name: string): void {
    const file = this.find(name);
    if (dirname(file) !== ownViews) this.compile(file);
  }

  render(name: string, data: ViewData): string {
    return this.run(this.find(name), data);
  }

  private run(file: string, data: ViewData): string {
    const template = this.compile(file);
    const include = (name: string, more: ViewData = {}): string =>
      this.run(this.find(name, dirname(file)), { ...data, ...more });
    try {
      return template({ ...data, include });
    } catch (cause) {
      if (cause instanceof TwoFactorError) throw cause;
      throw new TwoFactorError("MISCONFIGURED", `The view ${this.nameOf(file)} failed.`, { cause });
    }
  }

  private compile(file: string): Compiled {
    const known = this.compiled.get(file);
    if (known) return known;
    try {
      const text = readFileSync(file, "utf8").replace(/^\uFEFF/, "");
      const template: Compiled = ejs().compile(text, { ...compileOptions, escape: ejs().escapeXML });
      this.compiled.set(file, template);
      return template;
    } catch (cause) {
      throw new TwoFactorError("MISCONFIGURED", `The view ${this.nameOf(file)} is no valid EJS template.`, { cause });
    }
  }

  private find(name: string, besides = ""): string {
    const key = `${besides}\n${name}`;
    const known = this.found.get(key);
    if (known !== undefined) return known;
    const own = name.startsWith(ownPrefix);
    const wanted = own ? name.slice(ownPrefix.length) : name;
    const file = extname(wanted) === "" ? `${wanted}.ejs` : wanted;
    const places = own ? [ownViews] : [...(besides === "" ? [] : [besides]), ...this.roots];
    const found = places.map((place) => resolve(place, file)).find((candidate) => existsSync(candidate));
    if (found === undefined) throw new TwoFactorError("MISCONFIGURED", `There is no view "${name}".`);
    this.found.set(key, found);
    return found;
  }

  private nameOf(file: string): string {
    const root = this.roots.find((candidate) => !relative(candidate, file).startsWith("..")) ?? dirname(file);
    return `"${relative(root, file)}"`;
  }
}
