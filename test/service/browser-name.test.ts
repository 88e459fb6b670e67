import * as fc from "fast-check";
import { expect, test } from "vitest";
import { browserName } from "../../src/service/browser-name";

test.each([
  ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
    "Safari on iOS",
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
    "Microsoft Edge on Windows",
  ],
  ["curl/8.5.0", ""],
  ["https://evil.example/sign-in now", ""],
  ["Call 0800 123/1 (X11; Linux x86_64)", "Linux"],
  ["Mozilla/5.0 (Your account is locked: https://evil.example) x/1 ", ""],
  ["visit.evil.example/1 Firefox/140.0", "Firefox"],
  ["", ""],
])("%s is %j to a person", (userAgent, name) => {
  expect(browserName(userAgent)).toBe(name);
});

test("any user agent whatever has a short name or none, soon", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 120 }), (userAgent) => {
      expect(browserName(userAgent)).toMatch(/^[\w -]{0,60}$/);
    }),
  );
  const from = performance.now();
  for (const part of ["Mozilla/5.0 (", "a/", " ", "((((", "Chrome/"]) browserName(part.repeat(100_000));
  expect(performance.now() - from).toBeLessThan(500);
});
