import type { TwoFactorStore } from "express-two-factor";
import type { Knex } from "knex";

/** @param knex the instance itself, never a transaction of the host's. */
export function knexStore(knex: Knex): TwoFactorStore {
  const rows = () => knex<{ user_id: string; record: string; revision: string }>("two_factor_records");
  return {
    async get(userId) {
      return rows().where({ user_id: userId }).first("record", "revision");
    },
    async compareAndSet(userId, expected, { record, revision }) {
      if (expected !== undefined) {
        return (await rows().where({ user_id: userId, revision: expected }).update({ record, revision })) === 1;
      }
      const insert = rows().insert({ user_id: userId, record, revision }).onConflict("user_id").ignore();
      return (await insert.returning("revision")).length === 1;
    },
  };
}
