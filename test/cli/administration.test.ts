import { userInfo } from "node:os";
import { describe, expect, test } from "vitest";
import { postgresConfig, project, type Ran } from "./project";

const withoutFindUser = postgresConfig.replace(/ {2}findUser:.*\n/, "");

/** One clear line, no stack, exit 1. */
function expectOneLine({ code, stdout, stderr }: Ran): void {
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).not.toMatch(/\n\s+at /);
}

describe("reset", () => {
  test("ends somebody's second factor by mail address, and the app tells them why and by whom", async () => {
    const app = await project(postgresConfig);
    await app.enrol(1);
    expect((await app.tfa.status(1)).enabled).toBe(true);
    const ran = await app.run("reset", "anna@example.com", "--reason", "new phone", "--by", "Carla");
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).toBe(
      "Reset the second factor of user anna@example.com (id 1). Sessions and browsers must prove anew within 30 s.\n",
    );
    expect((await app.tfa.status(1)).enabled).toBe(false);
    expect(await app.mails()).toMatchObject([{ type: "reset", userId: "1", reason: "new phone", by: "Carla" }]);
  });

  test("with --enrolment-code it prints the code that the next set-up asks for", async () => {
    const app = await project(postgresConfig);
    await app.enrol(1);
    const { code, stdout } = await app.run("reset", "1", "--reason", "new phone", "--enrolment-code");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Enrolment code: ([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/m);
    const { record } = (await app.store.get('["user","1"]')) as { record: string };
    expect(JSON.parse(record)).toHaveProperty("enrolmentCode.hash");
  });

  test("names the user of this machine where nobody else is named", async () => {
    const app = await project(postgresConfig);
    await app.run("reset", "1", "--reason", "new phone");
    expect(await app.mails()).toMatchObject([{ type: "reset", by: userInfo().username }]);
  });

  test("asks for a reason, and changes nothing without one", async () => {
    const app = await project(postgresConfig);
    await app.enrol(1);
    for (const reason of [[], ["--reason", "  "]]) {
      const ran = await app.run("reset", "1", ...reason);
      expectOneLine(ran);
      expect(ran.stderr).toContain("reason");
    }
    expect((await app.tfa.status(1)).enabled).toBe(true);
  });

  test("works for somebody who never enrolled", async () => {
    const app = await project(postgresConfig);
    const ran = await app.run("reset", "bob@example.com", "--reason", "asked for it");
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(await app.mails()).toMatchObject([{ type: "reset", userId: "2" }]);
  });

  test("without findUser it takes the id as it is, and warns where nothing is stored under it", async () => {
    const app = await project(withoutFindUser);
    await app.enrol("42");
    const known = await app.run("reset", "42", "--reason", "new phone");
    expect(known).toMatchObject({ code: 0, stderr: "" });
    const unknown = await app.run("reset", "43", "--reason", "new phone");
    expect(unknown.code).toBe(0);
    expect(unknown.stderr).toBe(
      'Warning: nothing is stored about "43", and the configuration has no findUser: the id is not checked.\n',
    );
  });

  test("what is done stays done when the app's mail fails, and the operator is told", async () => {
    const app = await project(
      postgresConfig.replace(/ {2}onEvent:.*\n/, '  onEvent: async () => { throw new Error("no mail server"); },\n'),
    );
    await app.enrol(1);
    const ran = await app.run("reset", "1", "--reason", "new phone");
    expect(ran.code).toBe(0);
    expect(ran.stderr).toBe('Warning: it is done, but the app\'s onEvent failed on "reset": no mail server\n');
    expect((await app.tfa.status(1)).enabled).toBe(false);
  });

  test("waits for a mail that takes longer than a request would wait for it", async () => {
    const slow = `  onEvent: (event) => new Promise((done) => setTimeout(() => {
      appendFileSync(__dirname + "/mails", JSON.stringify(event) + "\\n"); done(); }, 4000)),\n`;
    const app = await project(postgresConfig.replace(/ {2}onEvent:.*\n/, slow));
    const ran = await app.run("reset", "1", "--reason", "new phone");
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(await app.mails()).toMatchObject([{ type: "reset" }]);
  });
});

describe("status", () => {
  test("shows how things stand, for people and as JSON", async () => {
    const app = await project(postgresConfig);
    await app.enrol(1);
    await app.tfa.unlock(1);
    const page = await app.run("status", "anna@example.com");
    expect(page.code).toBe(0);
    expect(page.stdout).toMatch(/^User anna@example\.com \(id 1\)$/m);
    expect(page.stdout).toMatch(/^ {2}Second factor +on, since 2023-11-14 22:13:20Z$/m);
    expect(page.stdout).toMatch(/^ {2}Locked +no$/m);
    expect(page.stdout).toMatch(/Z {2}unlocked$/m);
    const { stdout } = await app.run("status", "1", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      userId: "1",
      scope: "user",
      enabled: true,
      locked: false,
      browsers: [],
    });
  });

  test("a browser that told no name is an unknown one", async () => {
    const app = await project(postgresConfig);
    const key = await app.enrol(1);
    const stored = (await app.store.get(key))!;
    const now = Math.floor(Date.now() / 1000);
    const browsers = [["a", "b", "", now, now]];
    const record = JSON.stringify({ ...JSON.parse(stored.record), browsers });
    await app.store.compareAndSet(key, stored.revision, { record, revision: "remembered" });
    expect((await app.run("status", "1")).stdout).toMatch(/^ +unknown browser, since \d{4}-/m);
  });

  test("somebody known who never enrolled is off; an id that nobody checks is off with a warning", async () => {
    const app = await project(postgresConfig);
    expect(await app.run("status", "2")).toMatchObject({ code: 0, stderr: "" });
    const unchecked = await (await project(withoutFindUser)).run("status", "2", "--json");
    expect(JSON.parse(unchecked.stdout)).toMatchObject({ userId: "2", enabled: false });
    expect(unchecked.stderr).toContain("not checked");
  });

  test("does not let a name steer the terminal", async () => {
    const app = await project(withoutFindUser);
    const { stdout, stderr } = await app.run("status", "\u001b[2J\u202eevil");
    // oxlint-disable-next-line no-control-regex -- that is what must not be there
    expect(stdout + stderr).not.toMatch(/[\u001b\u202e]/);
    expect(stdout).toContain("[2J");
  });
});

describe("unlock and forget", () => {
  test("unlock ends a lock and keeps the second factor", async () => {
    const app = await project(postgresConfig);
    const key = await app.enrol(1);
    const stored = (await app.store.get(key))!;
    const locked = {
      ...JSON.parse(stored.record),
      attempts: { failures: 3, rounds: 1, inARow: 3, lockedUntil: 4_102_444_800 },
    };
    await app.store.compareAndSet(key, stored.revision, { record: JSON.stringify(locked), revision: "locked" });
    const shown = (await app.run("status", "1")).stdout;
    expect(shown).toMatch(/^ {2}Locked +until 2100-01-01 00:00:00Z\n +for unknown browsers$/m);
    expect(await app.run("unlock", "1", "--by", "Carla")).toEqual({
      code: 0,
      stdout: "Unlocked user 1.\n",
      stderr: "",
    });
    expect(await app.tfa.status(1)).toMatchObject({ enabled: true, locked: false });
    expect(await app.mails()).toMatchObject([{ type: "unlocked", by: "Carla" }]);
  });

  test("forget moves the epoch, so that every session and browser proves anew", async () => {
    const app = await project(postgresConfig);
    const key = await app.enrol(1);
    const epoch = async () => (JSON.parse((await app.store.get(key))!.record) as { epoch: string }).epoch;
    const before = await epoch();
    expect(await app.run("forget", "anna@example.com")).toMatchObject({ code: 0, stderr: "" });
    expect(await epoch()).not.toBe(before);
    expect(await app.run("forget", "1", "--by", "Carla")).toMatchObject({ code: 0, stderr: "" });
    expect(await app.mails()).toMatchObject([
      { type: "browsers-forgotten", by: userInfo().username },
      { type: "browsers-forgotten", by: "Carla" },
    ]);
  });

  test.each(["unlock", "forget"])("%s claims nothing about somebody of whom nothing is stored", async (command) => {
    const known = await project(postgresConfig);
    const ran = await known.run(command, "2");
    expect(ran).toMatchObject({ code: 0, stdout: "User 2 has never used a second factor. Nothing was changed.\n" });
    expect(await known.mails()).toEqual([]);
    const unchecked = await project(withoutFindUser);
    const unknown = await unchecked.run(command, "2");
    expectOneLine(unknown);
    expect(unknown.stderr).toContain('Unknown user "2"');
    expect(await unchecked.mails()).toEqual([]);
  });
});

describe("an unknown user, and a store that is not there", () => {
  const commands = [["status"], ["reset", "--reason", "x"], ["unlock"], ["forget"]];

  test("whom findUser does not find is unknown: one line, exit 1, nothing changed", async () => {
    const app = await project(postgresConfig);
    for (const [command, ...more] of commands) {
      const ran = await app.run(command!, "eve@example.com", ...more);
      expectOneLine(ran);
      expect(ran.stderr).toContain('Unknown user "eve@example.com"');
    }
    expect(await app.mails()).toEqual([]);
    const keys: string[] = [];
    for await (const key of app.tfa.keys()) keys.push(key);
    expect(keys).toEqual([]);
  });

  test("a database that does not answer: one line that says so, exit 1", async () => {
    const app = await project(postgresConfig);
    app.env["DATABASE_URL"] = "postgres://postgres@127.0.0.1:9/nowhere";
    for (const [command, ...more] of [...commands, ["reencrypt"]]) {
      const ran = await app.run(command!, ...(command === "reencrypt" ? [] : ["1"]), ...more);
      expectOneLine(ran);
      expect(ran.stderr).toContain("ECONNREFUSED");
    }
    expect(await app.mails()).toEqual([]);
  });

  test("a findUser that fails is told as that", async () => {
    const app = await project(
      postgresConfig.replace(/findUser:.*\n/, 'findUser: async () => { throw new Error("no users table"); },\n'),
    );
    const ran = await app.run("reset", "1", "--reason", "x");
    expectOneLine(ran);
    expect(ran.stderr).toBe("express-two-factor: findUser failed. no users table Nothing was changed.\n");
  });
});

describe("recovery", () => {
  test("list says who waits, cancel stops it, and the app tells its owner", async () => {
    const app = await project(postgresConfig);
    const key = await app.enrol(1);
    const stored = (await app.store.get(key))!;
    const hour = 3600;
    const now = Math.floor(Date.now() / 1000);
    const current = { id: "r1", requestedAt: now - hour, codes: [], sends: 0, sentAt: now - hour };
    const waiting = { ...current, confirmedAt: now - hour, readyAt: now + hour };
    const record = JSON.stringify({ ...JSON.parse(stored.record), recovery: { lastAt: now - hour, current: waiting } });
    expect(await app.run("recovery", "list")).toMatchObject({ code: 0, stdout: "No recovery is under way.\n" });
    await app.store.compareAndSet(key, stored.revision, { record, revision: "waiting" });
    const time = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ") + "Z";
    expect((await app.run("recovery", "list")).stdout).toBe(
      `1  asked for ${time(now - hour)}, can be set up from ${time(now + hour)}\n`,
    );
    expect(JSON.parse((await app.run("recovery", "list", "--json")).stdout)).toMatchObject([{ userId: "1" }]);
    expect((await app.run("status", "1")).stdout).toMatch(/^ {2}Recovery +asked for .*, can be set up from /m);
    expectOneLine(await app.run("recovery", "tell"));
    const ran = await app.run("recovery", "cancel", "anna@example.com", "--by", "Carla");
    expect(ran).toEqual({ code: 0, stdout: "Stopped the recovery of user anna@example.com (id 1).\n", stderr: "" });
    expect(await app.mails()).toMatchObject([{ type: "recovery-cancelled", by: "Carla" }]);
    const again = await app.run("recovery", "cancel", "1");
    expectOneLine(again);
    expect(again.stderr).toContain("No recovery of user 1 is under way.");
  });

  test.each([
    ["requested", { requestedAt: -60 }, /, its code was not typed yet$/m],
    ["waiting", { requestedAt: -60, confirmedAt: -30, readyAt: 3600 }, /, can be set up from /],
    ["ready", { requestedAt: -7200, confirmedAt: -7100, readyAt: -60 }, /, can be set up from /],
    ["opened", { requestedAt: -7200, confirmedAt: -7100, readyAt: -60, opened: -10 }, /, can be set up from /],
    ["never confirmed", { requestedAt: -86_400 }, undefined],
    ["over", { requestedAt: -9 * 86_400, confirmedAt: -9 * 86_400, readyAt: -7 * 86_400 }, undefined],
  ])("one that is %s is listed and stopped while there is something to stop", async (_, at, listed) => {
    const app = await project(postgresConfig);
    const key = await app.enrol(1);
    const stored = (await app.store.get(key))!;
    const now = Math.floor(Date.now() / 1000);
    const { opened, ...times } = at as Record<string, number>;
    const current = {
      id: "r1",
      codes: [],
      sends: 0,
      sentAt: now - 60,
      ...Object.fromEntries(Object.entries(times).map(([name, seconds]) => [name, now + seconds])),
      ...(opened !== undefined && { opened: { by: "a session", at: now + opened } }),
    };
    const record = JSON.stringify({ ...JSON.parse(stored.record), recovery: { current } });
    await app.store.compareAndSet(key, stored.revision, { record, revision: "changed" });
    const list = async () => (await app.run("recovery", "list")).stdout;
    const ran = () => app.run("recovery", "cancel", "1");
    if (listed === undefined) {
      expect(await list()).toBe("No recovery is under way.\n");
      expectOneLine(await ran());
      return;
    }
    expect(await list()).toMatch(listed);
    expect((await ran()).code).toBe(0);
    expect(await list()).toBe("No recovery is under way.\n");
    expectOneLine(await ran());
    expect((await app.tfa.status(1)).enabled).toBe(true);
  });
});
