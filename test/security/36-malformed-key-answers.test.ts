import express from "express";
import { describe, expect, test } from "vitest";
import { memoryStore } from "../../src";
import type { Browser } from "../support/host";
import { addKey, optionsAt, ownerOfKey, startKeyHost, verifyWith } from "../support/keys";
import { SoftKey } from "../support/soft-key";

type Answer = Record<string, unknown> & { response: Record<string, unknown> };
const missing = Symbol("missing");

/** What is done with a field; `undefined`: it would be as it should. */
const forms: Record<string, (value: unknown, other: unknown) => unknown> = {
  missing: () => missing,
  null: () => null,
  "a number": () => 7,
  "yes or no": () => true,
  "a list": () => [],
  "a list of what it should be": (value) => [value],
  "an object": (value) => (typeof value === "object" && !Array.isArray(value) ? undefined : {}),
  empty: (value) => (typeof value === "string" ? "" : undefined),
  "another text": () => "x",
  truncated: (value) => (typeof value === "string" ? value.slice(0, Math.floor(value.length / 2)) : undefined),
  "of 1 MB": () => "A".repeat(1_048_576),
  "base64 instead of base64url": (value) =>
    typeof value === "string" ? `${Buffer.from(value, "base64url").toString("base64")}==` : undefined,
  "with a NUL": (value) => (typeof value === "string" ? `${value.slice(0, 4)}\0${value.slice(4)}` : undefined),
  "with a line break": (value) => (typeof value === "string" ? `${value}\n` : undefined),
  "from another ceremony": (_, other) => other,
};

const outer = ["id", "rawId", "type", "clientExtensionResults", "response"];
/** Which may be left out, and what stands for that. */
const optional: Record<string, readonly unknown[]> = {
  userHandle: [missing, null, ""],
  transports: [missing, null, []],
};

function changed(whole: Answer, field: string, value: unknown): Answer {
  const answer = structuredClone(whole);
  const holder = outer.includes(field) ? answer : answer.response;
  if (value === missing) delete holder[field];
  else holder[field] = value;
  return answer;
}

const isOptional = (field: string, value: unknown) =>
  (optional[field] ?? []).some((one) => one === value || (Array.isArray(one) && Array.isArray(value) && !value.length));

const valueOf = (answer: Answer, field: string) => (outer.includes(field) ? answer[field] : answer.response[field]);

describe.each(Object.keys(forms))("Each field of a key's answer %s", (form) => {
  async function start() {
    const store = memoryStore();
    // Ours reads no such bodies (400); here the host has read it.
    const host = startKeyHost({ options: { store }, early: (app) => app.use(express.json({ limit: "4mb" })) });
    return { ...host, ...(await ownerOfKey(host)), store };
  }

  async function refuses(
    { events, store }: Awaited<ReturnType<typeof start>>,
    who: Browser,
    optionsPath: string,
    fields: readonly string[],
    made: (asked: never) => { answer: Answer; other: Answer },
    send: (answer: Answer) => [path: string, body: object],
  ): Promise<void> {
    const recordText = async () => {
      const record = JSON.parse((await store.get('["user","1"]'))?.record ?? "{}") as Record<string, unknown>;
      return JSON.stringify({ ...record, spent: undefined });
    };
    const before = await recordText();
    for (const field of fields) {
      const asked = await optionsAt(who, optionsPath);
      const { answer, other } = made(asked as never);
      const value = forms[form]!(valueOf(answer, field), valueOf(other, field));
      // What both ceremonies share (an id, the type) is no other's.
      if (value === undefined || value === valueOf(answer, field) || isOptional(field, value)) continue;
      if (form === "from another ceremony" && ["type", "clientExtensionResults"].includes(field)) continue;
      const [path, body] = send(changed(answer, field, value));
      const { status, body: told, text } = await who.post(`/two-factor${path}`, body);
      const said = told as { code: string; reason?: string };
      expect([field, status]).toEqual([field, expect.toSatisfy((one: number) => [400, 410, 413, 422].includes(one))]);
      expect([field, said.code, said.reason]).toEqual([
        field,
        expect.stringMatching(/^(VALIDATION_ERROR|KEY_REFUSED|KEY_CHALLENGE_EXPIRED)$/),
        said.code === "KEY_CHALLENGE_EXPIRED" ? said.reason : expect.any(String),
      ]);
      expect(text).not.toMatch(/ at .*\.(js|ts):\d|node_modules/);
    }
    expect(await recordText()).toBe(before);
    expect(events.map(({ type }) => type)).not.toContain("challenge-failed");
  }

  test("at a sign-in is told with a reason, counts as no guess, and loses nothing", async () => {
    const at = await start();
    const { browser, key } = at;
    const fields = [...outer, "clientDataJSON", "authenticatorData", "signature", "userHandle"];
    const made = (asked: never) => ({
      answer: key.assert(asked) as unknown as Answer,
      other: new SoftKey().register(asked) as unknown as Answer,
    });
    await refuses(at, browser, "/verify/options", fields, made, (answer) => ["/verify", { key: answer }]);
    expect((await verifyWith(browser, key)).status).toBe(200);
  });

  test("of a new key is told with a reason, adds nothing, and loses nothing", async () => {
    const at = await start();
    const { owner, key } = at;
    const fields = [...outer, "clientDataJSON", "attestationObject", "transports"];
    const fresh = new SoftKey();
    const made = (asked: never) => ({
      answer: fresh.register(asked) as unknown as Answer,
      other: key.assert(asked) as unknown as Answer,
    });
    await refuses(at, owner, "/keys/options", fields, made, (answer) => ["/keys", { response: answer }]);
    expect((await addKey(owner, fresh)).status).toBe(201);
  });
});
