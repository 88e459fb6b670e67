import { Command } from "commander";
import { subjectOfKey } from "../service/administration";
import { CommandFailure, printable } from "./failure";
import { withHost, type Host } from "./host";
import { operator } from "./operator";
import { userOf, warnWhereUnchecked } from "./user";

/** Recoveries that are under way: who waits for a new second step, and how to stop it. */
export const recovery = (): Command =>
  new Command("recovery")
    .description("lists recoveries that are under way, stops one, tells what time has brought")
    .addCommand(
      new Command("list")
        .description("who has asked for a new second step, and when it can be set up")
        .option("--json", "as one JSON list on stdout")
        .action(async ({ json }: { json?: true }, command: Command) =>
          withHost(command, async (host) => list(await underWay(host), json)),
        ),
    )
    .addCommand(
      new Command("cancel")
        .description("stops a user's recovery; the second factor stays as it is")
        .argument("<user>", "the id, or whatever the configuration's findUser understands, such as a mail address")
        .option("--by <name>", "who; by default the user of this machine")
        .action(async (emailOrId: string, { by = operator() }: { by?: string }, command: Command) =>
          withHost(command, async (host) => {
            const user = await userOf(host, emailOrId);
            warnWhereUnchecked(user);
            if (!(await host.tfa.cancelRecovery(user.id, { by }))) {
              throw new CommandFailure(`No recovery of user ${user.called} is under way.`);
            }
            console.log(`Stopped the recovery of user ${user.called}.`);
          }),
        ),
    )
    .addCommand(
      new Command("tell")
        .description("sends the mails that are due: half of the waiting time is over, or all of it; for a schedule")
        .action(async (_: object, command: Command) =>
          withHost(command, async (host) => console.log(`Sent: ${await host.tfa.tellRecoveries()}.`)),
        ),
    );

interface UnderWay {
  userId: string;
  requestedAt: Date;
  readyAt?: Date;
}

async function underWay({ tfa, options }: Host): Promise<UnderWay[]> {
  const found: UnderWay[] = [];
  for await (const key of tfa.keys()) {
    const subject = subjectOfKey(key);
    if (subject?.scope !== (options.scope ?? "user")) continue;
    const { recovery: known } = await tfa.status(subject.id);
    if (known !== undefined) found.push({ userId: subject.id, ...known });
  }
  return found;
}

function list(found: readonly UnderWay[], json: true | undefined): void {
  if (json) return console.log(JSON.stringify(found, null, 2));
  if (found.length === 0) return console.log("No recovery is under way.");
  for (const { userId, requestedAt, readyAt } of found) {
    const until = readyAt === undefined ? "its code was not typed yet" : `can be set up from ${time(readyAt)}`;
    console.log(`${printable(userId)}  asked for ${time(requestedAt)}, ${until}`);
  }
}

const time = (at: Date): string => at.toISOString().slice(0, 19).replace("T", " ") + "Z";
