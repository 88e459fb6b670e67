import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import type { PrismaClient } from "../generated/prisma/client";

const run = promisify(execFile);
const root = join(__dirname, "../../..");

interface RealClient extends PrismaClient {
  $transaction(work: () => Promise<void>): Promise<void>;
  $disconnect(): Promise<void>;
}

/**
 * A real Prisma client for the recipe's model. Prisma is 270 MB, so it is no dependency of the repository's: the first
 * run installs it into `.cache`, as the lock file in `prisma/` says, and without its install scripts, which download.
 */
export async function prismaClient(connectionString: string): Promise<RealClient> {
  const load = createRequire(join(await installed(), "package.json"));
  const { PrismaPg } = load("@prisma/adapter-pg") as { PrismaPg: new (options: object) => object };
  const generated = load("./generated") as {
    PrismaClient: new (options: object) => RealClient;
  };
  return new generated.PrismaClient({ adapter: new PrismaPg({ connectionString }) });
}

const generator = `
datasource db {
  provider = "postgresql"
}

generator client {
  provider = "prisma-client-js"
  output   = "./generated"
}
`;

async function installed(): Promise<string> {
  const model = await readFile(join(__dirname, "schema.prisma"), "utf8");
  const lock = await readFile(join(__dirname, "prisma/package-lock.json"), "utf8");
  const version = createHash("sha256").update(lock).update(model).update(generator).digest("hex").slice(0, 12);
  const directory = join(root, ".cache", `prisma-${version}`);
  if (existsSync(directory)) return directory;

  // Under another name until it is whole, so that a run which was broken off leaves nothing half made.
  const making = `${directory}-${process.pid}`;
  await mkdir(making, { recursive: true });
  await cp(join(__dirname, "prisma"), making, { recursive: true });
  await writeFile(join(making, "schema.prisma"), generator + model);
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
  await run(process.execPath, ["node_modules/prisma/build/index.js", "generate", "--schema=schema.prisma"], options);
  await rename(making, directory).catch(() => rm(making, { recursive: true, force: true }));
  return directory;
}
