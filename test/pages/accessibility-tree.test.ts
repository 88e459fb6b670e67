import type { Browser, CDPSession, Page as Tab } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { qrCodeSvg } from "../../src/http/render/qr";
import { createRenderer, stylesheet } from "../../src/http/render/renderer";
import type { Page } from "../../src/http/render/pages";
import { launchChromium } from "../support/services/chromium";
import { contextIn, links, now, otpauthUri, samplePages } from "./samples";

vi.setConfig({ testTimeout: 120_000 });

const help = "help@example.com";
const renderer = createRenderer({ issuer: "EventHub", now: () => now, help });

interface Said {
  role: string;
  name: string;
  /** What is said besides, and what state it is in. */
  more: readonly string[];
  depth: number;
}

let browser: Browser;
let tab: Tab;
let session: CDPSession;
let pages: Readonly<Record<string, Page>>;

beforeAll(async () => {
  pages = samplePages(await qrCodeSvg(otpauthUri));
  browser = await launchChromium();
  tab = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  session = await tab.context().newCDPSession(tab);
  await session.send("Accessibility.enable");
});
afterAll(() => browser?.close());

const styleLink = `<link rel="stylesheet" href="${links.stylesheet}">`;

/** What is hidden without scripting, as the script shows it. */
const byScript = (html: string): string =>
  html
    .replaceAll("data-tf-key hidden", "data-tf-key")
    .replaceAll('id="tf-key-unable"', "hidden")
    .replaceAll(/(id="tf-(copy|print)"[^>]*) hidden/g, "$1");

async function documentOf(name: string, locale: string): Promise<string> {
  const result = await renderer.render(pages[name] as Page, contextIn(locale, { timeZone: "UTC" }));
  const html = "document" in result ? result.document : "";
  const styled = html.replace(styleLink, `<style>${String(stylesheet.body)}</style>`);
  return name.startsWith("key-") ? byScript(styled) : styled;
}

/** Of texts only what is announced by itself: the others are in the views. */
const saysNothing = new Set(["generic", "paragraph", "LabelText"]);
const isText = (role: string): boolean => ["StaticText", "InlineTextBox", "LineBreak", "ListMarker"].includes(role);
const isLive = (role: string): boolean => role === "alert" || role === "status";
const states = ["live", "invalid", "required", "level", "expanded", "checked"];

const inEnglish = new Map<string, Promise<Said[]>>();

/** What assistive technology gets of a page, from the top. */
function treeOf(name: string, locale = "en"): Promise<Said[]> {
  if (locale !== "en") return readTree(name, locale);
  const known = inEnglish.get(name) ?? readTree(name, locale);
  inEnglish.set(name, known);
  return known;
}

async function readTree(name: string, locale: string): Promise<Said[]> {
  await tab.setContent(await documentOf(name, locale));
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const said: Said[] = [];
  const text = (value: unknown): string => (typeof value === "string" ? value.trim() : "");
  function visit(id: string, depth: number, announced: boolean): void {
    const node = byId.get(id);
    if (node === undefined) return;
    const role = text(node.role?.value);
    const isSaid = !node.ignored && role !== "none" && !saysNothing.has(role) && (!isText(role) || announced);
    if (isSaid && role !== "InlineTextBox") {
      const description = text(node.description?.value);
      const inStates = (node.properties ?? [])
        .filter(
          ({ name: state, value }) =>
            states.includes(state) && !["false", "off", undefined].includes(String(value.value)),
        )
        .map(({ name: state, value }) => `${state}=${String(value.value)}`);
      said.push({
        role,
        name: text(node.name?.value),
        more: [...(description ? [description] : []), ...inStates],
        depth,
      });
    }
    for (const child of node.childIds ?? []) visit(child, depth + (isSaid ? 1 : 0), announced || isLive(role));
  }
  const root = nodes.find(({ parentId }) => parentId === undefined);
  if (root !== undefined) visit(root.nodeId, 0, false);
  return said;
}

const line = ({ role, name, more, depth }: Said): string =>
  `${"  ".repeat(depth)}${role}${name ? ` "${name}"` : ""}${more.map((one) => ` · ${one}`).join("")}`;

describe("What assistive technology gets of each page", () => {
  test("roles, names, descriptions, live regions and states are these", async () => {
    const all: string[] = [];
    for (const name of Object.keys(pages)) all.push(`# ${name}`, ...(await treeOf(name)).map(line), "");
    await expect(all.join("\n")).toMatchFileSnapshot("__snapshots__/accessibility-tree.txt");
  });

  test.each(["fr", "de", "es", "ru"])("the roles and states are the same in %s", async (locale) => {
    const shape = (said: Said[]) =>
      said.filter(({ role }) => role !== "StaticText").map(({ role, depth }) => [role, depth]);
    for (const name of Object.keys(pages)) {
      expect([name, ...shape(await treeOf(name, locale))]).toEqual([name, ...shape(await treeOf(name))]);
    }
  });

  test("keys and codes are spelled, sign by sign", async () => {
    const spelled = async (page: string) =>
      (await treeOf(page)).filter(({ role }) => role === "image").map(({ name }) => name);
    expect(await spelled("setup")).toContain(
      "Setup key: J B S W, Y 3 D P, E H P K, 3 P X P, J B S W, Y 3 D P, E H P K, 3 P X P",
    );
    expect(await spelled("recovery-codes-replaced")).toEqual(["A A A A, B B B B, C C C C, D D D D"]);
  });

  test("help is the last thing on each page", async () => {
    for (const name of Object.keys(pages)) {
      const last = (await treeOf(name)).findLast(({ role }) => !isText(role));
      expect([name, last?.role, last?.name]).toEqual([name, "link", help]);
    }
  });

  test("each page has one first heading, and each field and button a name", async () => {
    const named = new Set(["button", "textbox", "link", "checkbox", "region", "image", "heading"]);
    for (const name of Object.keys(pages)) {
      const said = await treeOf(name);
      expect([name, said.filter((one) => named.has(one.role) && one.name === "")]).toEqual([name, []]);
      const first = said.filter(({ role, more }) => role === "heading" && more.includes("level=1"));
      expect([name, first.length]).toEqual([name, 1]);
    }
  });
});
