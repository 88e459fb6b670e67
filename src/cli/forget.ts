import { Command } from "commander";
import { withHost } from "./host";
import { hasNothing, userOf } from "./user";

export const forget = (): Command =>
  new Command("forget")
    .description("forgets a user's remembered browsers and proven sessions: each must prove anew")
    .argument("<user>", "the id, or whatever the configuration's findUser understands, such as a mail address")
    .action(async (emailOrId: string, _options: object, command: Command) =>
      withHost(command, async (host) => {
        const user = await userOf(host, emailOrId);
        if (hasNothing(user)) return;
        await host.tfa.forgetBrowsers(user.id);
        const { revalidateSeconds = 30 } = host.options;
        console.log(`Every session and browser of user ${user.called} must prove anew, within ${revalidateSeconds} s.`);
      }),
    );
