import { afterEach, expect, test, vi } from "vitest";
import { memoryStore, type TwoFactorOptions } from "../../src";
import * as notices from "../../src/notices";
import { stopClock } from "../support/clock";
import { type Host, type HostUser, startHost } from "../support/host";
import { daySeconds, opened, recovery, signedIn } from "../support/recovery";
import { recipe, run } from "./pages";

const page = "docs/recovery.md";
const people = [
  { id: "1", email: "ada@example.com", language: "fr", isStaff: false },
  { id: "2", email: "staff@example.com", language: "en", isStaff: true },
];

afterEach(() => void vi.restoreAllMocks());

/** The page's code as it is printed, with a mail server and a clock whose intervals are told. */
async function startSite() {
  const clock = stopClock();
  const mails: (notices.Notice & { to: string })[] = [];
  const faults: { mail?: true; users?: true; logged: unknown[] } = { logged: [] };
  const intervals: { tell: () => Promise<void>; milliseconds: number }[] = [];
  const made: { host?: Host } = {};
  run(recipe(page, "tellRecoveries()"), {
    require: (name: string) => (name === "express-two-factor/notices" ? notices : undefined),
    twoFactor: (options: Partial<TwoFactorOptions<HostUser>>) => {
      made.host = startHost({ options: { ...options, recoveryCodes: { count: 1 } } });
      return made.host.tfa;
    },
    store: memoryStore(),
    users: {
      findById: async (id: string) => {
        if (faults.users) throw new Error("no users");
        return people.find((person) => person.id === id);
      },
    },
    transport: {
      sendMail: async (mail: (typeof mails)[number]) => {
        if (faults.mail) throw new Error("the mail server is down");
        mails.push(mail);
      },
    },
    log: { error: (error: unknown) => void faults.logged.push(error) },
    setInterval: (tell: () => Promise<void>, milliseconds: number) => {
      intervals.push({ tell, milliseconds });
      return { unref: () => undefined };
    },
  });
  const host = made.host!;
  const enrolled = async (person: HostUser) => {
    const before = host.browser();
    await before.login(person);
    await before.enrol();
    const browser = host.browser();
    await browser.login(person);
    return { before, browser };
  };
  return { clock, mails, faults, interval: intervals[0]!, host, enrolled };
}

const codeIn = ({ text }: { text: string }): string => /([A-Z2-7]{4}-){3}[A-Z2-7]{4}/.exec(text)![0];
const linkIn = ({ text }: { text: string }): URL => new URL(/https:\S+cancel\S+/.exec(text)![0]);

test("the recipe recovers by mails in the user's language, and each of them stops it", async () => {
  const { clock, mails, interval, host, enrolled } = await startSite();
  const { before, browser } = await enrolled(people[0]!);
  await browser.post(recovery).expect(200);
  const confirmed = await browser.post(`${recovery}/confirm`, { code: codeIn(mails[0]!) }).expect(200);
  expect(confirmed.body).toEqual({ readyAt: new Date(Date.now() + 3 * daySeconds * 1000).toISOString() });
  expect(interval.milliseconds).toBe(300_000);
  for (let half = 0; half < 2; half += 1) {
    clock.later(1.5 * daySeconds);
    await interval.tell();
  }
  expect(mails).toHaveLength(4);
  for (const mail of mails) {
    expect(mail).toMatchObject({ to: "ada@example.com", subject: expect.stringContaining("(EventHub)") });
    expect(mail.text).toMatch(/^Bonjour/);
    const { origin, pathname, search } = linkIn(mail);
    expect([origin, pathname]).toEqual(["https://example.com", `${recovery}/cancel`]);
    // A mail scanner opens it.
    await host.browser().get(`${pathname}${search}`).expect(200, { cancelled: false });
  }
  const late = await signedIn(host, before);
  await opened(late, { mails: [], broken: undefined, code: () => codeIn(mails.at(-1)!), link: () => "" });
  await late.enrol();
  await late.get("/page").expect(200);
});

test("the link of any mail stops it, without a login", async () => {
  const { mails, host, enrolled } = await startSite();
  const { browser } = await enrolled(people[0]!);
  await browser.post(recovery).expect(200);
  await browser.post(`${recovery}/confirm`, { code: codeIn(mails[0]!) }).expect(200);
  const { pathname, search } = linkIn(mails[0]!);
  await host.browser().post(`${pathname}${search}`).expect(200, { cancelled: true });
  expect((await host.tfa.status("1")).recovery).toBeUndefined();
});

test("whoever `allow` leaves out gets no mail; a mail server that is down begins nothing", async () => {
  const { mails, faults, host, enrolled } = await startSite();
  const staff = await enrolled(people[1]!);
  await staff.browser.post(recovery).expect(403);
  const { browser } = await enrolled(people[0]!);
  faults.mail = true;
  await browser.post(recovery).expect(503);
  expect((await host.tfa.status("1")).recovery).toBeUndefined();
  expect(mails).toEqual([]);
});

test("users that cannot be found for a while are told the next time, and nothing falls", async () => {
  const { clock, mails, faults, interval, enrolled } = await startSite();
  const { browser } = await enrolled(people[0]!);
  await browser.post(recovery).expect(200);
  await browser.post(`${recovery}/confirm`, { code: codeIn(mails[0]!) }).expect(200);
  clock.later(1.5 * daySeconds);
  faults.users = true;
  await interval.tell();
  expect(mails).toHaveLength(2);
  delete faults.users;
  await interval.tell();
  expect(mails).toHaveLength(3);
  expect(linkIn(mails[2]!).pathname).toBe(`${recovery}/cancel`);
});
