import { createHash, randomBytes, randomInt } from "node:crypto";

/** RFC 4648 §6: 32 characters, so that five bits of a random byte choose one without bias. */
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const RECOVERY_CODE_CHARACTERS = 16;

/** @returns base64url of `bytes` random bytes; by default 128 bits (ASVS 5.0 7.2.3). */
export const randomToken = (bytes = 16): string => randomBytes(bytes).toString("base64url");

/** Of such a token, for a record to know it by: of 128 random bits a fast hash will do (ASVS 5.0 6.5.2 asks a slow one below 112). */
export const hashOfToken = (token: string, characters = 22): string =>
  createHash("sha256").update(token).digest("base64url").slice(0, characters);

/** @returns 16 base32 characters, 80 bits. */
export function randomRecoveryCode(): string {
  return Array.from(randomBytes(RECOVERY_CODE_CHARACTERS), (byte) => BASE32.charAt(byte & 31)).join("");
}

/** @returns `length` decimal digits, each as likely as any other, leading zeros included. */
export function randomDigits(length: number): string {
  return Array.from({ length }, () => randomInt(10)).join("");
}
