import type { Command } from "commander";
import type { StoredRecord } from "../stores/store";
import { withinSeconds } from "../service/patience";
import { twoFactor, type TwoFactor } from "../two-factor";
import { isInMemory } from "../stores/memory";
import { CommandFailure, whatFailed } from "./failure";
import { loadConfig, type HostConfig } from "./host-config";

/** The app's second factor, without the app. */
export interface Host extends HostConfig {
  tfa: TwoFactor;
  /** What the store holds under a key. @throws TwoFactorError `STORE_UNAVAILABLE` */
  stored(key: string): Promise<StoredRecord | undefined>;
}

type OnEvent = NonNullable<HostConfig["options"]["onEvent"]>;

/** The app's own work after an event, such as a mail by a slow server. */
const longestEventSeconds = 30;
const longestCloseSeconds = 5;

let open = false;

/** Whether a command ended while something of the app's may still be open. */
export const leftOpen = (): boolean => open;

/**
 * Loads the app's options, does the work with them, and closes what they hold open.
 * @throws CommandFailure, TwoFactorError; `twoFactor`'s own list of wrong options
 */
export async function withHost(command: Command, work: (host: Host) => Promise<void>): Promise<void> {
  const { config: file } = command.optsWithGlobals<{ config?: string }>();
  open = true;
  const config = await loadConfig(file);
  const { close } = config;
  const told: Promise<unknown>[] = [];
  try {
    await work(hostOf(config, told));
  } finally {
    await warned("The app's onEvent", longestEventSeconds, () => Promise.all(told));
    if (close !== undefined) open = !(await warned("close()", longestCloseSeconds, async () => close()));
  }
}

function hostOf(config: HostConfig, told: Promise<unknown>[]): Host {
  const { options } = config;
  const { onEvent } = options;
  const store: unknown = options.store;
  if (typeof store === "object" && store !== null && isInMemory(store)) {
    throw new CommandFailure(
      "The store of the configuration is memoryStore(): what it holds is in the app's own process, where no command reaches it. " +
        "Nothing was changed. Name the store of the app, such as postgresStore(pool).",
    );
  }
  const tfa = twoFactor({ ...options, ...(typeof onEvent === "function" && { onEvent: tellingLater(onEvent, told) }) });
  return {
    ...config,
    tfa,
    stored: async (key) =>
      (await withinSeconds(options.storeTimeoutSeconds ?? 5, "The store", () => options.store.get(key))) ?? undefined,
  };
}

/** A request waits a few seconds for the app's mail; a command waits longer, and says so when it was not sent. */
const tellingLater =
  (onEvent: OnEvent, told: Promise<unknown>[]): OnEvent =>
  (event) => {
    const tell = Promise.resolve(event).then(onEvent);
    told.push(
      tell.catch((error: unknown) => {
        console.error(`Warning: it is done, but the app's onEvent failed on "${event.type}": ${whatFailed(error)}`);
      }),
    );
  };

/** What went well stays so, whatever comes after. */
async function warned(what: string, seconds: number, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await withinSeconds(seconds, what, work);
    return true;
  } catch (error) {
    console.error(`Warning: ${whatFailed(error)}`);
    return false;
  }
}
