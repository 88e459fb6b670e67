import { Command } from "commander";
import type { TwoFactorStatus } from "../service/status";
import { printable } from "./failure";
import { withHost } from "./host";
import { userOf, warnWhereUnchecked } from "./user";

export const status = (): Command =>
  new Command("status")
    .description("shows what is known of a user's second factor; no secret and no code")
    .argument("<user>", "the id, or whatever the configuration's findUser understands, such as a mail address")
    .option("--json", "as one JSON object on stdout")
    .action(async (emailOrId: string, { json }: { json?: true }, command: Command) =>
      withHost(command, async (host) => {
        const user = await userOf(host, emailOrId);
        warnWhereUnchecked(user);
        const known = await host.tfa.status(user.id);
        console.log(
          json ? JSON.stringify({ userId: user.id, scope: user.scope, ...known }, null, 2) : page(user.called, known),
        );
      }),
    );

function page(called: string, known: TwoFactorStatus): string {
  const { enabled, enabledAt, methods, factors, recoveryCodesRemaining, identityProvider, browsers, activity } = known;
  const lines: [string, string][] = [
    ["Second factor", enabled ? `on${enabledAt ? `, since ${time(enabledAt)}` : ""}` : "off"],
    ["Locked", lockText(known)],
    ...(known.lock ? [["", `for ${lanes[known.lock.lane]}`] as [string, string]] : []),
    ["Accepted codes", methods.join(", ") || "none"],
    ...(factors.some(({ replaceAdvised }) => replaceAdvised)
      ? [["Its key", "short; its owner is asked to replace it"] as [string, string]]
      : []),
    ["Recovery codes left", String(recoveryCodesRemaining)],
    ...(known.recovery ? [["Recovery", recoveryText(known.recovery)] as [string, string]] : []),
    ...(identityProvider
      ? [["Identity provider", `${printable(identityProvider.acr)}, ${time(identityProvider.at)}`] as [string, string]]
      : []),
    ["Remembered browsers", String(browsers.length)],
    ...browsers.map(({ name, rememberedAt, lastUsedAt }): [string, string] => [
      "",
      `${printable(name) || "unknown browser"}, since ${time(rememberedAt)}, last used ${time(lastUsedAt)}`,
    ]),
    ["Activity", activity.length === 0 ? "none" : "newest first"],
    ...activity.map(({ type, at, ip, browser }): [string, string] => [
      "",
      [time(at), type, ip, browser]
        .map((part) => printable(part ?? ""))
        .join("  ")
        .trimEnd(),
    ]),
  ];
  return [`User ${called}`, ...lines.map(([name, value]) => `  ${name.padEnd(20)} ${value}`)].join("\n");
}

const lanes = { "unknown-browsers": "unknown browsers", "known-browser": "one known browser" } as const;

function lockText({ lock }: TwoFactorStatus): string {
  if (lock === undefined) return "no";
  return lock.until === undefined ? "until `unlock` or `reset`" : `until ${time(lock.until)}`;
}

const recoveryText = ({ requestedAt, readyAt }: NonNullable<TwoFactorStatus["recovery"]>): string =>
  `asked for ${time(requestedAt)}${readyAt === undefined ? "" : `, can be set up from ${time(readyAt)}`}`;

const time = (at: Date): string => at.toISOString().slice(0, 19).replace("T", " ") + "Z";
