import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { codeLetter, createMailer, type Letter } from "../../example-app/src/mail";
import type { Member } from "../../example-app/src/members";
import { directoryForThisTest } from "./support";

const maya: Member = { id: "3", email: "mail@example.com", name: "Maya Mail", role: "mail" };

async function sendAll(...letters: Letter[]) {
  const directory = join(await directoryForThisTest(), "mail");
  const lines: string[] = [];
  const mailer = await createMailer({ directory, appName: "EventHub", print: (line) => lines.push(line) });
  for (const letter of letters) await mailer.send(maya, letter);
  const names = (await readdir(directory)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), "utf8")));
  return { directory, lines, names, texts };
}

test("a mail is printed in one line, and kept as text and as it would have gone out", async () => {
  const { lines, names, texts } = await sendAll(codeLetter("EventHub", "123456"));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^Mail to mail@example\.com: .*123456/);
  expect(names).toEqual([
    expect.stringMatching(/-code-mail@example\.com\.eml$/),
    expect.stringMatching(/-code-mail@example\.com\.txt$/),
  ]);
  expect(texts[0]).toMatch(/^To: Maya Mail <mail@example\.com>$/m);
  expect(texts[0]).toContain("Content-Type: text/html");
  expect(texts[1]).toContain("Your sign-in code is 123456");
});

test("in either file the code is the only number of six digits", async () => {
  const { texts } = await sendAll(codeLetter("EventHub", "123456"));
  for (const text of texts) expect(new Set(text.match(/\b\d{6}\b/g))).toEqual(new Set(["123456"]));
});

test("the code is not in the subject, which stands on locked screens", async () => {
  const { texts } = await sendAll(codeLetter("EventHub", "123456"));
  expect(texts[0]!.match(/^Subject: .*$/m)![0]).not.toContain("123456");
});

test("mails sort by time, and only this user can read them", async () => {
  const codes = Array.from({ length: 12 }, (_, number) => `${100_000 + number}`);
  const { directory, names, texts } = await sendAll(...codes.map((code) => codeLetter("EventHub", code)));
  const inOrder = texts.filter((_, index) => names[index]!.endsWith(".txt")).map((text) => /\b\d{6}\b/.exec(text)![0]);
  expect(inOrder).toEqual(codes);
  expect((await stat(join(directory, names[0]!))).mode & 0o777).toBe(0o600);
});

test("no name of the site can add a header or markup", async () => {
  const { names, texts } = await sendAll(codeLetter("<script>alert(1)</script>", "123456"), {
    ...codeLetter("x", "1"),
    subject: "Reset\r\nBcc: victim@example.com",
  });
  expect(texts.filter((_, index) => names[index]!.endsWith(".eml")).join("\n")).not.toMatch(/^Bcc:/m);
  const html = texts[0]!.slice(texts[0]!.indexOf("<!doctype html>"));
  expect(html).toContain("&lt;script&gt;");
  expect(html).not.toContain("<script>");
});
