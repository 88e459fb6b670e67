import { Command, InvalidArgumentError } from "commander";
import { runThere, subjectOfKey } from "../service/administration";
import { CommandFailure, printable, whatFailed } from "./failure";
import { withHost, type Host } from "./host";
import { onInterrupt } from "./interrupt";
import { showProgress } from "./progress";

interface Tally {
  /** Keys passed, of whatever scope. */
  done: number;
  /** Records of this scope looked at. */
  seen: number;
  reencrypted: number;
  failures: { key: string; why: string }[];
  /** Records of other scopes that still need an old key, by scope. */
  elsewhere: Map<string, number>;
  /** Everything up to this key is done; always one of ours, so that it can be given as `--after`. */
  last: string | undefined;
}

const mostFailuresNamed = 20;
/** 128 + SIGINT, as shells have it. */
const interruptedExitCode = 130;

/** Brings every record under the first key, while the app runs: each is one compare-and-set, and a login is never lost. */
export const reencrypt = (): Command =>
  new Command("reencrypt")
    .description(
      "brings every record under the first encryption key, after which older keys can go; safe while the app runs",
    )
    .option("--after <key>", "go on behind this key, as an interrupted run has printed it", keyOfRecord)
    .option("--batch <size>", "so many records at a time", wholeNumber, 20)
    .action(async ({ after, batch }: { after?: string; batch: number }, command: Command) =>
      withHost(command, (host) => reencryptAll(host, batch, after)),
    );

async function reencryptAll(host: Host, batchSize: number, after: string | undefined): Promise<void> {
  const interrupt = onInterrupt();
  let tally = await pass(host, batchSize, after, 0, interrupt);
  // What an earlier run left behind as failed, or as another scope's, stands before `after`: only all of it says "0 failed".
  if (after !== undefined && !interrupt.asked) {
    console.error("The rest is done. Now all of them once more, from the beginning.");
    tally = await pass(host, batchSize, undefined, tally.reencrypted, interrupt);
  }
  console.log(summary(tally, !interrupt.asked));
  tellFailures(tally);
  tellElsewhere(tally);
  if (interrupt.asked) {
    console.error(`Interrupted. ${goOn(tally)}`);
    process.exitCode = interruptedExitCode;
  }
}

/** Over all records behind `after`. @param before so many were re-encrypted in this run already */
async function pass(
  host: Host,
  batchSize: number,
  after: string | undefined,
  before: number,
  interrupt: ReturnType<typeof onInterrupt>,
): Promise<Tally> {
  const tally: Tally = { done: 0, seen: 0, reencrypted: before, failures: [], elsewhere: new Map(), last: after };
  let total = 0;
  for await (const _ of host.tfa.keys(after)) {
    total += 1;
    if (interrupt.asked) break;
  }
  if (!interrupt.asked) console.error(`Re-encrypting ${total} records.`);
  const progress = showProgress(total);
  try {
    for await (const keys of inBatches(host.tfa.keys(after), batchSize)) {
      if (interrupt.asked) break;
      await reencryptBatch(host, keys, tally);
      // Users may have enrolled since they were counted.
      progress.at(tally.done, Math.max(total, tally.done));
    }
  } catch (error) {
    progress.end();
    throw new CommandFailure(`${whatFailed(error)} ${summary(tally, false)} ${goOn(tally)}`);
  } finally {
    progress.end();
  }
  return tally;
}

async function reencryptBatch(host: Host, keys: readonly string[], tally: Tally): Promise<void> {
  const failures: Tally["failures"] = [];
  const outcomes = await Promise.all(
    keys.map((key) =>
      host.tfa.reencrypt(key).catch((error: unknown) => {
        failures.push({ key, why: whatFailed(error) });
        return false;
      }),
    ),
  );
  // One bad record is no reason to stop; a store that does not answer is, and then this batch is still to be done.
  if (failures[0] !== undefined) await host.stored(failures[0].key);
  const own = keys.filter((key) => isOwn(host, key));
  tally.seen += own.length;
  tally.done += keys.length;
  for (const key of keys) if (!isOwn(host, key) && failures.some((failure) => failure.key === key)) count(tally, key);
  tally.reencrypted += outcomes.filter(Boolean).length;
  tally.failures.push(...failures.filter(({ key }) => isOwn(host, key)));
  tally.last = keys.findLast((key) => subjectOfKey(key) !== undefined) ?? tally.last;
}

async function* inBatches(keys: AsyncIterable<string>, size: number): AsyncIterable<string[]> {
  let batch: string[] = [];
  for await (const key of keys) {
    batch.push(key);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Of another scope's records, and keys that are none of ours. */
const isOwn = ({ options }: Host, key: string): boolean => {
  const subject = subjectOfKey(key);
  return subject === undefined || subject.scope === (options.scope ?? "user");
};

function count({ elsewhere }: Tally, key: string): void {
  const scope = subjectOfKey(key)?.scope ?? "";
  elsewhere.set(scope, (elsewhere.get(scope) ?? 0) + 1);
}

/** "0 failed" is what an operator waits for before the old key goes: said of all records alone, and if nobody needs it. */
function summary({ seen, reencrypted, failures, elsewhere }: Tally, isWhole: boolean): string {
  const others = [...elsewhere.values()].reduce((sum, records) => sum + records, 0);
  const failed = failures.length === 0 && (others > 0 || !isWhole) ? [] : [`${failures.length} failed`];
  const left = others > 0 ? [`${others} of other scopes left under an old key`] : [];
  return `${[`${seen} records looked at`, `${reencrypted} re-encrypted`, ...failed, ...left].join(", ")}.`;
}

function tellElsewhere({ elsewhere }: Tally): void {
  for (const [scope, records] of elsewhere) {
    process.exitCode = 1;
    const which = `${records} ${records === 1 ? "record" : "records"} of scope "${printable(scope)}"`;
    console.error(`${which} still need${records === 1 ? "s" : ""} an old key: ${printable(runThere(scope))}.`);
  }
}

function goOn({ last }: Tally): string {
  const command = "npx express-two-factor reencrypt";
  return `Go on with: ${last === undefined ? command : `${command} --after ${shellQuoted(last)}`}`;
}

const shellQuoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

function tellFailures({ failures }: Tally): void {
  if (failures.length === 0) return;
  process.exitCode = 1;
  console.error("These records were left as they are; their old keys are still needed:");
  for (const { key, why } of failures.slice(0, mostFailuresNamed)) console.error(`  ${printable(key)}: ${why}`);
  if (failures.length > mostFailuresNamed) console.error(`  and ${failures.length - mostFailuresNamed} more`);
}

function keyOfRecord(text: string): string {
  if (subjectOfKey(text) !== undefined) return text;
  throw new InvalidArgumentError('It must be a key as an interrupted run has printed it, such as \'["user","42"]\'.');
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1 && number <= 1000) return number;
  throw new InvalidArgumentError("It must be a whole number from 1 to 1000.");
}
