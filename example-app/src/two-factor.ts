import { twoFactor, type TwoFactorOptions, type TwoFactorStore } from "express-two-factor";
import type { Config } from "./config";
import { codeLetter, type Mailer } from "./mail";
import type { Member, Members, Role } from "./members";
import { noticeOf } from "./notices";

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
  return {
    issuer: config.appName,
    store,
    otpSecretEncryptionKey: encryptionKeys,
    needTwoFactorAuthentication: (member) => need[member.role],
    label: (member) => member.email,
    rememberBrowser: config.rememberBrowser,
    // Codes by mail only for whoever has no authenticator and is meant to get them so; all others set one up.
    directOtp: (member, { enrolled }) => member.role === "mail" && !enrolled,
    acceptedAcr: config.oidc?.acrValues ?? [],
    onWeakAcr: config.oidc?.onWeakAcr ?? "challenge",
    sendTwoFactorAuthenticationCode: (member, code) => mailer.send(member, codeLetter(config.appName, code)),
    async onEvent(event) {
      const member = members.byId(event.userId);
      const notice = noticeOf(event, config.appName);
      if (member !== undefined && notice !== undefined) await mailer.send(member, notice);
    },
  };
}

export const secondFactor = (config: Config, parts: OptionParts) => twoFactor(secondFactorOptions(config, parts));

export type SecondFactor = ReturnType<typeof secondFactor>;
