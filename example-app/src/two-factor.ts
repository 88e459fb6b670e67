import { isIP } from "node:net";
import { twoFactor, type TwoFactorEvent, type TwoFactorOptions, type TwoFactorStore } from "express-two-factor";
import { notice } from "express-two-factor/notices";
import { securityKeys } from "express-two-factor/security-keys";
import type { Config } from "./config";
import { codeLetter, type Mailer } from "./mail";
import type { Member, Members, Role } from "./members";

/** Who must, who may, and who is never asked. */
const need: Readonly<Record<Role, boolean | "never">> = {
  super: true,
  mail: true,
  member: false,
  guest: "never",
};

interface OptionParts {
  store: TwoFactorStore;
  encryptionKeys: string;
  members: Members;
  mailer: Mailer;
}

/**
 * The whole of what this site says to the library, here and on the command line (`two-factor.config.js`).
 * @public
 */
export function secondFactorOptions(config: Config, parts: OptionParts): TwoFactorOptions<Member> {
  const { store, encryptionKeys, members, mailer } = parts;
  const urlOf = (path: string) => config.publicUrl && new URL(path, config.publicUrl).href;
  const about = () => ({ issuer: config.appName, accountUrl: urlOf("/two-factor") });
  return {
    issuer: config.appName,
    store,
    otpSecretEncryptionKey: encryptionKeys,
    needTwoFactorAuthentication: (member) => need[member.role],
    label: (member) => member.email,
    factors: keySites(config).map((site) => securityKeys(site)),
    rememberBrowser: config.rememberBrowser,
    // Codes by mail only for whoever has no authenticator and is meant to get them so; all others set one up.
    directOtp: (member, { enrolled }) => member.role === "mail" && !enrolled,
    acceptedAcr: config.oidc?.acrValues ?? [],
    onWeakAcr: config.oidc?.onWeakAcr ?? "challenge",
    sendTwoFactorAuthenticationCode: (member, code) => mailer.send(member, codeLetter(config.appName, code)),
    recovery: {
      delaySeconds: config.recoveryDelaySeconds,
      // Who gets codes by mail has no second factor but the mailbox.
      allow: (member) => member.role !== "mail",
      findUser: (id) => members.byId(id),
      async send(member, message) {
        const mail = notice(message, { ...about(), cancelUrl: urlOf(message.cancelPath) });
        if (mail === undefined) throw new Error("PUBLIC_URL is needed for the link that stops a recovery");
        await mailer.send(member, { kind: message.type, ...mail });
      },
    },
    async onEvent(event) {
      const member = members.byId(event.userId);
      const mail = isNews(event, config) ? notice(event, about()) : undefined;
      if (member !== undefined && mail !== undefined) await mailer.send(member, { kind: event.type, ...mail });
    },
  };
}

/**
 * Where security keys and passkeys can be used: at the public address, if that has a name and TLS, else on `localhost`,
 * which browsers trust. For an address of numbers they make none.
 */
export function keySites({ publicUrl, port }: Config): readonly { rpId: string; origins: readonly string[] }[] {
  const { protocol, hostname, origin } = new URL(publicUrl ?? "http://127.0.0.1");
  if (protocol === "https:" && isIP(hostname.replace(/[[\]]/g, "")) === 0 && hostname.includes(".")) {
    return [{ rpId: hostname, origins: [origin] }];
  }
  if (hostname === "localhost") return [{ rpId: "localhost", origins: [origin] }];
  return port === 0 ? [] : [{ rpId: "localhost", origins: [`http://localhost:${port}`] }];
}

/** Where every browser is remembered, for a day, a mail about it would come with every day's sign-in. */
const isNews = ({ type }: TwoFactorEvent, { rememberBrowser }: Config): boolean =>
  type !== "browser-remembered" || rememberBrowser === "ask";

export const secondFactor = (config: Config, parts: OptionParts) => twoFactor(secondFactorOptions(config, parts));

export type SecondFactor = ReturnType<typeof secondFactor>;
