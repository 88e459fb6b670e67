import { expect, test } from "vitest";
import { TwoFactorError } from "../../src/errors";
import { withinSeconds } from "../../src/service/patience";

test("what is done in time is given on", async () => {
  expect(await withinSeconds(5, "The store", async () => "done")).toBe("done");
});

test("what hangs is a fault, and says who did", async () => {
  await expect(withinSeconds(0.02, "The store", () => new Promise(() => undefined))).rejects.toMatchObject({
    code: "STORE_UNAVAILABLE",
    message: "The store did not answer within 0.02 s.",
  });
});

test("what fails is a fault with its cause, and one of ours stays as it is", async () => {
  const cause = new Error("ECONNREFUSED");
  await expect(withinSeconds(5, "The store", () => Promise.reject(cause))).rejects.toMatchObject({
    message: "The store failed.",
    cause,
  });
  const ours = new TwoFactorError("MISCONFIGURED", "ours");
  await expect(withinSeconds(5, "The store", () => Promise.reject(ours))).rejects.toBe(ours);
});

test("what throws before it promises anything is a fault like the others, and ends no process", async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  const throwing = () => {
    throw new Error("not async");
  };
  await expect(withinSeconds(0.02, "The store", throwing)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  await new Promise((resolve) => setTimeout(resolve, 60));
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});
