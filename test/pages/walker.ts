import type { Response } from "supertest";
import type { Browser } from "../support/host";

interface Form {
  action: string;
  hidden: Readonly<Record<string, string>>;
  /** What a person types, by the field's name. */
  typed: readonly string[];
}

interface Shown {
  /** As the address bar has it. */
  address: string;
  status: number;
  title: string;
  links: readonly string[];
  forms: readonly Form[];
}

export type Make = () => Promise<Browser>;

const plain = (text: string): string =>
  text.replaceAll("&#34;", '"').replaceAll("&#39;", "'").replaceAll("&lt;", "<").replaceAll("&amp;", "&");

const attribute = (tag: string, name: string): string | undefined => {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return found === undefined ? undefined : plain(found);
};

const all = (text: string, pattern: RegExp): string[] => Array.from(text.matchAll(pattern), ([whole]) => whole);

/** Our pages are written by us: no parser is needed for them. */
function read(address: string, { status, text }: Response): Shown {
  const main = /<main[\s\S]*<\/main>/.exec(text)?.[0] ?? "";
  const links = all(main, /<a\s[^>]*>/g).map((tag) => attribute(tag, "href") ?? "");
  const forms = all(main, /<form[\s\S]*?<\/form>/g).map((form): Form => {
    const inputs = all(form, /<input[^>]*>/g).map((tag) => ({
      name: attribute(tag, "name") ?? "",
      value: attribute(tag, "value") ?? "",
      isHidden: attribute(tag, "type") === "hidden",
    }));
    const hidden = inputs.filter(({ isHidden }) => isHidden).map(({ name, value }) => [name, value] as const);
    return {
      action: attribute(form, "action") ?? "",
      hidden: Object.fromEntries(hidden),
      typed: inputs.filter(({ isHidden }) => !isHidden).map(({ name }) => name),
    };
  });
  const title = /<h1[^>]*>([\s\S]*?)<\/h1>/.exec(main)?.[1]?.trim() ?? "";
  return { address, status, title, links: links.filter((href) => href.startsWith("/")), forms };
}

const isOurs = (address: string): boolean => address.startsWith("/two-factor");

/** As a browser goes on: what it ends at, ours or not. */
async function follow(browser: Browser, address: string, first?: Response): Promise<Shown> {
  let at = address;
  let answer = first ?? (await browser.visit(at));
  for (let hops = 0; answer.headers["location"] !== undefined && hops < 6; hops += 1) {
    at = answer.headers["location"];
    answer = await browser.visit(at);
  }
  return read(at, answer);
}

/** The page of a lock is what there is to see while it holds, and that there is no recovery once it was stopped. */
const states: Readonly<Record<string, number>> = { "Too many wrong codes": 429, "No recovery is under way": 410 };

const isRefused = ({ status, title }: Shown): boolean => status >= 400 && states[title] !== status;

/** Somebody on a page of ours can go on: by a link or a button. */
const isDeadEnd = ({ address, links, forms }: Shown): boolean =>
  isOurs(address) && links.length === 0 && forms.length === 0;

const signature = ({ action, hidden, typed }: Form): string =>
  `${action} (${[...Object.keys(hidden), ...typed].toSorted((a, b) => a.localeCompare(b)).join(", ")})`;

/** Each page that links lead to from these addresses; what is wrong is added. */
async function pagesFrom(browser: Browser, addresses: readonly string[], wrong: string[]): Promise<Shown[]> {
  const seen = new Set<string>();
  const pages: Shown[] = [];
  const next = addresses.map((address) => ({ address, from: "" }));
  for (let go = next.shift(); go !== undefined; go = next.shift()) {
    const { address, from } = go;
    if (seen.has(address)) continue;
    seen.add(address);
    const shown = await follow(browser, address);
    // What somebody types into the address bar may be not for them; a link of ours is.
    if (from !== "" && isRefused(shown)) wrong.push(`${from} links to ${address}: ${shown.status} ${shown.title}`);
    if (isDeadEnd(shown)) wrong.push(`${address} is a dead end: ${shown.status} ${shown.title}`);
    if (!isOurs(shown.address)) continue;
    pages.push(shown);
    next.push(...shown.links.map((link) => ({ address: link, from: address })));
  }
  return pages;
}

/** Sends one form; where that leads is no dead end, its links lead somewhere, and it can be reloaded. */
async function send(make: Make, page: Shown, form: Form, typed: Readonly<Record<string, string>>): Promise<string[]> {
  const browser = await make();
  const now = await follow(browser, page.address);
  const same = now.forms.find((other) => signature(other) === signature(form));
  // The walk had begun a set-up on its way there: that is another state.
  if (same === undefined) return [];
  const { action, hidden } = same;
  const what = `${page.title}: ${signature(form)} ${JSON.stringify(typed)}`;
  const answer = await browser.submit(action, { ...hidden, ...typed });
  // A file, or the host's own logout.
  if (!isOurs(action) || answer.headers["content-disposition"] !== undefined) return [];
  const shown = await follow(browser, action, answer);
  const wrong: string[] = [];
  const isRedirected = answer.headers["location"] !== undefined;
  if (isRedirected && isRefused(shown)) wrong.push(`${what} leads to ${shown.address}: ${shown.status}`);
  if (answer.status >= 500) wrong.push(`${what}: ${answer.status}`);
  if (isDeadEnd(shown)) wrong.push(`${what} is a dead end: ${shown.status} ${shown.title}`);
  const reloaded = await follow(browser, shown.address);
  if (isRefused(reloaded)) wrong.push(`${what}, reloaded at ${shown.address}: ${reloaded.status} ${reloaded.title}`);
  await pagesFrom(browser, [shown.address, ...shown.links], wrong);
  for (const link of shown.links) {
    const there = await follow(browser, link);
    if (isRefused(there)) wrong.push(`${what} links to ${link}: ${there.status} ${there.title}`);
  }
  return wrong;
}

/** All that is amiss in one state. @param make the state anew, for each form may end it */
export async function walk(make: Make, addresses: readonly string[]): Promise<{ titles: string[]; wrong: string[] }> {
  const wrong: string[] = [];
  const pages = await pagesFrom(await make(), addresses, wrong);
  const sent = new Set<string>();
  for (const page of pages) {
    for (const form of page.forms) {
      const name = `${page.title} ${signature(form)}`;
      if (sent.has(name)) continue;
      sent.add(name);
      wrong.push(...(await send(make, page, form, Object.fromEntries(form.typed.map((field) => [field, ""])))));
      const code = form.typed.find((field) => field === "code" || field === "enrolmentCode");
      if (code !== undefined) wrong.push(...(await send(make, page, form, { [code]: "000000" })));
    }
  }
  return { titles: [...new Set(pages.map(({ title }) => title))], wrong };
}
