import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shapeOf } from "../../src/core/code-shape";

const lengths = { otpLength: 6, directOtpLength: 8 };
const recovery = "ABCD2345EFGH67WX";

describe("a code's shape", () => {
  test("is that of each kind it can be", () => {
    expect(shapeOf("012345", lengths)).toEqual({ code: "012345", totp: true, directCode: false, recoveryCode: false });
    expect(shapeOf("01234567", lengths)).toMatchObject({ totp: false, directCode: true, recoveryCode: false });
    expect(shapeOf("012345", { otpLength: 6, directOtpLength: 6 })).toMatchObject({ totp: true, directCode: true });
    expect(shapeOf(recovery, lengths)).toMatchObject({ totp: false, directCode: false, recoveryCode: true });
  });

  test.each([
    ["spaces, as apps show it", "012 345", "012345"],
    ["a no-break space and a thin one", "012\u00a0\u2009345", "012345"],
    ["what copying adds at the ends", "\ufeff 012345\u200b\r\n", "012345"],
    ["dashes of every kind", "ABCD-2345\u2010EFGH\u201367WX", recovery],
    ["a soft hyphen and a minus sign", "ABCD\u00ad2345\u2212EFGH67WX", recovery],
    ["small letters", "abcd-2345-efgh-67wx", recovery],
  ])("does not mind %s", (_, typed, code) => {
    expect(shapeOf(typed, lengths)?.code).toBe(code);
  });

  test.each([
    ["nothing", ""],
    ["spaces alone", "      "],
    ["too few digits", "01234"],
    ["digits of another length", "0123456"],
    ["full-width digits", "０１２３４５"],
    ["Arabic digits", "٠١٢٣٤٥"],
    ["a sign", "+12345"],
    ["a number in another notation", "1.2345"],
    ["a NUL", "01234\0"],
    ["a NUL behind the code", "012345\0"],
    ["letters that are none of base32", "ABCD-2345-EFGH-6701"],
    ["eight letters that become sixteen in capitals", "ßßßßßßßß"],
    ["a dotless i in place of an I", "ABCD2345EFGH67Wı"],
    ["a long s in place of an S", "ABCD2345EFGH67Wſ"],
    ["an emoji", "01234😀"],
    ["65 characters around a code", `${" ".repeat(59)}012345`],
    ["a megabyte of digits", "0".repeat(2 ** 20)],
    ["a megabyte of spaces", " ".repeat(2 ** 20)],
  ])("is none for %s", (_, typed) => {
    expect(shapeOf(typed, lengths)).toBeUndefined();
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
    expect(shapeOf(value, lengths)).toBeUndefined();
  });

  test("is found or not for any text whatever, and a code is never more than it shows", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (typed) => {
        const shape = shapeOf(typed, lengths);
        expect(shape?.code ?? "012345").toMatch(/^([0-9]{6}|[0-9]{8}|[A-Z2-7]{16})$/);
      }),
    );
  });
});
