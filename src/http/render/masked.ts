import { plainName } from "../../core/plain-name";

const segmenter = () => new Intl.Segmenter();
const signsOf = (text: string): readonly string[] => Array.from(segmenter().segment(text), ({ segment }) => segment);
const isLetterOrDigit = (sign: string): boolean => /^[\p{L}\p{N}]/u.test(sign);

/** Ends of domains are few and long known; whatever else stands there is not shown. */
const isEnding = (text: string): boolean => /^[\p{L}\p{M}\p{N}-]{2,24}$/u.test(text);

/**
 * A mail address or telephone number so that its owner knows it again, and nobody who does not know it learns it: `j…@e…e.com`,
 * `•••• 12`. Where hardly more would be hidden than shown, all is hidden. `undefined`: it is neither.
 */
export function maskedDestination(destination: string): string | undefined {
  const plain = plainName(destination.slice(0, 1000));
  // "Jo <jo@example.com>"
  const [, address = plain] = /<([^<>]*@[^<>]*)>$/.exec(plain) ?? [];
  return address.includes("@") ? maskedMail(address) : maskedNumber(address);
}

function maskedMail(address: string): string | undefined {
  const at = address.lastIndexOf("@");
  const [local, domain] = [address.slice(0, at), address.slice(at + 1)];
  if (local === "" || domain === "") return undefined;
  const dot = domain.lastIndexOf(".");
  const ending = domain.slice(dot + 1);
  const shown = dot > 0 && isEnding(ending) ? `.${ending}` : "";
  return `${firstOf(local, 3)}…@${maskedDomain(shown === "" ? domain : domain.slice(0, dot))}${shown}`;
}

function firstOf(text: string, least: number): string {
  const signs = signsOf(text).filter(isLetterOrDigit);
  return signs.length < least ? "" : (signs[0] ?? "");
}

function maskedDomain(domain: string): string {
  const signs = signsOf(domain).filter(isLetterOrDigit);
  return signs.length < 4 ? "…" : `${signs[0]}…${signs.at(-1)}`;
}

function maskedNumber(number: string): string | undefined {
  if (!/^\+?[\p{Nd}\s()./-]+$/u.test(number)) return undefined;
  const digits = number.match(/\p{Nd}/gu) ?? [];
  if (digits.length === 0) return undefined;
  return digits.length < 7 ? "••••" : `•••• ${digits.slice(-2).join("")}`;
}
