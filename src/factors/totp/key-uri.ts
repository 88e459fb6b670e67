import { generateTOTP } from "@otplib/uri";
import { plainName } from "../../core/plain-name";
import { stepSeconds } from "./match";

/**
 * The text of the QR code ("Key Uri Format"). A colon would end the issuer or the label early, and a bidi or control
 * character can disguise either, so they are dropped.
 */
export const otpauthUri = (secret: string, issuer: string, label: string, digits: number): string =>
  generateTOTP({
    secret,
    issuer: plainName(issuer),
    label: plainName(label),
    digits,
    period: stepSeconds,
  });
