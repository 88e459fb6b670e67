import { Command } from "commander";
import { withHost } from "./host";
import { operator } from "./operator";
import { userOf, warnWhereUnchecked } from "./user";

interface Given {
  reason: string;
  by?: string;
  enrolmentCode?: boolean;
}

/** Also for somebody who never enrolled: it ends what a session or a half-done set-up may hold. */
export const reset = (): Command =>
  new Command("reset")
    .description("ends a user's second factor, lock, sessions and remembered browsers, and tells the user")
    .argument("<user>", "the id, or whatever the configuration's findUser understands, such as a mail address")
    .requiredOption("--reason <text>", "why; it goes into the event, and so into the user's mail")
    .option("--by <name>", "who; by default the user of this machine")
    .option("--enrolment-code", "the next set-up takes a code besides the password; it is printed, this once")
    .action(async (emailOrId: string, { reason, by = operator(), enrolmentCode = false }: Given, command: Command) =>
      withHost(command, async (host) => {
        const user = await userOf(host, emailOrId);
        warnWhereUnchecked(user);
        const code = await host.tfa.reset(user.id, { reason, by, enrolmentCode });
        const { revalidateSeconds = 30 } = host.options;
        console.log(
          `Reset the second factor of user ${user.called}. Sessions and browsers must prove anew within ${revalidateSeconds} s.`,
        );
        if (code !== undefined) {
          console.log(
            `Enrolment code: ${code}\nHand it on by a safe way. It is good once, for 24 hours, and not shown again.`,
          );
        }
      }),
    );
