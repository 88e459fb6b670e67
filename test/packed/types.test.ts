import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { complaints, dialects, wholeHost } from "./compile";
import { installPacked, type Installed } from "./install";

const member = "interface Member { id: string; superAdmin: boolean }";
const byMember = "needTwoFactorAuthentication: (user) => user.superAdmin";

/** What hosts make of `req.user` in their own declarations. */
const hostsWithUsers = {
  "a `user` of its own": `
    ${member}
    declare global { namespace Express { interface Request { user?: Member } } }
    twoFactor({ store, ${byMember} });
    express().get("/", (req) => req.user?.superAdmin);`,
  "a `user` that may be null": `
    ${member}
    declare global { namespace Express { interface Request { user: Member | null } } }
    twoFactor({ store, ${byMember} });
    express().get("/", (req) => req.user?.superAdmin);`,
  "a `user` that is always there": `
    ${member}
    declare global { namespace Express { interface Request { user: Member } } }
    twoFactor({ store, ${byMember} });
    express().get("/", (req) => req.user.superAdmin);`,
  "a `user` that is a text": `
    declare global { namespace Express { interface Request { user: string | null } } }
    twoFactor({ store, user: (req) => ({ id: req.user }) });`,
  "a `user` in the module of Express": `
    ${member}
    declare module "express-serve-static-core" { interface Request { user?: Member } }
    twoFactor({ store, ${byMember} });
    express().get("/", (req) => req.user?.superAdmin);`,
  "passport, and its `Express.User`": `
    import passport = require("passport");
    declare global { namespace Express { interface User { id: string; superAdmin: boolean } } }
    twoFactor({ store, ${byMember} });
    express().use(passport.session()).get("/", (req) => req.user?.superAdmin);`,
  "an `Express.User`, without passport": `
    declare global { namespace Express { interface User { id: string; superAdmin: boolean } } }
    twoFactor({ store, ${byMember} });
    express().get("/", (req) => req.user?.superAdmin);`,
  "no declaration and no passport": `
    ${member}
    twoFactor<Member>({ store, ${byMember} });
    express().use((req, _res, next) => { req.user = { id: "1" } as Member; next(); });`,
};

const imports = `
import express = require("express");
import { twoFactor } from "express-two-factor";
import { memoryStore } from "express-two-factor/stores/memory";
const store = memoryStore();
`;

let installed: Installed;
beforeAll(async () => {
  installed = await installPacked();
  await installed.add(
    "express",
    "@types/express",
    "@types/express-serve-static-core",
    "@types/node",
    "@types/passport",
  );
}, 120_000);
afterAll(() => installed.remove());

const folder = () => mkdtemp(join(installed.project, "host-"));

describe("a strict TypeScript host compiles, declarations of all packages checked, under", () => {
  // TypeScript 5.9 takes seconds for each; its other ways of finding modules are tried by `npm run test:packed`.
  const quick = dialects.filter(({ name }) => name.startsWith("TypeScript 7") || name.endsWith("node10"));
  test.each(quick)("$name", async (dialect) => {
    expect(await complaints(await folder(), wholeHost, dialect)).toBe("");
  });

  test("the options, when its key ring is made by the whole client of the AWS Encryption SDK", async () => {
    // That client's own declarations do not compile under `exactOptionalPropertyTypes`; hosts that have it use `skipLibCheck`.
    await installed.add("@aws-crypto/client-node");
    const text = `${imports}
      import { KmsKeyringNode } from "@aws-crypto/client-node";
      const keyring = new KmsKeyringNode({ generatorKeyId: "alias/app" });
      twoFactor({ store, keyring, cookie: { secret: "x".repeat(32) } });`;
    expect(await complaints(await folder(), text, dialects.at(-1)!, { skipLibCheck: true })).toBe("");
  });
});

describe("a host compiles that has", () => {
  const now = dialects.find(({ name }) => name === "TypeScript 7, node16")!;
  test.each(Object.entries(hostsWithUsers))("%s", async (_, text) => {
    expect(await complaints(await folder(), imports + text, now)).toBe("");
  });

  const older = dialects.find(({ name }) => name === "TypeScript 5.9, node16")!;
  test.each(Object.entries(hostsWithUsers).slice(0, 1))("%s, with TypeScript 5.9", async (_, text) => {
    expect(await complaints(await folder(), imports + text, older)).toBe("");
  });
});

test("what the host's own `user` does not have is refused in the predicate", async () => {
  const text = `${imports}
    declare global { namespace Express { interface Request { user?: { id: string } } } }
    twoFactor({ store, ${byMember} });`;
  expect(await complaints(await folder(), text, dialects.at(-1)!)).toMatch(/TS2339.*superAdmin/);
});
