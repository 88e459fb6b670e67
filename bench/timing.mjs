// What answers tell by their time. Each pair of requests is sent in random order to a host of its own process; a pair that
// nobody may tell apart should differ no more than the same request does from itself.
//
//     npm run build && node bench/timing.mjs [--samples 4000] [--only "recovery code"]
import { fork } from "node:child_process";
import { randomInt } from "node:crypto";
import { Agent, request } from "node:http";
import { parseArgs } from "node:util";
import express from "express";
import session from "express-session";
import { twoFactor } from "../dist/index.js";
import { memoryStore } from "../dist/stores/memory.js";
import { codeOf, currentStep } from "./authenticator.mjs";
import { median } from "./figures.mjs";

const { OTP_SECRET_ENCRYPTION_KEY = Buffer.alloc(32, 7).toString("base64") } = process.env;

function serve() {
  const tfa = twoFactor({
    issuer: "Timing",
    store: memoryStore(),
    otpSecretEncryptionKey: OTP_SECRET_ENCRYPTION_KEY,
    user: (req) => (req.session.userId === undefined ? undefined : { id: req.session.userId }),
    maxLoginAttempts: 100,
    pendingLoginSeconds: 86_400,
  });
  const app = express();
  app.post("/unlock/:id", async (req, res) => {
    await tfa.unlock(req.params.id);
    res.json({});
  });
  app.use(session({ secret: "of the bench", resave: false, saveUninitialized: false }));
  app.post("/login/:id", (req, res) => {
    req.session.userId = req.params.id;
    res.json({});
  });
  app.use(tfa);
  app.get("/private", (_req, res) => res.json({}));
  const server = app.listen(0, "127.0.0.1", () => process.send(server.address().port));
  process.on("disconnect", () => process.exit());
}

const digits = "0123456789";
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** One request on one connection; times are from its first byte to the end of its answer. */
function ask(port, method, path, { cookie, body } = {}) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = { accept: "application/json", ...(cookie && { cookie }) };
  if (text !== undefined) Object.assign(headers, { "content-type": "application/json", "content-length": text.length });
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const sent = request({ port, host: "127.0.0.1", method, path, headers, agent }, (res) => {
      let answer = "";
      res.on("data", (chunk) => (answer += chunk));
      res.on("end", () => {
        const milliseconds = performance.now() - startedAt;
        resolve({ status: res.statusCode, cookies: res.headers["set-cookie"] ?? [], answer, milliseconds });
      });
    });
    sent.on("error", reject).end(text);
  });
}

const firstPart = (cookie) => cookie.split(";")[0];

/** Somebody's browser, with cookies. */
async function signedIn(port, id) {
  const { cookies } = await ask(port, "POST", `/login/${id}`);
  return cookies.map(firstPart).join("; ");
}

/** @returns what an attacker would like to know of somebody, and a session that has proven nothing */
async function enrolled(port, id) {
  const cookie = await signedIn(port, id);
  const { secret } = JSON.parse((await ask(port, "POST", "/two-factor/setup", { cookie, body: {} })).answer);
  const body = { code: codeOf(secret, currentStep()) };
  const { answer } = await ask(port, "POST", "/two-factor/setup/verify", { cookie, body });
  const { recoveryCodes } = JSON.parse(answer);
  const other = await signedIn(port, id);
  const login = { code: recoveryCodes[9], remember: true };
  const proven = await ask(port, "POST", "/two-factor/verify", { cookie: other, body: login });
  const remembered = proven.cookies.map(firstPart).find((text) => text.startsWith("remember_tfa="));
  return { secret, recoveryCodes, remembered, cookie: await signedIn(port, id) };
}

/** Mann–Whitney: how many standard deviations apart two samples are, by rank, so that a slow one counts as one. */
function deviations(a, b) {
  const all = [...a.map((value) => [value, 0]), ...b.map((value) => [value, 1])].toSorted(([x], [y]) => x - y);
  let ranks = 0;
  for (const [index, [, of]] of all.entries()) if (of === 0) ranks += index + 1;
  const mean = (a.length * (all.length + 1)) / 2;
  return (ranks - mean) / Math.sqrt((a.length * b.length * (all.length + 1)) / 12);
}

/** With every digit or letter of `text` changed but the first `kept`. */
const keeping = (text, kept, letters) =>
  [...text].map((letter, index) => (index < kept ? letter : another(letter, letters))).join("");
function another(letter, letters) {
  const others = [...letters].filter((one) => one !== letter);
  return others[randomInt(others.length)];
}

async function compare(port, name, samples, one, other, unlock) {
  if (!name.includes(values.only)) return;
  const times = [[], []];
  const statuses = [new Set(), new Set()];
  for (let index = 0; index < samples * 2 + 100; index += 1) {
    if (unlock !== undefined && index % 90 === 0) await ask(port, "POST", `/unlock/${unlock}`);
    const which = randomInt(2);
    // Both are made, so that this side, which shares the machine, does the same work before either.
    const made = [one(), other()];
    const { status, milliseconds } = await ask(port, ...made[which]);
    statuses[which].add(status);
    // The first ones warm up.
    if (index >= 100) times[which].push(milliseconds);
  }
  const [a, b] = times.map(median);
  console.log(
    [
      name.padEnd(64),
      statuses.map((set) => [...set].join("/")).join(" | "),
      `${a.toFixed(3)} | ${b.toFixed(3)} ms`,
      `${((b - a) * 1000).toFixed(0)} µs`,
      `${deviations(...times).toFixed(1)} σ`,
    ].join("  "),
  );
}

async function study(samples) {
  const host = fork(new URL(import.meta.url), ["--serve"]);
  const port = await new Promise((resolve) => host.once("message", resolve));
  const ada = await enrolled(port, "ada");
  const newcomer = await signedIn(port, "newcomer");
  const locked = await enrolled(port, "locked");
  const verify = (cookie, code) => () => ["POST", "/two-factor/verify", { cookie, body: { code: code() } }];
  for (let times = 0; times < 101; times += 1) await ask(port, ...verify(locked.cookie, () => wrong(locked, 0))());

  // The code of now: the last digit always differs, so it is right in no step but by chance.
  function wrong({ secret }, kept) {
    return keeping(codeOf(secret, currentStep()), kept, digits);
  }
  const recovery = (kept) => keeping(ada.recoveryCodes[0].replaceAll("-", ""), kept, letters);
  const look = (cookie) => () => ["GET", "/private", { cookie }];
  const signature = ada.remembered.lastIndexOf(".") + 1;
  const forged = (at) => {
    const made = [...ada.remembered];
    made[signature + at] = made[signature + at] === "A" ? "B" : "A";
    return made.join("");
  };

  console.log("answers | medians | difference | deviations by rank; 4.5 or more would be told apart");
  await compare(
    port,
    "control: the same wrong code twice",
    samples,
    verify(ada.cookie, () => wrong(ada, 0)),
    verify(ada.cookie, () => wrong(ada, 0)),
    "ada",
  );
  await compare(
    port,
    "authenticator code: no digit right | five of six",
    samples,
    verify(ada.cookie, () => wrong(ada, 0)),
    verify(ada.cookie, () => wrong(ada, 5)),
    "ada",
  );
  await compare(
    port,
    "recovery code: no letter right | fifteen of sixteen",
    Math.ceil(samples / 5),
    verify(ada.cookie, () => recovery(0)),
    verify(ada.cookie, () => recovery(15)),
    "ada",
  );
  await compare(
    port,
    "remember cookie, forged: first letter of the signature | last but one",
    samples,
    look(`${ada.cookie}; ${forged(0)}`),
    look(`${ada.cookie}; ${forged(-2 + ada.remembered.length - signature)}`),
  );
  await compare(
    port,
    "nobody signed in: a made-up remember cookie | somebody's own",
    samples,
    verify(keeping(ada.remembered, "remember_tfa=".length, letters), () => "123456"),
    verify(ada.remembered, () => "123456"),
  );
  console.log("told by the answer itself, to whoever knows the password:");
  await compare(port, "not enrolled | enrolled, at the gate", samples, look(newcomer), look(ada.cookie));
  await compare(
    port,
    "not locked | locked, with a wrong code",
    samples,
    verify(ada.cookie, () => wrong(ada, 0)),
    verify(locked.cookie, () => wrong(locked, 0)),
    "ada",
  );
  await compare(
    port,
    "locked: a wrong code | the right one",
    samples,
    verify(locked.cookie, () => wrong(locked, 0)),
    verify(locked.cookie, () => codeOf(locked.secret, currentStep())),
  );
  host.disconnect();
  agent.destroy();
}

const { values } = parseArgs({
  options: {
    serve: { type: "boolean" },
    samples: { type: "string", default: "4000" },
    only: { type: "string", default: "" },
  },
});
if (values.serve) serve();
else await study(Number(values.samples));
