import { describe, expect, test } from "vitest";
import { acrClaims, proConnectAcr, proConnectAcr202606 } from "../../src/oidc";

/** The example of ProConnect's document “Forcer la double authentification”, without its outer name: that is the parameter's. */
const proConnectExample = {
  id_token: {
    acr: {
      essential: true,
      values: [
        "eidas2",
        "eidas3",
        "https://proconnect.gouv.fr/assurance/self-asserted-2fa",
        "https://proconnect.gouv.fr/assurance/consistency-checked-2fa",
      ],
    },
  },
};

describe("acrClaims", () => {
  test("says what ProConnect asks for, and URLSearchParams encodes it", () => {
    expect(JSON.parse(acrClaims(proConnectAcr))).toEqual(proConnectExample);
    const query = new URLSearchParams({ claims: acrClaims(proConnectAcr) }).toString();
    expect(query).toMatch(/^claims=%7B%22id_token%22%3A%7B%22acr%22%3A%7B%22essential%22%3Atrue%2C/);
    expect(query).not.toMatch(/["{}[\]: /]/);
    expect(JSON.parse(new URLSearchParams(query).get("claims")!)).toEqual(proConnectExample);
  });

  test("keeps values that need care in JSON or in an address", () => {
    const values = ['a"b', "urn:x:2fa&more=1", "é+%"];
    const query = new URLSearchParams({ claims: acrClaims(values) }).toString();
    expect(JSON.parse(new URLSearchParams(query).get("claims")!).id_token.acr.values).toEqual(values);
  });

  test.each([[[]], ["eidas2"], [[""]], [["eidas2", 3]], [undefined], [{ 0: "eidas2", length: 1 }]])(
    "refuses %j, which is no list of texts",
    (values) => {
      expect(() => acrClaims(values as never)).toThrow(
        expect.objectContaining({ name: "TwoFactorError", code: "MISCONFIGURED" }),
      );
    },
  );
});

test("nobody can add to the values that ProConnect names", () => {
  expect(() => (proConnectAcr as unknown as string[]).push("eidas1")).toThrow(TypeError);
  expect(() => (proConnectAcr202606 as unknown as string[]).push("eidas1")).toThrow(TypeError);
});
