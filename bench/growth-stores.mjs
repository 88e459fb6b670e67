// Stores that are filled with copies of one record, each in a database of its own: by the ways that the databases have.
import { createPool } from "mysql2/promise";
import pg from "pg";
import { createClient } from "redis";
import { startMariadb, startPostgres, startRedis } from "../scripts/servers.mjs";
import { openSqlite, temporarySqliteFile } from "./sqlite.mjs";

const keyOf = (id) => JSON.stringify(["user", id]);

/** Durable, as hosts have it. */
async function onPostgres() {
  const server = await startPostgres({ fsync: true });
  return {
    stop: server.stop,
    async open(name) {
      const first = new pg.Client(server.url);
      await first.connect();
      await first.query(`CREATE DATABASE ${name}`);
      await first.end();
      const url = server.url.replace(/\/postgres$/, `/${name}`);
      const client = new pg.Client(url);
      await client.connect();
      return {
        variables: { DATABASE_URL: url },
        close: () => client.end(),
        read: async (id) =>
          (await client.query("SELECT record FROM two_factor_records WHERE user_id = $1", [keyOf(id)])).rows[0].record,
        async fill(many, template, model) {
          await client.query(
            `INSERT INTO two_factor_records SELECT format('["user","filler%s"]', n),
               replace($1::text, $2::text, 'filler' || n), md5(n::text) FROM generate_series(1, $3::int) n`,
            [template, model, many],
          );
          // What the filling leaves behind to be written is no part of what is measured.
          await client.query("VACUUM ANALYZE two_factor_records");
          await client.query("CHECKPOINT");
        },
      };
    },
  };
}

async function onMysql() {
  const server = await startMariadb({ durable: true });
  return {
    stop: server.stop,
    async open(name) {
      const url = server.url.replace(/\/mysql$/, `/${name}`);
      const first = createPool({ uri: server.url, connectionLimit: 1 });
      await first.query(`CREATE DATABASE ${name}`);
      await first.end();
      const pool = createPool({ uri: url, connectionLimit: 1 });
      return {
        variables: { DATABASE_URL: url },
        close: () => pool.end(),
        async read(id) {
          const [[row]] = await pool.query("SELECT record FROM two_factor_records WHERE user_id = ?", [keyOf(id)]);
          return row.record.toString();
        },
        async fill(many, template, model) {
          for (let start = 0; start < many; start += 1000) {
            const numbers = Array.from({ length: Math.min(1000, many - start) }, (_, n) => start + n);
            const row = (n) => [keyOf(`filler${n}`), template.replaceAll(model, `filler${n}`), `revision${n}`];
            await pool.query("INSERT INTO two_factor_records (user_id, record, revision) VALUES ?", [numbers.map(row)]);
          }
          await pool.query("ANALYZE TABLE two_factor_records");
        },
      };
    },
  };
}

async function onRedis() {
  const server = await startRedis();
  let databases = 0;
  return {
    stop: server.stop,
    async open() {
      const url = `${server.url}/${(databases += 1)}`;
      const client = await createClient({ url }).connect();
      return {
        variables: { RECORDS_URL: url },
        close: () => client.destroy(),
        read: (id) => client.hGet(`two-factor:${keyOf(id)}`, "record"),
        async fill(many, template, model) {
          for (let start = 0; start < many; start += 1000) {
            const numbers = Array.from({ length: Math.min(1000, many - start) }, (_, n) => start + n);
            const fields = (n) => ({ record: template.replaceAll(model, `filler${n}`), revision: `revision${n}` });
            await Promise.all(numbers.map((n) => client.hSet(`two-factor:${keyOf(`filler${n}`)}`, fields(n))));
          }
        },
      };
    },
  };
}

async function onSqlite() {
  return {
    stop: async () => undefined,
    async open() {
      const file = temporarySqliteFile();
      const database = openSqlite(file);
      const read = (id) => database.prepare("SELECT record FROM two_factor_records WHERE user_id = ?").get(keyOf(id));
      return {
        variables: { SQLITE_FILE: file },
        close: async () => database.close(),
        read: async (id) => read(id).record,
        async fill(many, template, model) {
          database
            .prepare(
              `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < @many)
               INSERT INTO two_factor_records SELECT '["user","filler' || n || '"]',
                 replace(@template, @model, 'filler' || n), hex(randomblob(16)) FROM numbers`,
            )
            .run({ many, template, model });
          database.pragma("wal_checkpoint(TRUNCATE)");
        },
      };
    },
  };
}

export const stores = { postgres: onPostgres, mysql: onMysql, redis: onRedis, sqlite: onSqlite };
