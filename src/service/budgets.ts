import type { Subject } from "../core/user-id";

/** So many at once, then one every so many seconds. */
export interface Budget {
  atOnce: number;
  everySeconds: number;
}

/**
 * What costs the server something and takes no code. Sent codes are not among them: their cool-down is in the record,
 * and a second one here would be one more way to keep the owner's code from being sent.
 */
export const budgets = {
  /** Pages and answers with a QR code. */
  setup: { atOnce: 12, everySeconds: 5 },
  /** A scrypt for each code (measured: 230 ms of processor a set). */
  recoveryCodes: { atOnce: 5, everySeconds: 60 },
  /** Recovery codes that were typed: too long to be guessed, so nothing counts them, and each costs a scrypt. */
  recoveryTries: { atOnce: 10, everySeconds: 60 },
  /** Codes under a lock that one session gives to end it. */
  unlockLooks: { atOnce: 1, everySeconds: 20 },
  /** The same over all logins of a user whose names are in a cookie: as `keysWithoutLogin`, and a look costs less. */
  unlockLooksWithoutLogin: { atOnce: 600, everySeconds: 0.05 },
  /** Mails of a recovery that the host's sender failed at, or seems to have: they may have gone out all the same. */
  failedMails: { atOnce: 5, everySeconds: 3600 },
  /** Notes in the record that a login was left, where nothing was to be ended: strangers with the password can log out, too. */
  logouts: { atOnce: 10, everySeconds: 6 },
  /** Answers of keys that were refused; they are no guesses, and codes go on. */
  keys: { atOnce: 20, everySeconds: 30 },
  /**
   * The same over all logins of a user whose names are in a cookie, and so can be thrown away: the work of a flood (a check
   * of a signature takes half a millisecond), and so wide that nobody keeps the owner out but by one that does not end.
   */
  keysWithoutLogin: { atOnce: 600, everySeconds: 0.05 },
} as const satisfies Record<string, Budget>;

export type Budgets = ReturnType<typeof createBudgets>;

export type BudgetName = keyof typeof budgets;

/** Of a user, or of one of a user's lanes. */
type Keyed = Pick<Subject, "key">;

/** So many users are kept apart; beyond, who has not come for longest begins anew. */
const mostUsers = 10_000;

/**
 * What each user has left of each budget, in this process. It is no lock, and guards nothing but the processor: what may
 * be guessed is bounded in the record.
 * @param now seconds of a clock that nobody sets
 */
export function createBudgets(now: () => number = () => performance.now() / 1000) {
  /** When a budget is whole again: a token bucket in one number. */
  const wholeAt = new Map<string, number>();

  const keyOf = (name: BudgetName, { key }: Keyed) => `${name} ${key}`;

  function keep(key: string, at: number): void {
    wholeAt.delete(key);
    if (at <= now()) return;
    wholeAt.set(key, at);
    const [oldest] = wholeAt.keys();
    if (wholeAt.size > mostUsers && oldest !== undefined) wholeAt.delete(oldest);
  }

  return {
    /** @returns seconds until there is one again; 0: it is taken */
    take(name: BudgetName, subject: Keyed): number {
      const { atOnce, everySeconds } = budgets[name];
      const key = keyOf(name, subject);
      const at = Math.max(now(), wholeAt.get(key) ?? 0) + everySeconds;
      const wait = at - now() - atOnce * everySeconds;
      // A rounding error is no reason to wait.
      if (wait > 0.001) return wait;
      keep(key, at);
      return 0;
    },

    /** It was not needed after all. */
    giveBack(name: BudgetName, subject: Keyed): void {
      const key = keyOf(name, subject);
      const at = wholeAt.get(key);
      if (at !== undefined) keep(key, at - budgets[name].everySeconds);
    },
  };
}
