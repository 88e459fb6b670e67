import type { TwoFactorStore } from "express-two-factor";
import { DataTypes, type Sequelize, UniqueConstraintError } from "sequelize";

export function sequelizeStore(sequelize: Sequelize): TwoFactorStore {
  const columns = {
    userId: { type: DataTypes.TEXT, primaryKey: true, field: "user_id" },
    record: { type: DataTypes.TEXT, allowNull: false },
    revision: { type: DataTypes.TEXT, allowNull: false },
  };
  const Records = sequelize.define("TwoFactorRecord", columns, { tableName: "two_factor_records", timestamps: false });
  // Without it, CLS would put these statements into whatever transaction the host has open, and roll them back with it.
  const apart = { transaction: null };
  return {
    async get(userId) {
      const found = await Records.findByPk(userId, { ...apart, raw: true, attributes: ["record", "revision"] });
      const row = found as { record?: unknown; revision?: unknown } | null;
      return row === null ? undefined : { record: String(row.record), revision: String(row.revision) }; // MySQL answers bytes
    },
    async compareAndSet(userId, expected, { record, revision }) {
      if (expected !== undefined) {
        const where = { userId, revision: expected };
        return (await Records.update({ record, revision }, { ...apart, where }))[0] === 1;
      }
      try {
        await Records.create({ userId, record, revision }, apart);
        return true;
      } catch (error) {
        if (error instanceof UniqueConstraintError) return false;
        throw error;
      }
    },
  };
}
