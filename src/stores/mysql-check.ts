import { TwoFactorError } from "../errors";
import type { MysqlQuery } from "./mysql-pool";
import { mysqlTable, type MysqlTableOptions, USER_ID_BYTES } from "./mysql-schema";
import { TABLE } from "./table-name";

interface Column {
  name: string;
  type: string;
  bytes: string;
  isKey: number;
  autocommit: number;
}

const LOOK = `SELECT column_name AS name, data_type AS type, CAST(character_octet_length AS CHAR) AS bytes,
  column_key = 'PRI' AS isKey, @@autocommit AS autocommit
FROM information_schema.columns WHERE table_name = ? AND table_schema = `;

/**
 * Looks at the table before it is trusted: one that a host made with text columns takes `ann` and `Ann`, or `a` and `a `,
 * for one user, and gives the one the second factor of the other.
 * @returns false where there is no table
 * @throws TwoFactorError `MISCONFIGURED` for a table that is not one of ours, and where nothing is committed
 */
export async function tableIsFit(query: MysqlQuery, options: MysqlTableOptions): Promise<boolean> {
  const { table = TABLE, schema } = options;
  // As text, not bytes: the server may fold the names of tables. They are checked, and need no escaping.
  const where = schema === undefined ? [table] : [table, schema];
  const columns = (await query(LOOK + (schema === undefined ? "DATABASE()" : "?"), where)) as Column[];
  if (columns.length === 0) return false;
  if (columns[0]?.autocommit === 0) throw uncommitted();
  const column = (name: string) => columns.find((one) => one.name.toLowerCase() === name);
  const [userId, record, revision] = ["user_id", "record", "revision"].map(column);
  const isOurs =
    userId?.type === "varbinary" &&
    Number(userId.bytes) >= USER_ID_BYTES &&
    columns.filter(({ isKey }) => isKey === 1).length === 1 &&
    userId.isKey === 1 &&
    record?.type === "longblob" &&
    revision?.type === "varbinary";
  if (!isOurs) throw otherTable(mysqlTable(options));
  return true;
}

export function missingTable(table: string, cause?: unknown): TwoFactorError {
  const fix = "run the SQL that `npx express-two-factor schema --dialect mysql` prints, or set createTable: true";
  return new TwoFactorError("MISCONFIGURED", `The table ${table} does not exist: ${fix}`, { cause });
}

function otherTable(table: string): TwoFactorError {
  const why = "text columns would take ids that differ for one, or shorten them";
  const fix =
    "compare it with what `npx express-two-factor schema --dialect mysql` prints, or name another with `table`";
  return new TwoFactorError("MISCONFIGURED", `The table ${table} is not one of this library's (${why}): ${fix}`);
}

const uncommitted = () =>
  new TwoFactorError(
    "MISCONFIGURED",
    "mysqlStore: the pool's connections have autocommit off, so that nothing would be kept: give a pool that commits",
  );
