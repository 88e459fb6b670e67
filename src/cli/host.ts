import type { Command } from "commander";
import type { StoredRecord } from "../stores/store";
import { withinSeconds } from "../service/patience";
import { twoFactor, type TwoFactor } from "../two-factor";
import { whatFailed } from "./failure";
import { loadConfig, type HostConfig } from "./host-config";

/** The app's second factor, without the app. */
export interface Host extends HostConfig {
  tfa: TwoFactor;
  /** What the store holds under a key. @throws TwoFactorError `STORE_UNAVAILABLE` */
  stored(key: string): Promise<StoredRecord | undefined>;
}

type OnEvent = NonNullable<HostConfig["options"]["onEvent"]>;

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
  try {
    await work(hostOf(config));
  } finally {
    if (config.close !== undefined) open = !(await closed(config.close));
  }
}

function hostOf(config: HostConfig): Host {
  const { options } = config;
  const { onEvent } = options;
  const telling = typeof onEvent === "function" ? { onEvent: warningOperator(onEvent) } : {};
  const tfa = twoFactor({ ...options, ...telling });
  return {
    ...config,
    tfa,
    stored: async (key) =>
      (await withinSeconds(options.storeTimeoutSeconds ?? 5, "The store", () => options.store.get(key))) ?? undefined,
  };
}

/** What was done stays done when its mail cannot be sent, but the operator should know of it. */
const warningOperator =
  (onEvent: OnEvent): OnEvent =>
  async (event) => {
    try {
      await onEvent(event);
    } catch (error) {
      console.error(`Warning: it is done, but the app's onEvent failed on "${event.type}": ${whatFailed(error)}`);
    }
  };

async function closed(close: () => unknown): Promise<boolean> {
  try {
    await withinSeconds(5, "close()", async () => close());
    return true;
  } catch (error) {
    console.error(`Warning: ${whatFailed(error)}`);
    return false;
  }
}
