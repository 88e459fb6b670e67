import type { Response } from "express";
import { expect, it, vi } from "vitest";
import { deadSessionsOf } from "../../../src/http/session/dead-sessions";
import type { WithSession } from "../../../src/http/session/host-session";

it("what follows a session's end is done once for each user that requests which hold it have known", () => {
  const sessionStore = {};
  const hosts = ["a", "a", "a", "b"].map((sessionID): WithSession => ({ sessionStore, sessionID }));
  const dead = deadSessionsOf(hosts[0]!);
  const works = ["one", "one", "two", "one"].map((user, at) => {
    const work = vi.fn<() => Promise<void>>(async () => undefined);
    dead.onceEnded(hosts[at]!, user, work);
    dead.underWay.add({ req: hosts[at], writableFinished: false, destroyed: false } as unknown as Response);
    return work;
  });
  dead.afterEnd("a", () => undefined);
  const calls = works.map((work) => work.mock.calls.length);
  expect([calls[0]! + calls[1]!, calls[2], calls[3]]).toEqual([1, 1, 0]);
});
