import { expect, test } from "vitest";
import { memoryStore, type TwoFactorOptions } from "../../src";
import * as conformance from "../../src/factors/conformance";
import { hotpTokens } from "../factors/hotp-tokens";
import { rfc4226Codes as codes, rfc4226Secret as secret } from "../factors/hotp-tokens/rfc4226";
import { stopClock } from "../support/clock";
import { startHost, type Host, type HostUser } from "../support/host";
import { recipe, runModule } from "./pages";

const page = "docs/factors.md";

test("a token is handed out as docs/factors.md has it, asked for, and taken away", async () => {
  stopClock();
  let host: Host | undefined;
  const [options, calls] = recipe(page, "tfa.addFactor(").split("\n\n") as [string, string];
  const [add, remove] = calls.split(/^(?=await tfa\.removeFactor)/m) as [string, string];
  const known = {
    hotpTokens,
    user: { id: "1" },
    serial: "T-1",
    secret,
    twoFactor: (given: Partial<TwoFactorOptions<HostUser>>) => {
      host = startHost({ options: { store: memoryStore(), ...given } });
      return host.tfa;
    },
  };
  const { tfa, id } = await runModule<{ tfa: Host["tfa"]; id: string }>(`${options}\n${add}`, {}, known, ["tfa", "id"]);
  const browser = host!.browser();
  await browser.login({ id: "1" });
  await browser.get("/page").expect(403);
  await browser.post("/two-factor/verify", { code: codes[0] }).expect(200);
  await browser.get("/page").expect(200);
  // “A user who has this very one … gets a `TypeError`.”
  await expect(runModule(add, {}, { ...known, tfa })).rejects.toThrow(TypeError);

  expect((await tfa.status("1")).factors.map((factor) => factor.id)).toEqual([id]);
  await runModule(remove, {}, { ...known, tfa, id });
  expect((await tfa.status("1")).factors).toEqual([]);
});

const collected: { name: string; run: () => Promise<unknown> }[] = [];
const factor = hotpTokens();

test("the kit of docs/factors.md passes for the example, case by case, in any runner", async () => {
  const known = {
    hotpTokens,
    codes,
    entry: (tools: Parameters<NonNullable<typeof factor.assign>>[1]) =>
      factor.assign!({ serial: "T-1", secret }, tools),
    test: (name: string, run: () => Promise<unknown>) => void collected.push({ name, run }),
  };
  const modules = { "express-two-factor/factors/conformance": conformance };
  await runModule(recipe(page, "of factorConformance"), modules, known);
  expect(collected.map(({ name }) => name)).toEqual(conformance.factorConformance.map(({ name }) => name));
  for (const { run } of collected) await run();
});
