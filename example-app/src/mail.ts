import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import type { Member } from "./members";

export interface Letter {
  /** Part of the file's name: `code`, `locked`, … */
  kind: string;
  subject: string;
  /** A greeting, an empty line, and what it is about. */
  text: string;
  html: string;
}

export interface Mailer {
  /** Where the mails are kept. */
  readonly directory: string;
  send(member: Member, letter: Letter): Promise<void>;
}

/**
 * Sends nothing: this site keeps each mail twice as a file (`.txt` to read, `.eml` as it would have gone out), named so
 * that they sort by time, and prints it in one line.
 */
export async function createMailer(options: {
  directory: string;
  appName: string;
  print: (line: string) => void;
}): Promise<Mailer> {
  const { directory, appName, print } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const transport = createTransport({ streamTransport: true, buffer: true, newline: "unix" });
  let sent = 0;

  return {
    directory,
    async send(member, { kind, subject, text, html }) {
      const { message } = await transport.sendMail({
        from: { name: appName, address: "no-reply@example.com" },
        to: { name: member.name, address: member.email },
        subject,
        text,
        html,
      });
      sent += 1;
      const file = join(directory, fileStem(new Date(), sent, kind, member.email));
      await writeFile(`${file}.eml`, message as Buffer, { mode: 0o600, flag: "wx" });
      const asText = `To: ${member.email}\nSubject: ${subject}\n\n${text}`;
      await writeFile(`${file}.txt`, asText, { mode: 0o600, flag: "wx" });
      print(`Mail to ${member.email}: ${subject}. ${text.split("\n\n")[1]} (${file}.txt)`);
    },
  };
}

/** The letter with a direct code. In the subject the code would stand on locked screens, so it is in the text only. */
export function codeLetter(appName: string, code: string): Letter {
  const subject = `Your sign-in code for ${appName}`;
  const paragraphs = [
    "Hello,",
    `Your sign-in code is ${code}`,
    "Type it on the page that asks for it. It works once, and only for 5 minutes.",
    "If you did not just sign in, somebody knows your password: change it, and give this code to nobody.",
    appName,
  ];
  return { kind: "code", subject, text: `${paragraphs.join("\n\n")}\n`, html: htmlOf(subject, paragraphs) };
}

function fileStem(at: Date, count: number, kind: string, recipient: string): string {
  // The pid keeps two processes on one directory apart; the count, two mails of one millisecond.
  const when = at.toISOString().replaceAll(":", "-").replace(".", "-");
  return `${when}-${process.pid}-${String(count).padStart(4, "0")}-${kind}-${recipient.replaceAll(/[^\w@.-]/g, "_")}`;
}

function htmlOf(title: string, text: readonly string[]): string {
  const body = text.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join("\n");
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>\n<body>\n${body}\n</body></html>\n`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
