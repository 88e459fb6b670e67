// An authenticator app (RFC 6238, SHA-1, 30 seconds, six digits) that shares no line with the library.
import { createHmac } from "node:crypto";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function bytesOf(base32) {
  const bits = [...base32].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
}

export const currentStep = (aheadMilliseconds = 0) => Math.floor((Date.now() + aheadMilliseconds) / 30_000);

export function codeOf(secret, step) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", bytesOf(secret)).update(counter).digest();
  const number = mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** A well-formed code that is wrong now and in every step near. */
export function wrongCode(secret, aheadMilliseconds = 0) {
  const step = currentStep(aheadMilliseconds);
  const near = new Set([-3, -2, -1, 0, 1, 2, 3].map((away) => codeOf(secret, step + away)));
  for (;;) {
    const code = String(Math.floor(Math.random() * 1_000_000)).padStart(6, "0");
    if (!near.has(code)) return code;
  }
}
