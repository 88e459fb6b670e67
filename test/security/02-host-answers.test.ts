import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { hotpTokens } from "../factors/hotp-tokens";
import { startHost, type Host, type HostUser } from "../support/host";
import type { TwoFactorOptions } from "../../src";
import type { FactorEntry } from "../../src/factors";

type Options = TwoFactorOptions<HostUser>;

const fails = () => {
  throw new Error("the host's own secret detail");
};
const rejects = () => Promise.reject(new Error("the host's own secret detail"));
/** Everything that is neither what was asked for nor an error. */
const notAnAnswer = [
  undefined,
  null,
  1,
  0,
  "",
  "true",
  "false",
  "yes",
  [],
  {},
  new Boolean(true),
  Symbol("true"),
  Number.NaN,
  () => true,
];

beforeEach(() => void vi.spyOn(console, "error").mockReturnValue());
afterEach(() => void vi.restoreAllMocks());

async function signedIn(host: Host) {
  const browser = host.browser();
  await browser.login();
  return browser;
}

/** A fault of ours: nothing reaches the host, and nothing of the inside is told. */
async function expectFault(host: Host, path = "/admin") {
  const browser = await signedIn(host);
  const answer = await browser.get(path).expect(500);
  expect(answer.body).toMatchObject({ code: "MISCONFIGURED", status: 500 });
  const person = await browser.visit(path).expect(500);
  for (const { text } of [answer, person]) expect(text).not.toMatch(/secret detail|node_modules|\.ts:/);
  await browser.post(path, {}).expect(500);
  expect(host.reached).toEqual([]);
}

describe("Every wrong answer of the host fails closed.", () => {
  describe.each([4, 5] as const)("on Express %i", (version) => {
    const start = (options: Partial<Options>) => startHost({ version, options });
    const answering = (value: unknown): never => (() => value) as never;

    it("when the predicate throws, rejects or gives another value", async () => {
      await expectFault(start({ needTwoFactorAuthentication: fails }));
      await expectFault(start({ needTwoFactorAuthentication: rejects }));
      for (const value of [...notAnAnswer, "Optional", "required"]) {
        await expectFault(start({ needTwoFactorAuthentication: answering(value) }));
        await expectFault(start({ needTwoFactorAuthentication: answering(Promise.resolve(value)) }));
      }
      expect(String(vi.mocked(console.error).mock.calls.at(-1))).toContain("needTwoFactorAuthentication must answer");
    });

    it("when allow throws, rejects or gives anything but true", async () => {
      await expectFault(start({ allow: fails }));
      await expectFault(start({ allow: rejects }));
      for (const value of notAnAnswer) await expectFault(start({ allow: answering(value) }));
      const no = start({ allow: async () => false });
      await (await signedIn(no)).get("/admin").expect(403);
      expect(no.reached).toEqual([]);
      const yes = start({ allow: async () => true });
      await (await signedIn(yes)).get("/admin").expect(200);
    });

    it("when user throws, rejects or gives no user", async () => {
      await expectFault(start({ user: fails }));
      await expectFault(start({ user: rejects }));
      for (const value of [false, true, 1, 0, "", "1", Symbol("1"), () => ({ id: 1 })]) {
        await expectFault(start({ user: answering(value) }));
      }
      await expectFault(start({ user: fails }), "/two-factor/verify");
    });

    it("when the user has no id that names one user", async () => {
      for (const id of [undefined, null, "", Number.NaN, 1.5, 2 ** 53, true, {}, [], ["1"], "x".repeat(256)]) {
        await expectFault(start({ user: answering({ id }) }));
      }
      await expectFault(start({ secondFactorResourceId: fails }));
      await expectFault(start({ secondFactorResourceId: rejects }));
      await expectFault(
        start({
          user: answering({
            get id() {
              return fails();
            },
          }),
        }),
      );
      await expectFault(start({ user: answering({ id: { toHexString: fails } }) }));
    });

    it("when it is not sure whether direct codes serve", async () => {
      const sender = { sendTwoFactorAuthenticationCode: () => undefined };
      await expectFault(start({ ...sender, directOtp: fails }));
      await expectFault(start({ ...sender, directOtp: rejects }));
      for (const value of notAnAnswer) await expectFault(start({ ...sender, directOtp: answering(value) }));
    });

    it("waits for answers that come late", async () => {
      const later = <T>(value: T) => new Promise<T>((resolve) => setTimeout(resolve, 20, value));
      const host = start({
        user: (req) => later(req.user as HostUser | undefined),
        needTwoFactorAuthentication: (user) => later(user.role === "admin"),
        allow: (req) => later(req.path === "/help"),
      });
      const [admin, member] = [host.browser(), host.browser()];
      await admin.login({ id: "1", role: "admin" });
      await member.login({ id: "2" });
      await admin.get("/admin").expect(403);
      await admin.get("/help").expect(200);
      await member.get("/admin").expect(200);
      expect(host.reached).toEqual(["GET /help", "GET /admin"]);
    });

    it("hands the fault to the host, and still does not pass, with handleErrors: false", async () => {
      const host = start({ handleErrors: false, needTwoFactorAuthentication: rejects });
      const answer = await (await signedIn(host)).get("/admin").expect(500);
      expect(answer.text).toBe("the host's error page");
      expect(host.reached).toEqual([]);
      expect(console.error).not.toHaveBeenCalled();
    });

    it("leaves what the host throws behind the gate to the host", async () => {
      const host = startHost({
        version,
        options: { needTwoFactorAuthentication: () => false },
        behind: (app) => app.use(() => fails()),
      });
      expect((await (await signedIn(host)).get("/admin").expect(500)).text).toBe("the host's error page");
      expect(console.error).not.toHaveBeenCalled();
    });
  });

  const entry = { kind: "hotp-tokens", id: "T-1", strong: true, secret: "", next: 1, addedAt: 1 };
  it.each<[string, (held: FactorEntry) => unknown]>([
    ...[false, true, 0, "", "wrong", "right", {}, [], null, undefined].map(
      (answer) => [String(JSON.stringify(answer)), () => answer] as [string, () => unknown],
    ),
    ...["Wrong", "expired", false].map((is) => [`{ is: ${String(is)} }`, () => ({ is })] as [string, () => unknown]),
    ["right, and not what is left", () => ({ is: "right" })],
    ["right, with a field of another type", () => ({ is: "right", left: { ...entry, next: "2" } })],
    ["right, with a field that was not named", (held) => ({ is: "right", left: { ...held, more: 1 } })],
    ["right, with an entry of another kind", () => ({ is: "right", left: { ...entry, kind: "totp" } })],
    ["right, with another entry", (held) => ({ is: "right", left: { ...held, id: "T-2" } })],
  ])("when a kind of factor of the host's answers %s", async (_, answer) => {
    const check = (held: FactorEntry) => Promise.resolve(answer(held));
    const host = startHost({ options: { factors: [{ ...hotpTokens(), check } as never] } });
    const details = { serial: "T-1", secret: Buffer.alloc(20, 1) };
    await host.tfa.addFactor("1", { kind: "hotp-tokens", details, by: "ann" });
    const before = await host.tfa.status("1");
    const browser = await signedIn(host);
    const { body } = await browser.post("/two-factor/verify", { code: "123456" }).expect(500);
    expect(body).toMatchObject({ code: "MISCONFIGURED" });
    await browser.get("/admin").expect(403);
    expect(await host.tfa.status("1")).toEqual(before);
    expect(host.reached).toEqual([]);
  });
});
