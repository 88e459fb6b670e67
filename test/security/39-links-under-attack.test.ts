import { describe, expect, test } from "vitest";
import { daySeconds, lostEverything, opened, recovery, signedIn, waitingFor } from "../support/recovery";
import { onProcess } from "../support/processes";

const cancel = `${recovery}/cancel`;
const tokenOf = (link: string): string => link.split("token=")[1] ?? "";

/** Somebody who waits, and whether they still do. */
async function waiting() {
  const all = await lostEverything({}, 2);
  await waitingFor(all.browser, all.box);
  const isUnderWay = async () => (await all.host.tfa.status("1")).recovery !== undefined;
  return { ...all, link: all.box.link(), isUnderWay };
}

describe("The owner is told at every step and stops it with one click: a link", () => {
  test("is for GET, HEAD and POST; every other method is told so and stops nothing", async () => {
    const { host, link, isUnderWay } = await waiting();
    const { agent } = host.browser();
    for (const method of ["put", "delete", "patch", "options"] as const) {
      const answer = await agent[method](link).set("accept", "application/json").expect(405);
      expect(answer.headers["allow"]).toBe("GET, HEAD, POST");
      expect(answer.body).toMatchObject({ code: "METHOD_NOT_ALLOWED" });
    }
    await agent.head(link).expect(200);
    expect(await isUnderWay()).toBe(true);
    // Nor does a form that says it is another method.
    await agent.post(`${link}&_method=DELETE`).set("x-http-method-override", "GET").expect(200);
    expect(await isUnderWay()).toBe(false);
  });

  test.each([
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { origin: "https://evil.example" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site", origin: "https://evil.example", "sec-fetch-mode": "navigate" },
  ])("stops nothing by a form of another site: %o", async (headers) => {
    const { host, link, isUnderWay } = await waiting();
    const { agent } = host.browser();
    for (const type of ["form", "json", "text/plain"]) {
      const answer = await agent
        .post(link)
        .set(headers)
        .type(type)
        .send(type === "json" ? {} : "")
        .expect(403);
      if (!("sec-fetch-mode" in headers)) expect(answer.body).toMatchObject({ code: "CROSS_SITE_REQUEST" });
    }
    expect(await isUnderWay()).toBe(true);
  });

  test("that is cut, doubled, bent, a megabyte long or half a character is told so: 4xx, nothing changed", async () => {
    const { host, link, isUnderWay } = await waiting();
    const token = tokenOf(link);
    const wrong = [
      "token",
      "token=",
      `token=${token.slice(0, -4)}`,
      `token=${token.slice(4)}`,
      `token=${token}${token}`,
      `token=${token.slice(0, 20)}%00${token.slice(20)}`,
      `token=${token}%20`,
      `token=%ED%A0%80${token}`,
      "token=%E0%A4%A",
      `token=%`,
      `Token=${token}`,
      `token[]=${token}`,
      `token[a]=${token}`,
      `token=&token=${token}`,
      `token=__proto__`,
      `token=${Buffer.from('["1","x"]').toString("base64url")}`,
    ];
    const { agent } = host.browser();
    for (const query of wrong) {
      for (const method of ["get", "post"] as const) {
        const answer = await agent[method](`${cancel}?${query}`).set("accept", "application/json");
        expect([query, answer.status]).toEqual([query, 404]);
        expect(answer.body).toMatchObject({ code: "RECOVERY_LINK_UNKNOWN" });
        expect(answer.text).not.toContain(token);
      }
    }
    expect(await isUnderWay()).toBe(true);
    // Node itself refuses so long an address.
    const { status } = await agent.post(`${cancel}?token=${"A".repeat(1_000_000)}`).catch(() => ({ status: 431 }));
    expect(status).toBe(431);
    expect(await isUnderWay()).toBe(true);
  });

  test("given twice the first counts; a body, of whatever size and kind, names nothing", async () => {
    const { host, link, isUnderWay } = await waiting();
    const { agent } = host.browser();
    const token = decodeURIComponent(tokenOf(link));
    for (const body of [{ token }, { token: [token] }, { code: "x", token }]) {
      await agent.post(cancel).set("accept", "application/json").send(body).expect(404);
      await agent.post(cancel).type("form").set("sec-fetch-site", "same-origin").send(body).expect(404);
    }
    expect(await isUnderWay()).toBe(true);
    await agent.post(`${link}&token=${tokenOf(link).slice(5)}`).expect(200);
    expect(await isUnderWay()).toBe(false);
  });

  test("swapped between two who have a factor stops whose it is, whoever is signed in", async () => {
    const { box, host, link, isUnderWay } = await waiting();
    const two = host.browser();
    await two.login({ id: "2" });
    await two.enrol();
    const lost = await signedIn(host, two, "2");
    await waitingFor(lost, box);
    const theirs = box.link();
    expect(theirs).not.toBe(link);
    // One who is signed in as the other, with a proof.
    await two.post(link).expect(200, { cancelled: true });
    expect(await isUnderWay()).toBe(false);
    expect((await host.tfa.status("2")).recovery).toBeDefined();
    await two.post(link).expect(410);
    expect((await host.tfa.status("2")).recovery).toBeDefined();
    await host.browser().post(theirs).expect(200);
    expect((await host.tfa.status("2")).recovery).toBeUndefined();
  });

  test("pressed on two processes at once, with a step under way, leaves nothing half done", async () => {
    const { clock, before, events, host, processes, link, box, isUnderWay } = await waiting();
    const [one, two = one] = processes;
    clock.later(3 * daySeconds);
    const late = await signedIn(host, before);
    await late.post(`${recovery}/finish`).expect(200);
    const [stopped, ...opened] = await Promise.all([
      two.browser().post(link),
      onProcess(late, one).post(`${recovery}/finish`, { code: box.code() }),
      onProcess(late, two).post(`${recovery}/finish`, { code: box.code() }),
    ]);
    expect(stopped.status).toBe(200);
    for (const { status } of opened) expect([200, 410, 422]).toContain(status);
    await late.post("/two-factor/setup").expect(403);
    expect(await isUnderWay()).toBe(false);
    expect(events.filter(({ type }) => type === "recovery-cancelled")).toHaveLength(1);
  });
});

describe("The owner is told at every step and stops it with one click: the help desk", () => {
  const states = {
    requested: async ({ browser }) => void (await browser.post(recovery).expect(200)),
    waiting: ({ browser, box }) => waitingFor(browser, box),
    ready: async (all) => {
      await states.waiting(all);
      all.clock.later(3 * daySeconds);
    },
    sent: async (all) => {
      await states.ready(all);
      await (await signedIn(all.host, all.before)).post(`${recovery}/finish`).expect(200);
    },
  } satisfies Record<string, (all: Awaited<ReturnType<typeof lostEverything>>) => Promise<void>>;

  test.each(Object.keys(states) as (keyof typeof states)[])("stops one that is %s, once, by whom", async (state) => {
    const all = await lostEverything();
    const { host, events, before, box, clock } = all;
    expect(await host.tfa.cancelRecovery("1", { by: "desk" })).toBe(false);
    await states[state](all);
    expect(await host.tfa.cancelRecovery("1", { by: "desk" })).toBe(true);
    expect(await host.tfa.cancelRecovery("1", { by: "desk" })).toBe(false);
    expect(events.filter(({ type }) => type === "recovery-cancelled")).toMatchObject([{ by: "desk" }]);
    const late = await signedIn(host, before);
    await late.post(`${recovery}/confirm`, { code: box.code() }).expect(410);
    await late.post(`${recovery}/finish`, { code: box.code() }).expect(410);
    // Twelve hours after it was asked for, there may be another.
    if (state === "requested" || state === "waiting") {
      await late.post(recovery).expect(429);
      clock.later(12 * 3600);
    }
    await (await signedIn(host, before)).post(recovery).expect(200);
  });

  test("stops none whose time is over, or that was finished", async () => {
    const { host, before, box, browser, clock } = await lostEverything();
    await browser.post(recovery).expect(200);
    clock.later(daySeconds);
    expect(await host.tfa.cancelRecovery("1")).toBe(false);
    await waitingFor(await signedIn(host, before), box);
    clock.later(10 * daySeconds);
    expect(await host.tfa.cancelRecovery("1")).toBe(false);
    await waitingFor(await signedIn(host, before), box);
    clock.later(3 * daySeconds);
    const late = await signedIn(host, before);
    await opened(late, box);
    await late.enrol();
    expect(await host.tfa.cancelRecovery("1")).toBe(false);
    await host.browser().post(box.link()).expect(410);
    await late.get("/page").expect(200);
  });
});
