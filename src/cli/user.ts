import { subjectOf, type Subject } from "../core/user-id";
import { withinSeconds } from "../service/patience";
import { CommandFailure, printable, whatFailed } from "./failure";
import type { Host } from "./host";
import type { HostConfig } from "./host-config";

const longestSearchSeconds = 30;

export interface KnownUser extends Subject {
  /** For messages: the id, and what the operator called it. */
  called: string;
  /** Something is stored; so this user exists, or has existed. */
  seen: boolean;
  /** The app itself knows this user. */
  checked: boolean;
}

/**
 * The user whom the operator means. Without `findUser` it is taken for the id itself.
 * @throws CommandFailure when the app knows no such user
 */
export async function userOf(host: Host, emailOrId: string): Promise<KnownUser> {
  const { options, findUser } = host;
  let id: unknown = emailOrId;
  if (findUser !== undefined) {
    const found = await foundBy(findUser, emailOrId);
    id = idOf(options, found);
  }
  const subject = subjectOf(options.scope ?? "user", id);
  const seen = (await host.stored(subject.key)) !== undefined;
  const called =
    subject.id === emailOrId ? printable(subject.id) : `${printable(emailOrId)} (id ${printable(subject.id)})`;
  return { ...subject, called, seen, checked: findUser !== undefined };
}

async function foundBy(findUser: NonNullable<HostConfig["findUser"]>, emailOrId: string): Promise<unknown> {
  let found: unknown;
  try {
    found = await withinSeconds(longestSearchSeconds, "findUser", async () => findUser(emailOrId));
  } catch (error) {
    throw new CommandFailure(`${whatFailed(error)} Nothing was changed.`);
  }
  if (found === undefined || found === null || found === false) {
    throw new CommandFailure(`Unknown user "${printable(emailOrId)}": findUser found nobody. Nothing was changed.`);
  }
  return found;
}

function idOf({ secondFactorResourceId: id = "id" as never }: HostConfig["options"], user: unknown): unknown {
  if (typeof user !== "object" || user === null) return user;
  return typeof id === "function" ? id(user) : (user as Record<string, unknown>)[id];
}

/** A reset of somebody who never enrolled is in order; of a mistyped id it only looks so. */
export function warnWhereUnchecked({ called, seen, checked }: KnownUser): void {
  if (seen || checked) return;
  console.error(
    `Warning: nothing is stored about "${called}", and the configuration has no findUser: the id is not checked.`,
  );
}

/**
 * Says so where nothing is stored: then there is no lock to end and nothing to forget, and no event should claim it.
 * @throws CommandFailure where the id may as well be mistyped
 */
export function hasNothing({ called, seen, checked }: KnownUser): boolean {
  if (seen) return false;
  if (!checked) {
    throw new CommandFailure(
      `Unknown user "${called}": nothing is stored under this id, and the configuration has no findUser. Nothing was changed.`,
    );
  }
  console.log(`User ${called} has never used a second factor. Nothing was changed.`);
  return true;
}
