import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { drivers } from "../drivers";
import type { PrismaClient } from "../generated/prisma/client";
import type { EngineName } from "../recipe-engines";

const run = promisify(execFile);
const root = join(__dirname, "../../..");

interface RealClient extends PrismaClient {
  $transaction(work: () => Promise<void>): Promise<void>;
  $disconnect(): Promise<void>;
}

type Adapter = new (options: object | string) => object;
/** What Prisma calls each engine, and what it reaches it by. */
const engines: Record<EngineName, { provider: string; adapter: string; options(place: string): object | string }> = {
  PostgreSQL: {
    provider: "postgresql",
    adapter: "adapter-pg.PrismaPg",
    options: (connectionString) => ({ connectionString }),
  },
  SQLite: {
    provider: "sqlite",
    adapter: "adapter-better-sqlite3.PrismaBetterSqlite3",
    options: (file) => ({ url: `file:${file}` }),
  },
  // The driver's own protocol.
  MariaDB: {
    provider: "mysql",
    adapter: "adapter-mariadb.PrismaMariaDb",
    options: (url) => url.replace("mysql:", "mariadb:"),
  },
};

/**
 * A real Prisma client for the recipe's model. Prisma is 270 MB, so it is no dependency of the repository's: the first
 * run installs it into `.cache`, as the lock file in `prisma/` says, and without its install scripts, which download.
 */
export async function prismaClient(engine: EngineName, place: string): Promise<RealClient> {
  const load = createRequire(join(await installed(), "package.json"));
  const { provider, adapter, options } = engines[engine];
  const [name = "", exported = ""] = adapter.split(".");
  const Adapted = (load(`@prisma/${name}`) as Record<string, Adapter>)[exported]!;
  const generated = load(`./generated-${provider}`) as { PrismaClient: new (options: object) => RealClient };
  return new generated.PrismaClient({ adapter: new Adapted(options(place)) });
}

const generator = (provider: string) => `
datasource db {
  provider = "${provider}"
}

generator client {
  provider = "prisma-client-js"
  output   = "./generated-${provider}"
}
`;

async function installed(): Promise<string> {
  const model = await readFile(join(__dirname, "schema.prisma"), "utf8");
  const lock = await readFile(join(__dirname, "prisma/package-lock.json"), "utf8");
  const providers = Object.values(engines).map(({ provider }) => provider);
  const made = providers.map(generator).join("") + process.versions.modules;
  const version = createHash("sha256").update(lock).update(model).update(made).digest("hex").slice(0, 12);
  const directory = join(root, ".cache", `prisma-${version}`);
  if (existsSync(directory)) return directory;

  // Under another name until it is whole, so that a run which was broken off leaves nothing half made.
  const making = `${directory}-${process.pid}`;
  await mkdir(making, { recursive: true });
  await cp(join(__dirname, "prisma"), making, { recursive: true });
  const options = {
    cwd: making,
    // Generating asks for the schema engine, which it does not use, and would download.
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: "/bin/true",
      CHECKPOINT_DISABLE: "1",
      PRISMA_HIDE_UPDATE_MESSAGE: "1",
    },
  };
  await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], options);
  // Compiled once, for the tests of the drivers: the same version.
  const compiled = "node_modules/better-sqlite3/build";
  await cp(join((await drivers()).directory, compiled), join(making, compiled), { recursive: true });
  for (const provider of providers) {
    const file = `schema-${provider}.prisma`;
    await writeFile(join(making, file), generator(provider) + model);
    await run(process.execPath, ["node_modules/prisma/build/index.js", "generate", `--schema=${file}`], options);
  }
  await rename(making, directory).catch(() => rm(making, { recursive: true, force: true }));
  return directory;
}
