import { isIP } from "node:net";
import { browserName } from "../service/browser-name";

/** One line of text: without line breaks, other control characters and what turns the direction of writing. */
export function oneLine(text: string): string {
  return text
    .toWellFormed()
    .normalize("NFC")
    .replaceAll(/\p{Cf}/gu, "")
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim();
}

/** Mail programs make links of what looks like an address, whether we do or not. */
const linkLike = /\S*(?:[:/\\]{2}|@|www\.|[\p{L}\p{N}][.。．｡][\p{L}\p{N}])\S*/giu;
const longestReason = 200;

/** What an operator wrote, for the one whom it is about, with nothing in it to click on. */
export function reasonText(reason: unknown): string {
  if (typeof reason !== "string") return "";
  return cut(oneLine(reason), longestReason).replaceAll(linkLike, "[…]");
}

const longestLabel = 60;

/** A name that a user chose, perhaps a thief: words only, or nothing. No text with a link or a telephone number in it. */
export function labelText(label: unknown): string {
  if (typeof label !== "string") return "";
  const text = oneLine(label);
  const digits = text.replaceAll(/\P{N}/gu, "").length;
  const isName = /^[\p{L}\p{M}\p{N} '’()_+#-]+$/u.test(text) && digits <= 6;
  return isName ? cut(text, longestLabel) : "";
}

/** Without a zone: `fe80::1%evil.example` is an address to Node, and the part behind the percent sign is anybody's. */
export const addressText = (ip: unknown): string =>
  typeof ip === "string" && isIP(ip) !== 0 && !ip.includes("%") ? ip : "";

/** The known names in a user agent, each `""` where it tells none. */
export function browserOf(userAgent: unknown): { browser: string; system: string } {
  const [browser = "", system = ""] = browserName(typeof userAgent === "string" ? userAgent : "").split(" on ");
  return { browser, system };
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

function cut(text: string, longest: number): string {
  const characters = Array.from(graphemes.segment(text), ({ segment }) => segment);
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join("")}…`;
}
