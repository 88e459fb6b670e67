import { describe, expect, test } from "vitest";
import { decideGate, decideOwn, hasFactor, type GateDecision, type GateFacts } from "../../src/core/gate";

const facts: GateFacts = {
  need: "must",
  enrolled: true,
  directCodes: false,
  identityProvider: false,
  proven: false,
  locked: false,
};
const everyBoolean = [false, true];

describe("the gate", () => {
  test.each<[string, Partial<GateFacts>, GateDecision]>([
    ["asks for a code", {}, "challenge"],
    ["tells who is locked out", { locked: true }, "locked"],
    ["lets through who has proven it, locked or not", { proven: true, locked: true }, "pass"],
    ["leads who must and has none to a set-up", { enrolled: false }, "setup"],
    ["leads who gets codes by mail to the code page", { enrolled: false, directCodes: true }, "challenge"],
    ["locks out who guesses codes by mail", { enrolled: false, directCodes: true, locked: true }, "locked"],
    ["asks whom it is optional for, once enrolled", { need: "may" }, "challenge"],
    ["lets through whom it is optional for until then", { need: "may", enrolled: false }, "pass"],
    ["does not ask whom it is optional for by mail", { need: "may", enrolled: false, directCodes: true }, "pass"],
    [
      "asks whom it is optional for by nothing but an authenticator",
      { need: "may", enrolled: false, identityProvider: true },
      "pass",
    ],
    ["never asks whom the host closes it to, enrolled or locked", { need: "never", locked: true }, "pass"],
    ["leads whom an identity provider proves back to it", { enrolled: false, identityProvider: true }, "refused"],
    ["takes a code where there is one, too", { identityProvider: true }, "challenge"],
    ["refuses who came by a way too weak, remembered or not", { refused: true, proven: true }, "refused"],
  ])("%s", (_, change, decision) => {
    expect(decideGate({ ...facts, ...change })).toBe(decision);
  });

  test("lets nobody pass who must prove and has not", () => {
    for (const enrolled of everyBoolean)
      for (const directCodes of everyBoolean)
        for (const locked of everyBoolean)
          for (const refused of everyBoolean)
            for (const identityProvider of everyBoolean)
              expect(
                decideGate({ ...facts, enrolled, directCodes, identityProvider, proven: false, locked, refused }),
              ).not.toBe("pass");
  });
});

describe("own routes", () => {
  test("ask everybody who has a factor, and nobody else, whatever the predicate says", () => {
    for (const need of ["must", "may", "never"] as const)
      for (const enrolled of everyBoolean)
        for (const directCodes of everyBoolean)
          for (const identityProvider of everyBoolean) {
            const some = { ...facts, need, enrolled, directCodes, identityProvider };
            const expected = hasFactor(some)
              ? enrolled || directCodes
                ? "challenge"
                : "refused"
              : need === "must"
                ? "setup"
                : "pass";
            expect(decideOwn(some)).toBe(expected);
          }
  });
});
