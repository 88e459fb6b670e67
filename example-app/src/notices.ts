import { isIP } from "node:net";
import { browserName, type TwoFactorEvent } from "express-two-factor";
import type { Letter } from "./mail";

const ifItWasNotYou =
  "If it was not you, somebody else may know your password: change it now, and tell the people who run this site.";

/**
 * What an owner should hear about their account, by a way that whoever is in the browser does not control; most events
 * are no news and give nothing. What came with the request may be the text of a stranger, and mail programs make links
 * of text: an address is told where it is one, a browser by its known names.
 */
export function noticeOf(event: TwoFactorEvent, appName: string): Letter | undefined {
  const letter = (subject: string, ...paragraphs: string[]): Letter => ({
    kind: event.type,
    subject: `${subject} (${appName})`,
    paragraphs: [...paragraphs, whereFrom(event), ifItWasNotYou],
  });

  switch (event.type) {
    case "enabled":
      return letter(
        "Two-factor authentication is on",
        "From now on you need a code from your authenticator to sign in.",
        "Keep your recovery codes where you find them without your phone.",
      );
    case "disabled":
      return letter("Two-factor authentication is off", "Your password alone is enough to sign in now.");
    case "replaced":
      return letter(
        "Your authenticator was replaced",
        "Codes from the old authenticator no longer work. Other browsers have to sign in again.",
      );
    case "reset":
      return letter(
        "Your two-factor authentication was reset",
        `Somebody who runs this site reset it. The reason given: ${event.reason}`,
        "Your authenticator, your recovery codes and all remembered browsers no longer work.",
      );
    case "locked":
      return letter(
        "Too many wrong codes",
        event.until === undefined
          ? "Codes for your account are refused until somebody who runs this site unlocks it."
          : `Codes for your account are refused until ${utc(nextMinute(event.until))} (round ${event.round}).`,
        "Whoever typed them knew your password. Browsers where you are signed in already are not affected.",
      );
    case "recovery-code-used":
      return letter("A recovery code was used", `It does not work again. You have ${event.remaining} left.`);
    case "recovery-codes-regenerated":
      return letter("You have new recovery codes", "The old ones no longer work.");
    case "code-sending-limited":
      return letter(
        "Codes are asked for again and again",
        "Many codes were sent to you and none was used, so we send them more rarely for now. The newest one works.",
        "Whoever asks for them knows your password.",
      );
    case "recovery-codes-low":
      return letter(
        "Few recovery codes are left",
        `You have ${event.remaining} left. You can make new ones on your account page.`,
      );
    default:
      return undefined;
  }
}

function whereFrom({ at, ip, userAgent }: TwoFactorEvent): string {
  const address = isIP(ip ?? "") === 0 ? "" : `, from ${ip}`;
  const browser = browserName(userAgent ?? "");
  return `When: ${utc(at)}${address}${browser && `, with ${browser}`}.`;
}

/** Rounded up: a minute too late is better than one too early. */
function nextMinute(at: Date): Date {
  return new Date(Math.ceil(at.getTime() / 60_000) * 60_000);
}

function utc(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
