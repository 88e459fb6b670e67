import { Command } from "commander";
import type { KeyStatus } from "../service/status";
import { CommandFailure, printable } from "./failure";
import { withHost } from "./host";
import { operator } from "./operator";
import { userOf, warnWhereUnchecked } from "./user";

interface Wish {
  remove?: string;
  reason?: string;
  by?: string;
  json?: true;
}

export const keys = (): Command =>
  new Command("keys")
    .description("lists a user's security keys and passkeys, or takes one away")
    .argument("<user>", "the id, or whatever the configuration's findUser understands, such as a mail address")
    .option("--remove <id>", "the one to take away; sessions and remembered browsers end")
    .option("--reason <text>", "with --remove: why; it goes into the event, and so into the user's mail")
    .option("--by <name>", "who; by default the user of this machine")
    .option("--json", "as one JSON list on stdout")
    .action(async (emailOrId: string, { remove, reason, by = operator(), json }: Wish, command: Command) =>
      withHost(command, async (host) => {
        if (remove !== undefined && reason === undefined) throw new CommandFailure('--remove needs --reason "…".');
        const user = await userOf(host, emailOrId);
        warnWhereUnchecked(user);
        const { keys: known } = await host.tfa.status(user.id);
        if (known === undefined) {
          throw new CommandFailure("The configuration has no securityKeys() in `factors`. Nothing was changed.");
        }
        if (remove === undefined) return console.log(json ? JSON.stringify(known, null, 2) : page(user.called, known));
        const found = known.find(({ id }) => id === remove);
        if (found === undefined) {
          throw new CommandFailure(`User ${user.called} has no key "${printable(remove)}". Nothing was changed.`);
        }
        await host.tfa.removeKey(user.id, remove, { reason: reason ?? "", by });
        console.log(`Removed the key "${printable(found.name)}" of user ${user.called}.`);
      }),
    );

const page = (called: string, known: readonly KeyStatus[]): string =>
  known.length === 0 ? `User ${called} has no security key.` : [`User ${called}`, ...known.map(line)].join("\n");

const line = ({ id, name, addedAt, lastUsedAt, synced }: KeyStatus): string =>
  `  ${printable(name)}, added ${day(addedAt)}, ${lastUsedAt ? `last used ${day(lastUsedAt)}` : "not used since"}, ${synced ? "synced" : "one device"}\n    ${id}`;

const day = (at: Date): string => at.toISOString().slice(0, 10);
