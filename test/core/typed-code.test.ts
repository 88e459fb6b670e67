import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { typedCode } from "../../src/core/typed-code";

const recovery = "ABCD2345EFGH67WX";

describe("a typed code", () => {
  test("is as it was meant, whatever kind of code it is", () => {
    for (const code of ["012345", "01234567", recovery, "A1"]) expect(typedCode(code)).toBe(code);
  });

  test.each([
    ["spaces, as apps show it", "012 345", "012345"],
    ["a no-break space and a thin one", "012\u00a0\u2009345", "012345"],
    ["what copying adds at the ends", "\ufeff 012345\u200b\r\n", "012345"],
    ["dashes of every kind", "ABCD-2345\u2010EFGH\u201367WX", recovery],
    ["a soft hyphen and a minus sign", "ABCD\u00ad2345\u2212EFGH67WX", recovery],
    ["small letters", "abcd-2345-efgh-67wx", recovery],
  ])("does not mind %s", (_, typed, code) => {
    expect(typedCode(typed)).toBe(code);
  });

  test.each([
    ["nothing", ""],
    ["spaces alone", "      "],
    ["full-width digits", "０１２３４５"],
    ["Arabic digits", "٠١٢٣٤٥"],
    ["a sign", "+12345"],
    ["a number in another notation", "1.2345"],
    ["a NUL", "01234\0"],
    ["a NUL behind the code", "012345\0"],
    ["eight letters that become sixteen in capitals", "ßßßßßßßß"],
    ["a dotless i in place of an I", "ABCD2345EFGH67Wı"],
    ["a long s in place of an S", "ABCD2345EFGH67Wſ"],
    ["an emoji", "01234😀"],
    ["65 characters around a code", `${" ".repeat(59)}012345`],
    ["a megabyte of digits", "0".repeat(2 ** 20)],
    ["a megabyte of spaces", " ".repeat(2 ** 20)],
  ])("is none for %s", (_, typed) => {
    expect(typedCode(typed)).toBeUndefined();
  });

  test.each([
    [["012345"]],
    [{ code: "012345" }],
    [12_345],
    [123_456n],
    [null],
    [undefined],
    [true],
    [new String("012345")],
  ])("is none for %o, which is no text", (value) => {
    expect(typedCode(value)).toBeUndefined();
  });

  test("is found or not for any text whatever, and a code is never more than it shows", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (typed) => {
        expect(typedCode(typed) ?? "012345").toMatch(/^[A-Z0-9]{1,64}$/);
      }),
    );
  });
});
