import type { Settings } from "../../options";
import type { Service } from "../../service/service";
import { createClientKeeper } from "./by-client";
import { createCookies } from "./cookies";
import { createSessionKeeper } from "./in-session";
import type { Keeper } from "./kept";
import type { Slots } from "./slots";
import { createToken } from "./token";

/** Remembered and known browsers bring texts whatever the state is. */
export const createSlots = (settings: Settings): Slots =>
  settings.state === "token" ? createToken() : createCookies(settings);

/** The one place that asks which it is. */
export const createKeeper = (settings: Settings, { carried, clock }: Service, slots: Slots): Keeper =>
  settings.state === "session"
    ? createSessionKeeper(settings)
    : createClientKeeper({ settings, carried, slots, clock });
