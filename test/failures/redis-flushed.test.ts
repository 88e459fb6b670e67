import { createClient } from "redis";
import { expect, onTestFinished, test, vi } from "vitest";
import type { TwoFactorEvent } from "../../src";
import { redisStore } from "../../src/stores/redis";
import { startHost } from "../support/host";
import { redisForThisTest } from "../support/services";

test.each([2, 3] as const)(
  "a Redis that is emptied under load (RESP%i) lets nobody in, and each person whose proof it held is told of loudly",
  async (RESP) => {
    const client = await createClient({ url: await redisForThisTest(), RESP }).connect();
    onTestFinished(() => client.destroy());
    const warnings = vi.spyOn(process, "emitWarning").mockReturnValue();
    onTestFinished(() => warnings.mockRestore());
    const missing = new Set<string>();
    const onEvent = ({ type, userId }: TwoFactorEvent) => type === "record-missing" && missing.add(userId);
    const host = startHost({
      options: { store: redisStore(client), recoveryCodes: { count: 1 }, revalidateSeconds: 0, onEvent },
    });
    const ids = ["1", "2", "3", "4"];
    const people = await Promise.all(
      ids.map(async (id) => {
        const browser = host.browser();
        await browser.login({ id });
        await browser.enrol();
        return browser;
      }),
    );
    let isEmptied = false;
    const late: number[] = [];
    const load = people.map(async (person) => {
      for (;;) {
        const wasEmptied = isEmptied;
        const { status, headers } = await person.get("/admin");
        // The login of who had a proof is ended: the host takes the next request for a stranger's.
        if (wasEmptied) return late.push(headers["x-signed-in"] === "yes" ? status : 401);
      }
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(host.reached.length).toBeGreaterThan(ids.length);
    await client.flushDb();
    isEmptied = true;
    await Promise.all(load);
    expect(late).toHaveLength(ids.length);
    expect(late).not.toContain(200);
    expect([...missing].toSorted()).toEqual(ids);
    expect(warnings.mock.calls.filter(([text]) => String(text).includes("lost its data"))).toHaveLength(ids.length);
  },
);
