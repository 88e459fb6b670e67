import type { RecoveryMessage, TwoFactorEvent } from "../../src";
import type { Browser, Host, HostOptions } from "./host";
import { type Engine, startProcesses, startProcessesOn, stopClock } from "./processes";

export const recovery = "/two-factor/recovery";
export const daySeconds = 86_400;

/** A mailbox of everybody: what went out, newest last; `broken` makes the sender fail or hang. */
export interface Mailbox {
  mails: RecoveryMessage[];
  broken: "fails" | "hangs" | undefined;
  /** The newest code. */
  code(): string;
  /** The link of the newest mail. */
  link(): string;
}

export function mailbox(): Mailbox & { send: (user: unknown, message: RecoveryMessage) => Promise<void> } {
  const mails: RecoveryMessage[] = [];
  const box: ReturnType<typeof mailbox> = {
    mails,
    broken: undefined,
    code: () => mails.findLast(({ code }) => code !== undefined)?.code ?? "",
    link: () => mails.at(-1)?.cancelPath ?? "",
    async send(_, message) {
      if (box.broken === "fails") throw new Error("no mail server");
      if (box.broken === "hangs") return new Promise(() => undefined);
      mails.push(message);
    },
  };
  return box;
}

/** Somebody who has lost everything but the password and the mailbox, and a browser in which they are signed in. */
export const lostEverything = (given: HostOptions = {}, on = 1) =>
  lostOn((options) => startProcesses(on, options), given);

/** The same on two processes and a database of their own. */
export const lostEverythingOn = (engine: Engine, given: HostOptions = {}) =>
  lostOn((options) => startProcessesOn(engine, 2, options), given);

async function lostOn<Hosts extends readonly [Host, ...Host[]]>(
  start: (given: HostOptions) => Hosts | Promise<Hosts>,
  given: HostOptions,
) {
  const clock = stopClock();
  const box = mailbox();
  const events: TwoFactorEvent[] = [];
  const processes = await start({
    ...given,
    options: {
      recovery: { delaySeconds: 3 * daySeconds, send: box.send },
      onEvent: (event) => void events.push(event),
      ...given.options,
    },
  });
  const [host] = processes;
  return { clock, box, events, processes, host, ...(await enrolledAndNew(host)) };
}

export async function enrolledAndNew(host: Host) {
  const before = host.browser();
  await before.login();
  await before.enrol();
  return { before, browser: await signedIn(host, before) };
}

/** A browser that has the password and nothing else; `secret` is there for tests alone. */
export async function signedIn(host: Host, of?: Browser, id = "1"): Promise<Browser> {
  const browser = host.browser();
  await browser.login({ id, email: `${id}@example.com` });
  browser.secret = of?.secret ?? "";
  return browser;
}

/** From the request to the begin of the waiting time. */
export async function waitingFor(browser: Browser, box: Mailbox): Promise<void> {
  await browser.post(recovery).expect(200);
  await browser.post(`${recovery}/confirm`, { code: box.code() }).expect(200);
}

/** After the waiting time, to an open set-up. */
export async function opened(browser: Browser, box: Mailbox): Promise<void> {
  await browser.post(`${recovery}/finish`).expect(200);
  await browser.post(`${recovery}/finish`, { code: box.code() }).expect(200);
}
