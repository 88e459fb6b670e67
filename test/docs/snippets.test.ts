import { describe, expect, test } from "vitest";
import { mistakesOf, pages } from "./snippets";

describe.each(pages)("every snippet of %s", (page) => {
  test.each(["js", "ts"] as const)("in %s is what the library takes: names, options, methods", (language) => {
    expect(mistakesOf(page, language).map(({ line, text }) => `${page}:${line} ${text}`)).toEqual([]);
  });
});
