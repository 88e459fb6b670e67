import { describe, expect, test } from "vitest";
import { en } from "../../src/locales/en";
import { notice, type Notice, type NoticeEvent, type NoticeOptions } from "../../src/notices";
import { languages } from "../../src/notices/languages";
import { base, told, untold } from "./samples";

type Locales = NonNullable<NoticeOptions["locales"]>;
const options: NoticeOptions = {
  issuer: "EventHub",
  accountUrl: "https://example.com/two-factor",
  supportUrl: "https://example.com/help?from=mail&about=2fa",
  cancelUrl: "https://example.com/two-factor/recovery/cancel?token=abc",
};
const noticeOf = (event: NoticeEvent, more: Partial<NoticeOptions> = {}): Notice =>
  notice(event, { ...options, ...more })!;
/** `locked until`, `recovery-codes-low remaining 2`. */
function nameOf(event: NoticeEvent): string {
  if ("remaining" in event) return `${event.type} remaining ${event.remaining}`;
  return "until" in event ? `${event.type} until` : event.type;
}

describe.each(["en", "fr", "de", "es", "ru"])("in %s", (language) => {
  test("every letter reads as it did when it was last read aloud", async () => {
    const letters = told.map((event) => {
      const { subject, text } = noticeOf(event, { language });
      return `===== ${nameOf(event)}\n\n${subject}\n\n${text}`;
    });
    await expect(letters.join("\n")).toMatchFileSnapshot(`letters/${language}.txt`);
  });

  test("the HTML says what the text says, and its links lead where they say", () => {
    for (const event of told) {
      const { subject, text, html } = noticeOf(event, { language });
      expect(shown(html)).toBe(`${subject} ${text.replaceAll(/\s+/g, " ").trim()}`);
      for (const [, href, label] of html.matchAll(/<a href="([^"]*)">(.*?)<\/a>/g)) expect(label).toBe(href);
    }
  });

  test("nothing is left to be filled in, and nothing is empty", () => {
    for (const event of told) {
      const { subject, text } = noticeOf(event, { language });
      expect(subject).toMatch(/^\S.* \(EventHub\)$/);
      expect(text).not.toMatch(/[{}]|\b(undefined|null|NaN|Invalid)\b|\[object/);
      expect(text.split("\n\n").every((paragraph) => paragraph.trim() !== "")).toBe(true);
    }
  });
});

/** What a reader sees of HTML: the body's text, with one space between words. */
function shown(html: string): string {
  const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  return html
    .slice(html.indexOf("<body"))
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll(/&(\w+|#\d+);/g, (_, name: string) => entities[name]!)
    .replaceAll(/\s+/g, " ")
    .trim();
}

test("the page is of plain elements, needs nothing from elsewhere, and leaves the colours to the reader", () => {
  expect(noticeOf(told.find(({ type }) => type === "recovery-confirmed")!).html).toMatchSnapshot();
  for (const event of told) {
    const { html } = noticeOf(event);
    const elements = new Set(Array.from(html.matchAll(/<([a-z]\w*)/g), ([, name]) => name!));
    expect(
      [...elements].filter((name) => !"html head meta title style body h1 p br a".split(" ").includes(name)),
    ).toEqual([]);
    expect(html).not.toMatch(/\b(src|background|srcset)=|url\(|@import|(?<!-)color\s*:|\bon\w+=/i);
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
  }
});

test("every event that the library tells has a letter here, or is one that nobody gets a mail about", () => {
  const labels = Object.keys(en).flatMap((key) => /^event\.(?!unknown)(.+)$/.exec(key)?.[1] ?? []);
  const sampled = new Set<string>([...told, ...untold].map(({ type }) => type));
  expect(labels.length).toBeGreaterThan(20);
  expect(labels.filter((type) => !sampled.has(type))).toEqual([]);
});

test.each(untold.map((event) => [event.type, event] as const))("nobody gets a mail about %s", (_, event) => {
  expect(notice(event, options)).toBeUndefined();
});

test.each(["from-a-later-version", "toString", "__proto__", ""])("an event of type %j is none that we know", (type) => {
  expect(notice({ ...base, type } as unknown as NoticeEvent, options)).toBeUndefined();
});

describe("nothing in a mail is a visitor's own", () => {
  const markup = `<img src=x onerror=alert(1)>"'&`;

  test.each([
    { ip: "https://evil.example/verify", userAgent: "https://evil.example/verify now" },
    { ip: "1.2.3.4 evil.example", userAgent: "Your account is locked: call 0800 123/1 " },
    { ip: "fe80::1%evil.example", userAgent: "" },
    { ip: markup, userAgent: markup },
    { ip: "", userAgent: "Mozilla/5.0 (evil.example) AppleWebKit/1 (KHTML, like Gecko) evil.example/2 " },
    { ip: ["1.2.3.4"], userAgent: { toString: (): string => "evil" } },
  ])("address and user agent: %j", (sent) => {
    for (const event of told) {
      const { subject, text, html } = noticeOf({ ...event, ...sent } as NoticeEvent);
      expect([subject, text, html].join("\n")).not.toMatch(/evil|0800|locked: call|onerror|1\.2\.3\.4|fe80/);
    }
  });

  test("an address and a browser that are ones are told", () => {
    const { text } = noticeOf({ ...base, type: "enabled", ip: "2001:db8::1" });
    expect(text).toContain("IP address: 2001:db8::1\nBrowser: Firefox on Linux");
  });

  test.each([
    ["a name of words", "Anna’s blue key (work) 2", "Anna’s blue key (work) 2"],
    ["letters of any language", "Синий ключ", "Синий ключ"],
    ["a link", "see evil.example", undefined],
    ["a link with another dot", "evil。example", undefined],
    ["a link cut by what nobody sees", "evil\u200b.example", undefined],
    ["an address", "help@evil", undefined],
    ["a telephone number", "call 0800 123 456", undefined],
    ["markup", markup, undefined],
    ["turned writing", "\u202egpj.key", undefined],
    ["no text", { length: 3 }, undefined],
    ["nothing", "  ", undefined],
  ])("a key's name: %s", (_, name, expected) => {
    const { text, html } = noticeOf({ ...base, type: "key-added", name: name as string });
    expect(/^Name of the key: “(.*)”$/m.exec(text)?.[1]).toBe(expected);
    expect(html).not.toMatch(/<img|evil|0800/);
  });

  test("a long one is cut", () => {
    const { text } = noticeOf({ ...base, type: "key-added", name: "a".repeat(500) });
    expect(text).toContain(`“${"a".repeat(59)}…”`);
  });

  test.each([
    ["lost phone, ticket 4711", "lost phone, ticket 4711"],
    [`new <b>phone</b> & "mail"`, `new <b>phone</b> & "mail"`],
    ["see https://evil.example/a?b and www.evil", "see […] and […]"],
    ["asked by thief@evil.example, by phone.", "asked by […] by phone."],
    ["line\r\nBcc: all@evil.example", "line Bcc: […]"],
    ["a".repeat(500), `${"a".repeat(199)}…`],
  ])("a reason that an operator gave is text with nothing to click on: %j", (reason, expected) => {
    const { text, html, subject } = noticeOf({ ...base, type: "reset", reason, by: "staff-1" });
    expect(text).toContain(`Reason: “${expected}”`);
    expect(html).not.toMatch(/<b>|evil/);
    expect(subject).toBe("Your two-factor authentication was reset (EventHub)");
  });

  test("the site's name stays one line of text", () => {
    const { subject, html } = noticeOf({ ...base, type: "enabled" }, { issuer: "Bill & <Ted>\r\nBcc: x\u2028\u202e" });
    expect(subject).toBe("Two-factor authentication is on (Bill & <Ted> Bcc: x)");
    expect(html).toContain("<title>Two-factor authentication is on (Bill &amp; &lt;Ted&gt; Bcc: x)</title>");
    expect(html).not.toContain("<Ted>");
  });

  test("a placeholder in a value stays what it is", () => {
    const { text } = noticeOf(
      { ...base, type: "reset", reason: "{issuer} {remaining} $&", by: "1" },
      { issuer: "{x}" },
    );
    expect(text).toContain("Reason: “{issuer} {remaining} $&”");
  });
});

test("no other property of an event gets into a mail", () => {
  const canary = "CANARY0123456789";
  const secrets = Object.fromEntries(
    [
      "secret",
      "code",
      "codes",
      "token",
      "key",
      "hash",
      "id",
      "epoch",
      "by",
      "browser",
      "userId",
      "scope",
      "method",
    ].map((property) => [property, `${canary}${property}`]),
  );
  for (const event of told) {
    const { subject, text, html } = noticeOf({ ...event, ...secrets, type: event.type } as NoticeEvent);
    expect([subject, text, html].join("\n")).not.toContain(canary);
  }
});

test("where the people who run the site were, is none of the user's business", () => {
  for (const event of told.filter(({ type }) => type === "reset" || type === "unlocked")) {
    const { text } = noticeOf({ ...event, ip: base.ip, userAgent: base.userAgent } as NoticeEvent);
    expect(text).not.toMatch(/203\.0\.113\.9|Firefox|staff-1/);
    expect(text).toContain("When: ");
  }
});

describe("links", () => {
  test("are the host's, and absent where it gives none", () => {
    const { text, html } = notice({ ...base, type: "enabled" }, { issuer: "EventHub" })!;
    expect(`${text}${html}`).not.toMatch(/https?:|<a /);
    expect(noticeOf({ ...base, type: "enabled" }).html).toContain(
      'Tell EventHub: <a href="https://example.com/help?from=mail&amp;about=2fa">',
    );
  });

  test("that stop a recovery are in mails about one that can be stopped, and in no other", () => {
    const having = told.filter((event) => noticeOf(event).text.includes("token=abc")).map(({ type }) => type);
    expect(having).toEqual([
      "recovery-requested",
      "recovery-confirmed",
      "recovery-half-way",
      "recovery-ready",
      "recovery-code",
    ]);
  });

  test("without the one that stops it there is no mail about a recovery that can be stopped", () => {
    const { cancelUrl: _, ...without } = options;
    const untellable = told.filter((event) => notice(event, without) === undefined).map(({ type }) => type);
    expect(untellable).toEqual(
      told.flatMap(({ type }) => (/^recovery-(req|con|half|ready|code$)/.test(type) ? [type] : [])),
    );
  });

  test.each([
    [{ accountUrl: "javascript:alert(1)" }, "accountUrl"],
    [{ accountUrl: "/two-factor" }, "accountUrl"],
    [{ accountUrl: "mailto:a@example.com" }, "accountUrl"],
    [{ supportUrl: "data:text/html,x" }, "supportUrl"],
    [{ cancelUrl: "example.com/cancel?token=abc" }, "cancelUrl"],
    [{ issuer: " \n" }, "issuer"],
    [{ issuer: undefined as never }, "issuer"],
  ])("that are none are the host's mistake, told without their value: %j", (given, name) => {
    const told = () => noticeOf({ ...base, type: "enabled" }, given);
    expect(told).toThrow(TypeError);
    expect(told).toThrow(new RegExp(`^notice: ${name} is`));
    expect(told).not.toThrow(/token/);
  });

  test("cannot leave their attribute", () => {
    const { html } = noticeOf({ ...base, type: "enabled" }, { accountUrl: `https://example.com/?"><script>'` });
    expect(html).not.toMatch(/<script|"">|'>/);
    expect(noticeOf({ ...base, type: "enabled" }, { supportUrl: "mailto:help@example.com" }).text).toContain(
      "Tell EventHub: mailto:help@example.com",
    );
  });
});

describe("the language", () => {
  test.each([
    ["fr-CA", /^Double/],
    ["de_AT", /^Zwei/],
    ["RU", /^Дву/],
    ["it", /^Two/],
    ["no language at all", /^Two/],
    ["", /^Two/],
    ["__proto__", /^Two/],
    [undefined, /^Two/],
  ])("%j is spoken as well as we can", (language, expected) => {
    expect(noticeOf({ ...base, type: "enabled" }, { language }).subject).toMatch(expected);
  });

  test("writes dates as its region does, in the user's zone, and UTC where there is none of that name", () => {
    const event: NoticeEvent = { ...base, type: "locked", round: 1, until: new Date("2026-11-21T23:29:01Z") };
    expect(noticeOf(event, { language: "en-GB", timeZone: "Europe/Paris" }).text).toContain(
      "22 November 2026, 00:30 CET",
    );
    expect(noticeOf(event, { language: "fr", timeZone: "Nowhere/At all" }).text).toContain(
      "21 novembre 2026 à 23:30 UTC",
    );
  });

  test("is the same for an event that went through JSON", () => {
    for (const event of told) {
      expect(noticeOf(JSON.parse(JSON.stringify(event)) as NoticeEvent)).toEqual(noticeOf(event));
    }
  });
});

describe("a language of the host's own", () => {
  const swiss = { ...languages.de, greeting: "Grüezi" };

  test("comes before ours, and its region before it", () => {
    const locales = { "de-CH": swiss };
    expect(noticeOf({ ...base, type: "enabled" }, { language: "de-CH", locales }).text).toMatch(/^Grüezi\n/);
    expect(noticeOf({ ...base, type: "enabled" }, { language: "de-AT", locales }).text).toMatch(/^Guten Tag,\n/);
  });

  test("may count as it needs to, or not at all", () => {
    const { letters } = languages.ru;
    const uncounted = { ...letters["recovery-codes-low"], happened: "Codes: {remaining}" };
    const locales = { pl: { ...languages.ru, letters: { ...letters, "recovery-codes-low": uncounted } } };
    const low: NoticeEvent = { ...base, type: "recovery-codes-low", remaining: 2 };
    expect(noticeOf(low, { language: "pl", locales }).text).toContain("\nCodes: 2\n");
  });

  test("is whole, or none: half a mail in another language would look like a false one", () => {
    const { greeting, ...half } = swiss;
    const { locked, ...letters } = half.letters;
    const used = { ...letters["recovery-code-used"], next: { one: "1", other: " " } };
    const locales = { it: { ...half, letters: { ...letters, "recovery-code-used": used } } } as unknown as Locales;
    expect(() => noticeOf({ ...base, type: "enabled" }, { language: "it", locales })).toThrow(
      "notice: locales.it lacks greeting, letters.recovery-code-used.next.none, letters.recovery-code-used.next.other, " +
        "letters.locked.subject, letters.locked.happened, letters.locked.next",
    );
    expect(greeting + locked.subject).toBeTruthy();
  });

  test("is in no mail where its words are not asked for", () => {
    const locales = { it: {} } as unknown as Locales;
    expect(noticeOf({ ...base, type: "enabled" }, { language: "fr", locales }).subject).toMatch(/^Double/);
  });
});

describe.each(Object.entries(languages))("the words of %s", (locale, words) => {
  const texts = (of: object, path = ""): [string, string][] =>
    Object.entries(of).flatMap(([key, text]: [string, string | object]) =>
      typeof text === "string" ? [[`${path}${key}`, text] as [string, string]] : texts(text, `${path}${key}.`),
    );
  const english = new Map(texts(languages.en));
  const named = (text: string) =>
    Array.from(text.matchAll(/\{(\w+)\}/g), ([, name]) => name!)
      .filter((name) => name !== "issuer")
      .sort();

  test("name what English names, the site aside, and nothing else", () => {
    for (const [path, text] of texts(words)) {
      expect([path, named(text)]).toEqual([
        path,
        named(english.get(path) ?? english.get(path.replace(/\w+$/, "other"))!),
      ]);
    }
  });

  test("are no English where it is another language, and have no stray spaces", () => {
    for (const [path, text] of texts(words)) {
      expect([path, text]).toEqual([path, text.trim().replaceAll("  ", " ")]);
      if (locale !== "en" && /[a-z]{3} [a-z]{3}/.test(text)) expect(text).not.toBe(english.get(path));
    }
  });

  test("have every plural form that the language uses for small numbers", () => {
    const rules = new Intl.PluralRules(locale);
    const used = new Set(Array.from({ length: 200 }, (_, count) => rules.select(count)));
    for (const [, text] of [
      ["used", words.letters["recovery-code-used"].next],
      ["low", words.letters["recovery-codes-low"].happened],
    ] as const) {
      for (const category of used) expect(text).toHaveProperty(category);
    }
  });
});
