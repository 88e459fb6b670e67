import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import type { Request } from "express";

/** What decides about the second factor: super admins and mail members must, members may, guests are never asked. */
export type Role = "super" | "mail" | "member" | "guest";

export interface Member {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
}

export interface Members {
  readonly all: readonly Member[];
  byId(id: string): Member | undefined;
  /** By an address that somebody else has verified: exactly this one. */
  byVerifiedEmail(email: string): Member | undefined;
  /** The member whose email and password these are. Takes as long for an email that nobody has. */
  authenticate(email: string, password: string): Promise<Member | undefined>;
}

/** Printed at the start: this is a site to try things on. */
export const demoPassword = "correct horse battery staple";

const seeds: readonly Member[] = [
  { id: "1", email: "super@example.com", name: "Susan Super", role: "super" },
  { id: "2", email: "member@example.com", name: "Max Member", role: "member" },
  { id: "3", email: "mail@example.com", name: "Maya Mail", role: "mail" },
  { id: "4", email: "guest@example.com", name: "Gus Guest", role: "guest" },
];

const derive = promisify<string, Buffer, number, Buffer>(scrypt);

interface PasswordHash {
  salt: Buffer;
  hash: Buffer;
}

export function createMembers(): Members {
  const byId = new Map(seeds.map((member) => [member.id, member]));
  const byEmail = new Map(seeds.map((member) => [member.email, member]));
  // Started now and awaited by the first login, so that hashing delays neither the start nor anyone else.
  const hashes = new Map(seeds.map((member) => [member.id, hashPassword(demoPassword)]));
  const nobodysHash = hashPassword(randomBytes(16).toString("hex"));

  return {
    all: seeds,
    byId: (id) => byId.get(id),
    byVerifiedEmail: (email) => byEmail.get(email),
    async authenticate(email, password) {
      const member = byEmail.get(normalizeEmail(email));
      const right = await verifyPassword(password, await (hashes.get(member?.id ?? "") ?? nobodysHash));
      return right ? member : undefined;
    },
  };
}

/**
 * What was typed as accounts are stored here: ASCII, in lower case. Nothing else is folded: Unicode has more spaces and
 * capitals (the Kelvin sign, say), and with them another's address could become this one.
 */
export function normalizeEmail(typed: string): string {
  return typed.replaceAll(/^[ \t]+|[ \t]+$/g, "").replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Who is signed in. Passport leaves the type of `req.user` open. */
export function memberOf(req: Request): Member | undefined {
  return req.user as Member | undefined;
}

async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(16);
  return { salt, hash: await derive(password, salt, 32) };
}

async function verifyPassword(password: string, { salt, hash }: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await derive(password, salt, hash.length), hash);
}
