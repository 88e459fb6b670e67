import { Command, Option } from "commander";
import { subjectOf } from "../../core/user-id";
import { CommandFailure, printable, whatFailed } from "../failure";
import { withHost, type Host } from "../host";
import { onInterrupt } from "../interrupt";
import { showProgress } from "../progress";
import { csvRows, requireColumns, type Row } from "./csv";
import { postgresRows } from "./postgres";
import { columnsOf, foundIn, type Found, type Layout } from "./source";

interface Given {
  csv?: string;
  table?: string;
  id: string;
  secret?: string;
  onlyIf?: string;
  gem?: boolean;
  dryRun?: boolean;
}

interface Tally {
  rows: number;
  imported: number;
  short: number;
  enrolledBefore: number;
  /** Ids of whom nothing is taken over any more. */
  endedSince: string[];
  none: number;
  unread: { id: string; why: string }[];
}

const databaseVariable = "IMPORT_DATABASE_URL";
const gemKeyVariable = "GEM_OTP_SECRET_ENCRYPTION_KEY";
const mostNamed = 100;
const interruptedExitCode = 130;

/** Authenticators that were set up with another library go on working. Who is enrolled here is never touched. */
export const importSecrets = (): Command =>
  new Command("import")
    .description(
      "takes over authenticators that were set up with another library, from a CSV file or a PostgreSQL table",
    )
    .addOption(new Option("--csv <file>", "a file with a head line").conflicts("table"))
    .option("--table <name>", `a table of the database in ${databaseVariable}, such as users or app.users`)
    .option("--id <column>", "the column of the user's id, as secondFactorResourceId has it", "id")
    .option("--secret <column>", "the column of the secret; by default secret, with --gem encrypted_otp_secret_key")
    .option("--only-if <column>", "takes those only where this column is true: who has confirmed the set-up")
    .option("--gem", `the columns of the gem two_factor_authentication; its key is in ${gemKeyVariable}`)
    .option("--dry-run", "reads all and writes nothing")
    .action((given: Given, command: Command) => {
      const rows = sourceOf(given);
      return withHost(command, (host) => importAll(host, rows, layoutOf(given), given.dryRun === true));
    });

function layoutOf({ id, secret, onlyIf, gem }: Given): Layout {
  const gemKey = gem === true ? process.env[gemKeyVariable] : undefined;
  if (gem === true && (gemKey === undefined || gemKey === "")) {
    throw new CommandFailure(`With --gem, ${gemKeyVariable} must hold the gem's own otp_secret_encryption_key.`);
  }
  return {
    id,
    secret: secret ?? (gem === true ? "encrypted_otp_secret_key" : "secret"),
    ...(onlyIf !== undefined && { onlyIf }),
    ...(gemKey !== undefined && { gemKey }),
  };
}

/** Secrets of the operator's are in the environment, never on the command line, which every process can read. */
function sourceOf(given: Given): () => AsyncIterable<Row> {
  const { csv, table } = given;
  if (csv !== undefined) return () => csvRows(csv, columnsOf(layoutOf(given)));
  if (table === undefined) throw new CommandFailure("Say where they are: --csv <file>, or --table <name>.");
  const url = process.env[databaseVariable];
  if (url === undefined || url === "")
    throw new CommandFailure(`With --table, ${databaseVariable} must hold its address.`);
  return () => postgresRows(url, table, columnsOf(layoutOf(given)));
}

async function importAll(host: Host, rows: () => AsyncIterable<Row>, layout: Layout, isDryRun: boolean): Promise<void> {
  const interrupt = onInterrupt();
  // Once through, so that a damaged file, or a column that is not there, is told before anything is written.
  let total = 0;
  for await (const row of rows()) {
    if (total === 0) requireColumns([...row.keys()], columnsOf(layout));
    total += 1;
  }
  console.error(isDryRun ? `Reading ${total} rows. Nothing is written.` : `Importing ${total} rows.`);
  const tally: Tally = { rows: 0, imported: 0, short: 0, enrolledBefore: 0, endedSince: [], none: 0, unread: [] };
  const progress = showProgress(total);
  const seen = new Set<string>();
  try {
    for await (const row of rows()) {
      if (interrupt.asked) break;
      await importRow(host, foundIn(row, layout), seen, tally, isDryRun);
      tally.rows += 1;
      progress.at(tally.rows, Math.max(total, tally.rows));
    }
  } catch (error) {
    throw new CommandFailure(
      `${whatFailed(error)} ${summary(tally, isDryRun)} Run it again: who is in is left as they are.`,
    );
  } finally {
    progress.end();
  }
  console.log(summary(tally, isDryRun));
  tellEnded(tally);
  tellUnread(tally);
  if (!interrupt.asked) return;
  console.error("Interrupted. Run it again: who is in is left as they are.");
  process.exitCode = interruptedExitCode;
}

async function importRow(
  { tfa, options }: Host,
  found: Found,
  seen: Set<string>,
  tally: Tally,
  isDryRun: boolean,
): Promise<void> {
  if (found.is === "none") return void (tally.none += 1);
  const { id } = found;
  if (found.is === "unreadable") return void tally.unread.push({ id, why: found.why });
  if (seen.has(id))
    return void tally.unread.push({ id, why: "its id is there more than once; the first row was taken" });
  seen.add(id);
  const unfit = unfitId(options.scope ?? "user", id);
  if (unfit !== undefined) return void tally.unread.push({ id, why: unfit });
  if (isDryRun || !(await tfa.adopt(id, found.secret))) {
    const { enabled, adoptable } = await tfa.status(id);
    if (enabled) return void (tally.enrolledBefore += 1);
    if (!isDryRun || adoptable === false) return void tally.endedSince.push(id);
  }
  tally.imported += 1;
  if (found.isShort) tally.short += 1;
}

function unfitId(scope: string, id: string): string | undefined {
  try {
    subjectOf(scope, id);
    return undefined;
  } catch (error) {
    return whatFailed(error);
  }
}

function summary(
  { rows, imported, short, enrolledBefore, endedSince, none, unread }: Tally,
  isDryRun: boolean,
): string {
  const parts = [
    `${rows} rows read`,
    `${imported} ${isDryRun ? "would be imported" : "imported"}`,
    ...(short > 0 ? [`${short} of them with a short key, whose owners are asked to replace it`] : []),
    `${enrolledBefore} enrolled already and left as they are`,
    ...(endedSince.length > 0 ? [`${endedSince.length} skipped: reset or turned off since`] : []),
    `${none} without a second factor`,
    `${unread.length} not read`,
  ];
  return `${parts.join(", ")}.`;
}

/** What a thief may have is not for a script to bring back: they set up anew, or an administrator helps. */
function tellEnded({ endedSince }: Tally): void {
  if (endedSince.length === 0) return;
  console.error("These were reset, turned off or proven by something else here since, and stay as they are:");
  tellSome(endedSince.map((id) => printable(id)));
}

function tellUnread({ unread }: Tally): void {
  if (unread.length === 0) return;
  process.exitCode = 1;
  console.error("These could not be read, and have to set up anew:");
  tellSome(unread.map(({ id, why }) => `${printable(id) || "(no id)"}: ${why}`));
}

function tellSome(lines: readonly string[]): void {
  for (const line of lines.slice(0, mostNamed)) console.error(`  ${line}`);
  if (lines.length > mostNamed) console.error(`  and ${lines.length - mostNamed} more`);
}
