import { scrypt } from "node:crypto";

/**
 * One computation holds 16 MiB and a thread of libuv's pool of four. Two at once leave threads for the host's own DNS
 * and file work, and bound what a flood of guesses can take.
 */
const AT_ONCE = 2;
const HASH_BYTES = 16;
const COST = { N: 16_384, r: 8, p: 1 };

let running = 0;
const waiting: (() => void)[] = [];

/**
 * Hashes a recovery code of 80 random bits: below 112 bits a password hash is asked (ASVS 5.0 6.5.2).
 * @param code as normalised by the caller; @param salt one a set of codes.
 * @returns 16 bytes as base64url, of scrypt with N 16384, r 8, p 1.
 */
export async function hashRecoveryCode(code: string, salt: string): Promise<string> {
  await enter();
  try {
    return await compute(code, salt);
  } finally {
    leave();
  }
}

function compute(code: string, salt: string): Promise<string> {
  return new Promise((resolve, reject) => {
    scrypt(code, salt, HASH_BYTES, COST, (error, hash) => {
      if (error === null) resolve(hash.toString("base64url"));
      else reject(error);
    });
  });
}

/** First come, first served. A place is handed on rather than freed, so that no newcomer takes it in between. */
function enter(): Promise<void> {
  if (running < AT_ONCE) {
    running += 1;
    return Promise.resolve();
  }
  return new Promise((resolve) => waiting.push(resolve));
}

function leave(): void {
  const next = waiting.shift();
  if (next === undefined) running -= 1;
  else next();
}
