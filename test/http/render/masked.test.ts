import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maskedDestination } from "../../../src/http/render/masked";

describe("where a code goes is told so that only its owner knows it again", () => {
  test.each([
    ["jo.doe@example.com", "j…@e…e.com"],
    ["Ada Lovelace <ada@mail.example.co.uk>", "a…@m…o.uk"],
    ["+44 20 7946 0012", "•••• 12"],
    ["(020) 7946-0912", "•••• 12"],
    // Hardly more would be hidden than shown.
    ["jo@example.com", "…@e…e.com"],
    ["jo.doe@abc.de", "j…@….de"],
    ["12345", "••••"],
    // Several @, and none that ends in a domain.
    ['"ada@home"@example.org', "a…@e…e.org"],
    ["ada@localhost", "a…@l…t"],
    ["ada@[192.0.2.7]", "a…@1…7"],
    ["élodie@exämple.fr", "é…@e…e.fr"],
    ["👩‍🚀ada.l@example.com", "a…@e…e.com"],
    ["٠١٢٣٤٥٦٧٨٩", "•••• ٨٩"],
    // Markup and what turns the direction of text.
    ["ada@example.<b>x</b>", "a…@e…b"],
    ["\u202Emoc.elpmaxe@ada\u202C", "m…@a…a".replace("a…a", "…")],
  ])("%j as %j", (given, told) => {
    expect(maskedDestination(given)).toBe(told);
  });

  test.each(["", "@", "ada@", "@example.com", "jo#1", "+", "x".repeat(5000)])(
    "%j is none, and nothing is told of it",
    (given) => {
      expect(maskedDestination(given)).toBeUndefined();
    },
  );

  test("of any address at most two letters of the name and domain are told, besides its ending", () => {
    const part = fc.stringMatching(/^[a-z]{5,20}$/);
    fc.assert(
      fc.property(part, part, (local, domain) => {
        const told = maskedDestination(`${local}@${domain}.com`) ?? "";
        expect(told).toBe(`${local[0]}…@${domain[0]}…${domain.at(-1)}.com`);
      }),
    );
  });
});
