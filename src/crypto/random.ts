import { randomBytes, randomInt } from "node:crypto";

/** RFC 4648 §6: 32 characters, so that five bits of a random byte choose one without bias. */
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const RECOVERY_CODE_CHARACTERS = 16;

/** @returns base64url of `bytes` random bytes; by default 128 bits (ASVS 5.0 7.2.3). */
export const randomToken = (bytes = 16): string => randomBytes(bytes).toString("base64url");

/** @returns 16 base32 characters, 80 bits. */
export function randomRecoveryCode(): string {
  return Array.from(randomBytes(RECOVERY_CODE_CHARACTERS), (byte) => BASE32.charAt(byte & 31)).join("");
}

/** @returns `length` decimal digits, each as likely as any other, leading zeros included. */
export function randomDigits(length: number): string {
  return Array.from({ length }, () => randomInt(10)).join("");
}
