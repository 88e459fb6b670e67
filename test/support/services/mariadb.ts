import { createConnection } from "mysql2/promise";

/** Runs one statement, or several, on a connection of its own. */
export async function mariadbSql(url: string, statement: string): Promise<void> {
  const connection = await createConnection({ uri: url, multipleStatements: true });
  try {
    await connection.query(statement);
  } finally {
    await connection.end();
  }
}
