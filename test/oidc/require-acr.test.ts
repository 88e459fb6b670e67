import { describe, expect, test } from "vitest";
import { TwoFactorError } from "../../src";
import { proConnectAcr, requireAcr } from "../../src/oidc";

/** ProConnect's message word for word, with its own apostrophe. */
const proConnectMessage =
  "Vous ne pouvez pas accéder au service sans avoir une double authentification installée. Veuillez installer une application d'authentification et vous connecter à nouveau.";

const speaking = (language: string) => ({ req: { headers: { "accept-language": language } } });

function refusal(claims: unknown, options?: Parameters<typeof requireAcr>[2]): TwoFactorError {
  try {
    requireAcr(claims as never, proConnectAcr, options);
  } catch (error) {
    return error as TwoFactorError;
  }
  throw new Error("it was let through");
}

describe("requireAcr", () => {
  test.each([...proConnectAcr])("returns %s", (acr) => {
    expect(requireAcr({ acr }, proConnectAcr)).toBe(acr);
  });

  test.each([
    ["no claims", undefined],
    ["null", null],
    ["no acr", {}],
    ["an acr that is null", { acr: null }],
    ["a lower level", { acr: "eidas1" }],
    ["another case", { acr: "EIDAS2" }],
    ["a part of one", { acr: "eidas" }],
    ["one with a space", { acr: "eidas2 " }],
    ["two in a text", { acr: "eidas2 eidas3" }],
    ["an array with one", { acr: ["eidas2"] }],
    ["an object that looks like one", { acr: { toString: () => "eidas2" } }],
    ["a boxed text", { acr: Object("eidas2") as unknown }],
    ["a number", { acr: 2 }],
    ["an amr instead", { amr: ["mfa"] }],
    ["an acr of the user info", { userinfo: { acr: "eidas2" } }],
  ])("refuses %s with 403", (_name, claims) => {
    const error = refusal(claims);
    expect(error).toBeInstanceOf(TwoFactorError);
    expect(error).toMatchObject({ code: "INSUFFICIENT_ACR", status: 403 });
  });

  test("takes no text for a list: part of a value would do", () => {
    expect(() => requireAcr({ acr: "eidas" }, "eidas2" as never)).toThrow(
      expect.objectContaining({ code: "MISCONFIGURED" }),
    );
  });
});

describe("its message", () => {
  test("is ProConnect's for who reads French", () => {
    expect(refusal({}, speaking("fr")).message).toBe(proConnectMessage);
    expect(refusal({}, speaking("fr-CA,fr;q=0.9,en;q=0.8")).message).toBe(proConnectMessage);
    expect(refusal({}, { locale: "fr_FR" }).message).toBe(proConnectMessage);
  });

  test("follows the language that the visitor prefers, English where nothing fits", () => {
    expect(refusal({}, speaking("en;q=0.5, de")).message).toContain("Zwei-Faktor");
    expect(refusal({}, speaking("es")).message).toContain("autenticación");
    expect(refusal({}, speaking("ru-RU")).message).toContain("Двухфакторной".toLowerCase());
    for (const options of [speaking("ja"), speaking(""), speaking("*;q=0"), speaking(";;;"), {}, undefined]) {
      expect(refusal({}, options).message).toContain("without two-factor authentication");
    }
  });

  test("is the host's own where the host says so", () => {
    expect(refusal({}, { ...speaking("fr"), message: "Please use your card." }).message).toBe("Please use your card.");
  });

  test("tells nothing of the token", () => {
    expect(refusal({ acr: "secret-level", sub: "somebody" }).message).not.toMatch(/secret-level|somebody/);
  });
});
