import * as fc from "fast-check";
import { create } from "qrcode";
import { describe, expect, test } from "vitest";
import { otpauthUri } from "../../../src/factors/totp/key-uri";
import { rfcSecret } from "../reference";

const uri = (issuer: string, label: string, digits = 6) => otpauthUri(rfcSecret, issuer, label, digits);

/** What an authenticator reads: the label's two halves, split at the first colon, and the parameters. */
function read(text: string) {
  const url = new URL(text);
  const [issuer, ...account] = decodeURIComponent(url.pathname.replace(/^\/+(totp\/)?/, "")).split(":");
  return {
    type: url.host || "totp",
    issuer,
    account: account.join(":"),
    parameters: Object.fromEntries(url.searchParams),
  };
}

describe("the text of the QR code", () => {
  test("is what authenticator apps read", () => {
    const text = uri("EventHub", "ada@example.com");
    expect(text.startsWith("otpauth://totp/EventHub:ada%40example.com?")).toBe(true);
    expect(read(text)).toMatchObject({ issuer: "EventHub", account: "ada@example.com" });
    expect(read(text).parameters).toMatchObject({ secret: rfcSecret, issuer: "EventHub" });
  });

  test.each([6, 7, 8])("says %i digits, or leaves out what every app assumes", (digits) => {
    const said = read(uri("EventHub", "ada", digits)).parameters["digits"] ?? "6";
    expect(said).toBe(String(digits));
  });

  test.each([
    ["colons", "Event:Hub", "a:d:a", "Event Hub", "a d a"],
    ["a colon in disguise", "Event%3AHub", "a%3Ada", "Event%3AHub", "a%3Ada"],
    ["an override that turns the name around", "Event\u202eHub", "\u2067ada\u2069", "Event Hub", "ada"],
    ["control characters and line breaks", "Event\0Hub\r\n", "a\u0007da\u2028", "Event Hub", "a da"],
    ["ampersands, slashes and question marks", "E&H?x=1#", "a/../b", "E&H?x=1#", "a/../b"],
    ["invisible characters", "Ev\u200bent\ufeffHub", "ada\u00ad", "Ev ent Hub", "ada"],
    ["letters of any language", "Événements", "アダ", "Événements", "アダ"],
    ["emoji", "🎉 Hub", "👩‍💻", "🎉 Hub", "👩 💻"],
    ["lone surrogates", "Event\ud800Hub", "\udc00ada", "Event Hub", "ada"],
  ])("keeps names with %s as text, and apart", (_, issuer, label, plainIssuer, plainLabel) => {
    const text = uri(issuer, label);
    expect(read(text)).toMatchObject({ issuer: plainIssuer, account: plainLabel });
    expect(read(text).parameters["issuer"]).toBe(plainIssuer);
    expect(text).toMatch(/^[\x21-\x7e]+$/);
  });

  test("can be made and read for any names whatever, and fits a QR code", () => {
    const name = fc.string({ unit: "binary", maxLength: 400 });
    fc.assert(
      fc.property(name, name, (issuer, label) => {
        const text = uri(issuer, label);
        expect(read(text).parameters["secret"]).toBe(rfcSecret);
        expect(create(text, { errorCorrectionLevel: "M" }).version).toBeLessThanOrEqual(26);
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    ["emoji", "🎉"],
    ["letters", "a"],
    ["combining marks", "a\u0301"],
  ])("fits a QR code that a phone can read with 10,000 %s in both names", (_, one) => {
    const text = uri(one.repeat(10_000), one.repeat(10_000));
    expect(create(text, { errorCorrectionLevel: "M" }).version).toBeLessThanOrEqual(26);
  });
});
