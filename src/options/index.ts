import type { Option } from "./option";
import type { BrowserOptions } from "./table/browsers";
import type { CodeOptions } from "./table/codes";
import type { PageOptions } from "./table/pages";
import type { PeopleOptions } from "./table/people";
import type { SignInOptions } from "./table/sign-in";
import type { StorageOptions } from "./table/storage";
import type { HostUser } from "./values";

export type { HostUser, LockoutOptions, Need, PageSource, RecoveryOptions, RememberCookieOptions } from "./values";

/** The table of all options: one field of one of these classes is one option. */
export type OptionsTable<User> = StorageOptions &
  CodeOptions<User> &
  PeopleOptions<User> &
  PageOptions &
  BrowserOptions &
  SignInOptions;

// oxlint-disable-next-line typescript/no-explicit-any -- of whatever types
type AnyOption = Option<any, any, any>;

// Mapped over the fields themselves, so that an editor shows the JSDoc of each.
type Given<Table, Names extends keyof Table> = {
  [Name in Names]: Table[Name] extends AnyOption ? Table[Name]["given"] : never;
};
type Kept<Table, Names extends keyof Table> = {
  [Name in Names]: Table[Name] extends AnyOption ? Table[Name]["kept"] : never;
};
type Named<Table, When> = {
  [Name in keyof Table]: Table[Name] extends AnyOption ? (Table[Name]["when"] extends When ? Name : never) : never;
}[keyof Table];

/** See README, “Options”. Durations are in seconds. */
export interface TwoFactorOptions<User = HostUser>
  extends
    Given<OptionsTable<User>, Named<OptionsTable<User>, "required">>,
    Partial<Given<OptionsTable<User>, Named<OptionsTable<User>, "optional" | "defaulted">>> {}

/** The options with every default in place: what the software runs on. Made once, frozen. */
export type Settings<User = unknown> = Readonly<
  Kept<OptionsTable<User>, Named<OptionsTable<User>, "required" | "defaulted">> &
    Partial<Kept<OptionsTable<User>, Named<OptionsTable<User>, "optional">>>
>;
