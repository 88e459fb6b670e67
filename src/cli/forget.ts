import { Command } from "commander";
import { withHost } from "./host";
import { operator } from "./operator";
import { hasNothing, userOf } from "./user";

export const forget = (): Command =>
  new Command("forget")
    .description("forgets a user's remembered browsers and proven sessions: each must prove anew")
    .argument("<user>", "the id, or whatever the configuration's findUser understands, such as a mail address")
    .option("--by <name>", "who; by default the user of this machine")
    .action(async (emailOrId: string, { by = operator() }: { by?: string }, command: Command) =>
      withHost(command, async (host) => {
        const user = await userOf(host, emailOrId);
        if (hasNothing(user)) return;
        await host.tfa.forgetBrowsers(user.id, { by });
        const { revalidateSeconds = 30 } = host.options;
        console.log(`Every session and browser of user ${user.called} must prove anew, within ${revalidateSeconds} s.`);
      }),
    );
