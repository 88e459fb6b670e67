import type { TwoFactorStore } from "express-two-factor";
import type { Pool } from "pg";

/** Keeps records in two columns of the host's own users. @param pool a pool, never a client within a transaction. */
export function usersTableStore(pool: Pool): TwoFactorStore {
  return {
    async get(userId) {
      const text = "SELECT two_factor AS record, two_factor_revision AS revision FROM users WHERE id = $1";
      const [user] = (await pool.query(`${text} AND two_factor_revision IS NOT NULL`, [idOf(userId)])).rows;
      return user as { record: string; revision: string } | undefined;
    },
    async compareAndSet(userId, expected, { record, revision }) {
      const text = `UPDATE users SET two_factor = $3, two_factor_revision = $4
        WHERE id = $1 AND two_factor_revision IS NOT DISTINCT FROM $2`;
      const { rowCount } = await pool.query(text, [idOf(userId), expected ?? null, record, revision]);
      return rowCount === 1;
    },
  };
}

/** A `userId` is the JSON text `["<scope>","<id>"]`; the id of a number or an ObjectId is its text. */
function idOf(userId: string): string {
  const [scope, id] = JSON.parse(userId) as [string, string];
  if (scope !== "user") throw new Error(`The table users holds no one of the scope ${scope}`);
  return id;
}
