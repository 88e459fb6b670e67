import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { memoryStore, type TwoFactorOptions } from "../../src";
import * as notices from "../../src/notices";
import { languages } from "../../src/notices/languages";
import { failOnDeath } from "../support/deaths";
import { type Host, type HostUser, startHost } from "../support/host";
import { recipe, run } from "./pages";

const page = "docs/notices.md";
const ada = { id: "1", email: "ada@example.com", language: "fr", timeZone: "Europe/Paris" };
const owner: HostUser = { id: ada.id };

failOnDeath();
afterEach(() => void vi.restoreAllMocks());

/** The page's `onEvent`, on a host of its own, with a mail server that can be taken down. */
function startSite(version: 4 | 5) {
  const mails: (notices.Notice & { to: string })[] = [];
  const faults = { mail: false };
  const made: { host?: Host } = {};
  const code = recipe(page, "transport.sendMail");
  run(code, {
    require: (name: string) => (name === "express-two-factor/notices" ? notices : undefined),
    twoFactor: (options: Partial<TwoFactorOptions<HostUser>>) => {
      made.host = startHost({ version, options });
      return made.host.tfa;
    },
    store: memoryStore(),
    users: { findById: async (id: string) => (id === ada.id ? ada : undefined) },
    transport: {
      sendMail: async (mail: (typeof mails)[number]) => {
        if (faults.mail) throw new Error("the mail server is down");
        mails.push(mail);
      },
    },
  });
  return { host: made.host!, mails, faults };
}

describe.each([4, 5] as const)("the recipe of docs/notices.md on Express %i", (version) => {
  let warned: string[];
  beforeEach(() => {
    warned = [];
    vi.spyOn(process, "emitWarning").mockImplementation((warning) => void warned.push(String(warning)));
  });

  test("tells the owner in their language, and of a right code nothing", async () => {
    const { host, mails } = startSite(version);
    const browser = host.browser();
    await browser.login(owner);
    await browser.enrol();
    await host.tfa.reset(ada.id, { reason: "a new phone", by: "staff" });
    expect(mails.map(({ to, subject }) => [to, subject])).toEqual([
      ["ada@example.com", "Double authentification activée (EventHub)"],
      ["ada@example.com", "Double authentification réinitialisée (EventHub)"],
    ]);
    expect(mails[0]!.text).toMatch(/^Quand\u00a0: .* UTC\+[12]$/m);
    expect(mails[1]!.html).toContain("«\u00a0a new phone\u00a0»");
  });

  test("with its mail server down changes nothing for the user, and warns", async () => {
    const { host, mails, faults } = startSite(version);
    faults.mail = true;
    const browser = host.browser();
    await browser.login(owner);
    await browser.enrol();
    await browser.get("/page").expect(200);
    expect(mails).toEqual([]);
    expect(warned.join("\n")).toContain('onEvent failed (Error: the mail server is down) on "enabled"');
  });

  test("sends nothing to who is not known, nor of a hostile first request", async () => {
    const { host, mails } = startSite(version);
    const browser = host.browser();
    await browser.login({ id: "2" });
    await browser.agent.get("/two-factor/%ff").set("user-agent", "<evil.example>");
    await browser.enrol();
    expect(mails).toEqual([]);
    expect(warned).toEqual([]);
  });
});

test("a language of the host's own is given as docs/notices.md gives it", () => {
  const italian: notices.NoticeWords<"one" | "many" | "other"> = {
    ...languages.es,
    greeting: "Ciao,",
    letters: {
      ...languages.es.letters,
      "recovery-codes-low": { subject: "Restano pochi codici", happened: "Pochi.", next: "Creane altri." },
      "recovery-code-used": { subject: "Un codice di recupero è stato usato", happened: "Usato.", next: "Fatto." },
    },
  };
  const code = recipe(page, "italian")
    .replace(/^import .*$/m, "")
    .replace(/: NoticeWords<[^>]*>/, "");
  const event = { type: "recovery-code-used", remaining: 3, userId: "1", scope: "user", at: new Date() } as const;
  const { mail } = run(code, { notice: notices.notice, italian, event }, ["mail"]) as { mail: notices.Notice };
  expect(mail.subject).toBe("Un codice di recupero è stato usato (EventHub)");
  expect(mail.text).toMatch(/^Ciao,\n\nUsato\.\n\nFatto\.\n/);
});
