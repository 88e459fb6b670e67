import { expect, test } from "vitest";
import { wayBack } from "../../example-app/src/way-back";

test.each(["/", "/admin", "/admin/members?q=a%20b#top", "/login-help", "/loginx", "/profile?next=//evil.example"])(
  "%s is a way back",
  (path) => {
    expect(wayBack(path)).toBe(path);
  },
);

test.each([
  "//evil.example",
  "/\\evil.example",
  "/a\\b",
  "\\\\evil.example",
  "http://evil.example/",
  "javascript:alert(1)",
  "/\t/evil.example",
  "/a\r\nSet-Cookie: x=y",
  " /admin",
  "admin",
  "",
  "/login",
  "/login?next=/login",
  "/LOGOUT",
  `/${"a".repeat(2048)}`,
  undefined,
  ["/admin"],
  { path: "/admin" },
])("%j leads to the start page", (next) => {
  expect(wayBack(next)).toBe("/");
});
