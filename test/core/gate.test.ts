import { describe, expect, test } from "vitest";
import { decideGate, type GateDecision, type GateFacts } from "../../src/core/gate";

const facts: GateFacts = { need: true, enrolled: true, directCodes: false, proven: false, locked: false };
const everyBoolean = [false, true];

describe("the gate", () => {
  test.each<[string, Partial<GateFacts>, GateDecision]>([
    ["asks for a code", {}, "challenge"],
    ["tells who is locked out", { locked: true }, "locked"],
    ["lets through who has proven it, locked or not", { proven: true, locked: true }, "pass"],
    ["leads who must and has none to a set-up", { enrolled: false }, "setup"],
    ["leads who gets codes by mail to the code page", { enrolled: false, directCodes: true }, "challenge"],
    ["locks out who guesses codes by mail", { enrolled: false, directCodes: true, locked: true }, "locked"],
    ["asks whom it is optional for, once enrolled", { need: "optional" }, "challenge"],
    ["lets through whom it is optional for until then", { need: "optional", enrolled: false }, "pass"],
    ["does not ask whom it is optional for by mail", { need: "optional", enrolled: false, directCodes: true }, "pass"],
    ["never asks who need not, enrolled or locked", { need: false, locked: true }, "pass"],
    ["refuses who came by a way too weak, remembered or not", { refused: true, proven: true }, "refused"],
  ])("%s", (_, change, decision) => {
    expect(decideGate({ ...facts, ...change })).toBe(decision);
  });

  test("lets nobody pass who must prove and has not", () => {
    for (const enrolled of everyBoolean)
      for (const directCodes of everyBoolean)
        for (const locked of everyBoolean)
          for (const refused of everyBoolean)
            expect(decideGate({ need: true, enrolled, directCodes, proven: false, locked, refused })).not.toBe("pass");
  });
});
