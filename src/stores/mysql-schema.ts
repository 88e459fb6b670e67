import { checkedName, TABLE } from "./table-name";

export interface MysqlTableOptions {
  /** By default `two_factor_records`. */
  table?: string;
  /** The database that the table is in; by default the one of the connection. It must exist. */
  schema?: string;
}

/** The longest `userId` that the column takes: more than an id of 255 characters can come to. */
export const USER_ID_BYTES = 2048;

/**
 * @returns the DDL of the store's table, safe to run again. Bytes, not text: collations fold case, accents or spaces at the
 *   end, those that do not have another name on MySQL than on MariaDB, and character sets rewrite what they do not know.
 */
export function mysqlSchema(options: MysqlTableOptions = {}): string {
  return `CREATE TABLE IF NOT EXISTS ${mysqlTable(options)} (
  user_id VARBINARY(${USER_ID_BYTES}) NOT NULL PRIMARY KEY,
  record LONGBLOB NOT NULL,
  revision VARBINARY(255) NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;
`;
}

/** @returns the table's name, quoted. @throws TwoFactorError for what cannot be one. */
export function mysqlTable({ table = TABLE, schema }: MysqlTableOptions): string {
  const name = `\`${checkedName("mysqlStore", "table", table, 64)}\``;
  return schema === undefined ? name : `\`${checkedName("mysqlStore", "schema", schema, 64)}\`.${name}`;
}
