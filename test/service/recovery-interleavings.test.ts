import { equal, ok } from "node:assert/strict";
import * as fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { RecoveryMessage } from "../../src";
import type { PendingEnrolment } from "../../src/core/enrolment";
import { memoryStore } from "../../src/stores/memory";
import type { StoredRecord } from "../../src/stores/store";
import {
  ada,
  code,
  enrolAda,
  presented,
  startService,
  stopClock,
  stored,
  totpOf,
  wrongTotp,
  type Rig,
} from "./support";

/**
 * The owner, a thief with the password, one with the mailbox, both together, and an administrator, in any order. What they
 * know of each other's mails is what the mailbox says; what the model knows is only what was told.
 */
const actions = [
  "request",
  "confirm with the newest code",
  "confirm with an old code",
  "confirm with a guess",
  "ask for a fresh code",
  "open with the newest code",
  "open with an old code",
  "set up",
  "set up with a mark of another session",
  "the owner types a right code",
  "somebody types a wrong code",
  "the owner or the other thief presses the newest link",
  "somebody presses an old link",
  "a mail scanner looks at a link",
  "an administrator stops it",
  "an administrator resets",
  "the mail server is down for the next mail",
] as const;
type Action = (typeof actions)[number];

const waits = [30, 60, 3600, 43_200, 86_399, 86_400, 129_600, 259_199, 259_200, 604_800];
const step = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Action>(...actions) },
  { weight: 1, arbitrary: fc.constantFrom(...waits) },
);

/** As far as it goes, one who does it as it is meant; without that, hardly anybody would get anywhere. */
const meant = [
  "request",
  "confirm with the newest code",
  259_200,
  "ask for a fresh code",
  "open with the newest code",
  "set up",
] as const;
const between = fc.array(step, { maxLength: 2 });
const story = fc
  .tuple(fc.nat(meant.length), fc.array(between, { minLength: meant.length, maxLength: meant.length }), fc.array(step))
  .map(([far, noise, rest]) => [
    ...meant.slice(0, far).flatMap((one, index) => [one, ...(noise[index] ?? [])]),
    ...rest,
  ]);

const runs = Number(process.env["RECOVERY_RUNS"] ?? 300);
const seed = Number(process.env["RECOVERY_SEED"] ?? 1);
const delaySeconds = 259_200;
const guess = "AAAABBBBCCCCDDDD";
const nobody = {};
const to = { user: {}, base: "/two-factor" };

/** What of it was told: since when it may be opened, and whether it was stopped since. */
interface Model {
  readyAt?: number | undefined;
  mark?: string | undefined;
}

const tally = { steps: 0, waiting: 0, opened: 0, finished: 0, cancelled: 0, refused: 0 };
let enrolled: { record: StoredRecord; secret: string; at: number };

class Story {
  readonly model: Model = {};
  readonly mails: RecoveryMessage[] = [];
  readonly rig: Rig;
  private isDown = false;
  private pending: PendingEnrolment | undefined;
  private newSecret = "";
  private isOver = false;

  constructor() {
    this.rig = startService({
      store: memoryStore(),
      recoveryCodes: { count: 1 },
      recovery: {
        delaySeconds,
        send: (_, message) => {
          if (this.isDown) throw new Error("no mail server");
          this.mails.push(message);
        },
      },
    });
  }

  private get now() {
    return Math.floor(Date.now() / 1000);
  }

  private codes(): string[] {
    return this.mails.flatMap(({ code: text }) => (text === undefined ? [] : [text.replaceAll("-", "")]));
  }

  private link(which: "newest" | "old") {
    const paths = this.mails.map(({ cancelPath }) => decodeURIComponent(cancelPath.split("token=")[1] ?? ""));
    return this.rig.service.recoveries.links.read((which === "newest" ? paths.at(-1) : paths[0]) ?? "");
  }

  private cancelled(isCancelled: boolean) {
    if (!isCancelled) return;
    tally.cancelled += 1;
    this.stopped();
  }

  private stopped() {
    this.model.readyAt = undefined;
    this.model.mark = undefined;
  }

  async take(action: Action | number): Promise<void> {
    tally.steps += 1;
    if (typeof action === "number") return void vi.setSystemTime(Date.now() + action * 1000);
    if (this.isOver) return;
    const { recoveries, submissions, administration } = this.rig.service;
    switch (action) {
      case "request": {
        await recoveries.request(ada, to, nobody);
        this.isDown = false;
        return;
      }
      case "confirm with the newest code":
        return this.confirm(this.codes().at(-1), true);
      case "confirm with an old code":
        return this.confirm(this.codes().at(-2), false);
      case "confirm with a guess":
        return this.confirm(guess, false);
      case "ask for a fresh code": {
        await recoveries.sendCode(ada, to, nobody);
        this.isDown = false;
        return;
      }
      case "open with the newest code":
        return this.open(this.codes().at(-1));
      case "open with an old code":
        return this.open(this.codes().at(0));
      case "set up":
        return this.setUp(this.model.mark);
      case "set up with a mark of another session":
        return this.setUp("another session's mark");
      case "the owner types a right code": {
        const result = await submissions.submit(ada, code(totpOf(enrolled.secret)), nobody);
        if (result.is === "passed") this.stopped();
        return;
      }
      case "somebody types a wrong code":
        return void (await submissions.submit(ada, code(wrongTotp(enrolled.secret)), nobody));
      case "the owner or the other thief presses the newest link":
      case "somebody presses an old link": {
        const link = this.link(action === "somebody presses an old link" ? "old" : "newest");
        if (link !== undefined) this.cancelled(await recoveries.cancel(link.subject, "a link", nobody, link.id));
        return;
      }
      case "a mail scanner looks at a link": {
        const link = this.link("newest");
        if (link !== undefined) await recoveries.isLive(link.subject, link.id);
        return;
      }
      case "an administrator stops it":
        return this.cancelled(await administration.cancelRecovery("ada"));
      case "an administrator resets": {
        await administration.reset("ada", { reason: "r", by: "b" });
        this.stopped();
        this.isOver = true;
        return;
      }
      case "the mail server is down for the next mail":
        this.isDown = true;
    }
  }

  private async confirm(text: string | undefined, isNewest: boolean): Promise<void> {
    if (text === undefined) return;
    const result = await this.rig.service.recoveries.confirm(ada, text, delaySeconds, to, nobody);
    const wasDown = this.isDown;
    this.isDown = false;
    if (result.is !== "waiting") return void (tally.refused += 1);
    tally.waiting += 1;
    ok(isNewest && !wasDown, "confirmed by another code, or without its mail");
    equal(result.readyAt, this.now + delaySeconds);
    this.model.readyAt = result.readyAt;
  }

  private async open(text: string | undefined): Promise<void> {
    if (text === undefined) return;
    const result = await this.rig.service.recoveries.open(ada, text);
    if (result.is !== "open") return void (tally.refused += 1);
    tally.opened += 1;
    // Never before its time, and never after it was stopped.
    ok(this.now >= (this.model.readyAt ?? Infinity), "opened before its time, or after it was stopped");
    this.model.mark = result.mark;
  }

  private async setUp(mark: string | undefined): Promise<void> {
    const { enrolments, access } = this.rig.service;
    const { record } = await access.read(ada, {}, nobody);
    if (this.pending === undefined || this.pending.recovery !== mark) {
      const begun = await enrolments.begin(ada, record, true, false, mark ?? "none");
      this.pending = begun.pending;
      this.newSecret = begun.secret;
    }
    const { pending } = this;
    const result = await enrolments.confirm(ada, pending, presented(totpOf(this.newSecret)), nobody);
    if (result.is !== "enabled") return void (tally.refused += 1);
    tally.finished += 1;
    equal(mark, this.model.mark);
    ok(this.now >= (this.model.readyAt ?? Infinity), "set up before its time, or after it was stopped");
    this.isOver = true;
  }

  /** The store never holds a code in the clear, nor a link. */
  async isSilent(): Promise<void> {
    const text = (await this.rig.store.get(ada.key))?.record ?? "";
    for (const known of this.codes()) ok(!text.includes(known), "a code in the store");
    for (const { cancelPath } of this.mails)
      ok(!text.includes(cancelPath.split("token=")[1] ?? "?"), "a link in the store");
    ok(!/token=|[A-Z2-7]{4}-[A-Z2-7]{4}/.test(JSON.stringify(this.rig.events)), "a secret in an event");
    const record = await stored(this.rig.store);
    ok(record?.recovery?.current === undefined || record.factors.length > 0, "a recovery of nothing");
  }
}

test(
  "no set-up before its time, none after it was stopped, and no code in the store: in any order of what anybody does",
  { timeout: 1_800_000 },
  async () => {
    stopClock();
    const rig = startService({ recoveryCodes: { count: 1 } });
    const { secret } = await enrolAda(rig);
    enrolled = { record: (await rig.store.get(ada.key))!, secret, at: Date.now() };
    await fc.assert(
      fc.asyncProperty(story, async (steps) => {
        vi.setSystemTime(enrolled.at);
        const told = new Story();
        await told.rig.store.compareAndSet(ada.key, undefined, enrolled.record);
        for (const action of steps) await told.take(action);
        await told.isSilent();
      }),
      { numRuns: runs, seed },
    );
    // Read by whoever runs it by hand.
    process.stdout.write(`recovery, ${runs} interleavings, seed ${seed}: ${JSON.stringify(tally)}\n`);
    // It is no proof where nobody gets anywhere.
    if (runs >= 300) for (const count of Object.values(tally)) expect(count).toBeGreaterThan(0);
  },
);
