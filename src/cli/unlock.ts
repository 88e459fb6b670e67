import { Command } from "commander";
import { withHost } from "./host";
import { operator } from "./operator";
import { hasNothing, userOf } from "./user";

export const unlock = (): Command =>
  new Command("unlock")
    .description("ends a user's lock after too many wrong codes; the second factor stays")
    .argument("<user>", "the id, or whatever the configuration's findUser understands, such as a mail address")
    .option("--by <name>", "who; by default the user of this machine")
    .action(async (emailOrId: string, { by = operator() }: { by?: string }, command: Command) =>
      withHost(command, async (host) => {
        const user = await userOf(host, emailOrId);
        if (hasNothing(user)) return;
        await host.tfa.unlock(user.id, { by });
        console.log(`Unlocked user ${user.called}.`);
      }),
    );
