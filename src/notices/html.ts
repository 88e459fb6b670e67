/** A line of a mail: plain text, or a text around one address. */
export type Line = string | { before: string; url: string; after: string };

export interface Body {
  language: string;
  title: string;
  /** Each a paragraph of one or more lines. */
  paragraphs: readonly (readonly Line[])[];
}

export function textOf({ paragraphs }: Body): string {
  const plain = (line: Line) => (typeof line === "string" ? line : `${line.before}${line.url}${line.after}`);
  return `${paragraphs.map((lines) => lines.map(plain).join("\n")).join("\n\n")}\n`;
}

/**
 * No colours of our own, and both schemes allowed: so the mail program's dark mode has nothing to turn around. Nothing
 * remote, no picture, no table, no script.
 */
export function htmlOf({ language, title, paragraphs }: Body): string {
  const body = paragraphs.map((lines) => `<p>${lines.map(markedUp).join("<br>\n")}</p>`).join("\n");
  return `<!doctype html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(title)}</title>
<style>:root { color-scheme: light dark }</style>
</head>
<body dir="auto" style="margin: 0 auto; padding: 1.5em; max-width: 36em; font: 1em/1.5 sans-serif; overflow-wrap: anywhere">
<h1 style="font-size: 1.25em; line-height: 1.3">${escapeHtml(title)}</h1>
${body}
</body>
</html>
`;
}

function markedUp(line: Line): string {
  if (typeof line === "string") return escapeHtml(line);
  const url = escapeHtml(line.url);
  return `${escapeHtml(line.before)}<a href="${url}">${url}</a>${escapeHtml(line.after)}`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
