import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { databaseForThisTest, oathtoolCode, redisForThisTest } from "../support/services";
import { generateEncryptionKey } from "../../src";
import { directoryForThisTest, startApp, type RunningApp } from "../example-app/support";

const password = "correct horse battery staple";

export interface Cluster {
  apps: RunningApp[];
  /** The n-th process, round and round. */
  url(n: number): string;
  /** Every code that was mailed to anybody, the newest last. */
  mailedCodes(): Promise<string[]>;
}

/** Several processes of the example app that act as one. */
export async function startCluster(
  processes: number,
  store: "postgres" | "redis",
  variables: Record<string, string> = {},
): Promise<Cluster> {
  const shared = {
    DATA_DIR: await directoryForThisTest(),
    DATABASE_URL: await databaseForThisTest(),
    REDIS_URL: await redisForThisTest(),
    TWO_FACTOR_STORE: store,
    OTP_SECRET_ENCRYPTION_KEY: generateEncryptionKey(),
    SESSION_SECRET: "shared by all processes of this test",
    ...variables,
  };
  const apps = await Promise.all(Array.from({ length: processes }, () => startApp(shared)));
  return {
    apps,
    url: (n) => apps[n % apps.length]!.url,
    async mailedCodes() {
      const folder = join(shared.DATA_DIR, "mail");
      const mails = (await readdir(folder)).filter((name) => /-code-.*\.txt$/.test(name)).toSorted();
      const texts = await Promise.all(mails.map((name) => readFile(join(folder, name), "utf8")));
      return texts.map((text) => /code is (\d{6})/.exec(text)![1]!);
    },
  };
}

/** One browser: its cookies, and requests as a front end makes them. */
export class Client {
  readonly #cookies = new Map<string, string>();

  constructor(public url: string) {}

  async send(
    method: string,
    path: string,
    body?: object | URLSearchParams,
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(this.url + path, {
      method,
      redirect: "manual",
      headers: {
        accept: "application/json",
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(body && !(body instanceof URLSearchParams) && { "content-type": "application/json" }),
      },
      ...(body && { body: body instanceof URLSearchParams ? body : JSON.stringify(body) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ""] = cookie.split(";");
      const at = pair.indexOf("=");
      this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    return { status: response.status, body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {} };
  }

  get = (path: string) => this.send("GET", path);
  post = (path: string, body: object = {}) => this.send("POST", path, body);

  async login(email = "super@example.com"): Promise<this> {
    const { status } = await this.post("/login", { email, password });
    if (status !== 200) throw new Error(`login answered ${status}`);
    return this;
  }

  /** The same browser at another process. */
  at(url: string): this {
    this.url = url;
    return this;
  }
}

export async function enrol(client: Client): Promise<{ secret: string; recoveryCodes: string[] }> {
  const { secret } = (await client.post("/two-factor/setup")).body as { secret: string };
  const done = await client.post("/two-factor/setup/verify", { code: await oathtoolCode(secret) });
  if (done.status !== 200) throw new Error(`confirming answered ${done.status}: ${JSON.stringify(done.body)}`);
  return { secret, recoveryCodes: done.body["recoveryCodes"] as string[] };
}

/** The code of the step after the one that enrolled. */
export const nextCode = (secret: string) => oathtoolCode(secret, new Date(Date.now() + 30_000));

/** Well-formed codes that are wrong now and in every step near. */
export async function codesNeverShown(secret: string, many: number): Promise<string[]> {
  const near = [-2, -1, 0, 1, 2, 3, 4].map((steps) => oathtoolCode(secret, new Date(Date.now() + steps * 30_000)));
  const shown = new Set(await Promise.all(near));
  const codes = Array.from({ length: many + shown.size }, (_, n) => String(n).padStart(6, "0"));
  return codes.filter((code) => !shown.has(code)).slice(0, many);
}

/** Many browsers of one user, signed in, each at its own process; a few at a time, for passwords are hashed slowly. */
export async function manyLogins(cluster: Cluster, count: number, email?: string): Promise<Client[]> {
  const clients = Array.from({ length: count }, (_, n) => new Client(cluster.url(n)));
  for (let from = 0; from < count; from += 8) {
    await Promise.all(clients.slice(from, from + 8).map((client) => client.login(email)));
  }
  return clients;
}

export const count = (statuses: readonly number[], status: number): number =>
  statuses.filter((seen) => seen === status).length;
