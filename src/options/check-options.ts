import type { EncryptionKey } from "../crypto/key-ring";
import { parseEncryptionKeys } from "../crypto/key-ring";
import { TwoFactorOptionsError } from "../errors";
import { hasMethods } from "./checks";
import type { OptionsTable, Settings, TwoFactorOptions } from "./index";
import type { Option } from "./option";
import { BrowserOptions } from "./table/browsers";
import { CodeOptions } from "./table/codes";
import { PageOptions } from "./table/pages";
import { PeopleOptions } from "./table/people";
import { SignInOptions } from "./table/sign-in";
import { StorageOptions } from "./table/storage";
import { togetherProblems } from "./together";
import { unknownNames } from "./unknown-names";

type Options = TwoFactorOptions<unknown>;
type Row = Option<unknown, unknown, "required" | "optional" | "defaulted">;

// Twice, since its types count to four.
const table: OptionsTable<unknown> = Object.assign(
  Object.assign(new StorageOptions(), new CodeOptions<unknown>(), new PeopleOptions<unknown>()),
  new PageOptions(),
  new BrowserOptions(),
  new SignInOptions(),
);
const rows = Object.entries(table) as unknown as readonly (readonly [name: keyof Options, row: Row])[];

export interface CheckedOptions {
  settings: Settings;
  /** Empty where a `keyring` holds them. */
  keys: readonly EncryptionKey[];
}

/**
 * Fills in the defaults and checks everything once.
 * @throws TwoFactorOptionsError listing every problem, each with its fix
 */
export function checkOptions(given: unknown): CheckedOptions {
  if (typeof given !== "object" || given === null) {
    throw new TwoFactorOptionsError(["Call twoFactor({ … }) with an object of options; `store` is required."]);
  }
  if (isRequest(given)) {
    throw new TwoFactorOptionsError([
      "twoFactor was called with a request: it makes the middleware, and is none. Say app.use(twoFactor({ … })) instead of app.use(twoFactor).",
    ]);
  }
  // A copy of what is its own: what the checks see is then what is used.
  const options = { ...given } as Options;
  const { keys, problems: keyProblems } = keysOf(options);
  const settings = settingsOf(options);
  const problems = [
    ...unknownNames(
      Object.keys(options),
      rows.map(([name]) => name),
    ),
    ...rows.flatMap(([name, { check }]) => (options[name] === undefined ? [] : check(options[name], name))),
    ...keyProblems,
    ...togetherProblems(options, settings),
  ];
  if (problems.length > 0) throw new TwoFactorOptionsError(problems);
  return { settings, keys };
}

/** Express calls whatever it is given to mount: with a request. */
const isRequest = (given: object): boolean => "headers" in given && "url" in given && hasMethods(given, ["pipe"]);

function settingsOf(options: Options): Settings {
  const kept = rows.map(([name, { keep }]) => [name, keep(options[name])] as const);
  return Object.freeze(Object.fromEntries(kept.filter(([, value]) => value !== undefined))) as unknown as Settings;
}

function keysOf(options: Options): { keys: EncryptionKey[]; problems: string[] } {
  const { keyring, otpSecretEncryptionKey } = options;
  if (keyring !== undefined) {
    const problems =
      otpSecretEncryptionKey === undefined ? [] : ["Give `otpSecretEncryptionKey` or `keyring`, not both."];
    return { keys: [], problems };
  }
  const text = otpSecretEncryptionKey ?? process.env["OTP_SECRET_ENCRYPTION_KEY"];
  return typeof text === "string" || text === undefined ? parseEncryptionKeys(text) : { keys: [], problems: [] };
}
