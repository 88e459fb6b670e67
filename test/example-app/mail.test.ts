import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { codeLetter, createMailer, type Letter } from "../../example-app/src/mail";
import type { Member } from "../../example-app/src/members";
import { noticeOf } from "../../example-app/src/notices";
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

test("no text can add a header or markup", async () => {
  const { lines, texts } = await sendAll({
    kind: "reset",
    subject: "Reset\r\nBcc: victim@example.com",
    paragraphs: ["because\r\n\r\n.\r\nBcc: victim@example.com <script>alert(1)</script>\u2028end"],
  });
  expect(texts.join("\n")).not.toMatch(/^Bcc:/m);
  const html = texts[0]!.slice(texts[0]!.indexOf("<!doctype html>"));
  expect(html).toContain("&lt;script&gt;");
  expect(html).not.toContain("<script>");
  expect(lines[0]).not.toMatch(/[\r\n\u2028]/);
});

const base = {
  userId: "3",
  scope: "user",
  at: new Date("2026-11-21T09:30:00Z"),
  ip: "203.0.113.9",
  userAgent: "Firefox",
} as const;

test.each([
  { ...base, type: "enabled" },
  { ...base, type: "disabled" },
  { ...base, type: "replaced" },
  { ...base, type: "reset", reason: "lost phone", by: "1" },
  { ...base, type: "locked", round: 2, until: new Date("2026-11-21T09:31:20Z") },
  { ...base, type: "locked", round: 9 },
  { ...base, type: "recovery-code-used", remaining: 9 },
  { ...base, type: "recovery-codes-low", remaining: 2 },
] as const)("the owner hears of $type, when and from where, and what to do if it was not them", (event) => {
  const text = textOf(event);
  expect(text).toContain("2026-11-21 09:30 UTC, from 203.0.113.9, with Firefox");
  expect(text).toContain("If it was not you");
});

test.each([
  { ip: "https://evil.example/verify", userAgent: "https://evil.example/verify now" },
  { ip: "1.2.3.4 evil.example", userAgent: "Your account is locked: call 0800 123/1 " },
  { ip: "", userAgent: "Mozilla/5.0 (evil.example) AppleWebKit/1 (KHTML, like Gecko) evil.example/2 " },
])("nothing of what a visitor sends stands in the mail: %j", (sent) => {
  const text = textOf({ ...base, ...sent, type: "locked", round: 1 });
  expect(text).toMatch(/^When: 2026-11-21 09:30 UTC(, with Safari)?\.$/m);
  expect(text).not.toMatch(/evil|0800|locked: call/);
});

test("a browser is told by its known names", () => {
  const userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 evil.example/1";
  expect(textOf({ ...base, userAgent, type: "enabled" })).toContain("from 203.0.113.9, with Firefox on Linux.");
});

function textOf(event: Parameters<typeof noticeOf>[0]): string {
  return noticeOf(event, "EventHub")!.paragraphs.join("\n");
}

test("a notice says what matters about its event", () => {
  expect(textOf({ ...base, type: "reset", reason: "lost phone", by: "1" })).toContain("lost phone");
  expect(textOf({ ...base, type: "locked", round: 2, until: new Date("2026-11-21T09:31:20Z") })).toContain(
    "until 2026-11-21 09:32 UTC (round 2)",
  );
  expect(textOf({ ...base, type: "recovery-codes-low", remaining: 2 })).toContain("You have 2 left");
});

test("everyday events are no news", () => {
  expect(noticeOf({ ...base, type: "challenge-passed", method: "totp" }, "EventHub")).toBeUndefined();
  expect(noticeOf({ ...base, type: "code-sent" }, "EventHub")).toBeUndefined();
});
