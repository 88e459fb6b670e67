import type { NoticeEvent } from "./events";
import type { Advice, LetterName } from "./words/words";

/** How an event is written. */
export interface Letter {
  name: LetterName;
  ifNotYou: Advice;
  /** Where it was done from is told, unless the people who run the site did it: their address is none of the user's. */
  origin: boolean;
}

const letter = (name: LetterName, ifNotYou: Advice, { origin = true } = {}): Letter => ({ name, ifNotYou, origin });
const byOperator = { origin: false };
/** Time did it, nobody's browser. */
const byTime = { origin: false };

/** Nobody needs a mail about it. */
const none = undefined;

type EventOf<Type> = Extract<NoticeEvent, { type: Type }>;

/** Whoever adds an event has to say here what its owner hears of it. */
const letters: { readonly [Type in NoticeEvent["type"]]: Letter | ((event: EventOf<Type>) => Letter) | typeof none } = {
  enabled: letter("enabled", "change"),
  replaced: letter("replaced", "change"),
  disabled: letter("disabled", "change"),
  reset: letter("reset", "operator", byOperator),
  "factor-added": letter("factor-added", "operator", byOperator),
  "factor-removed": letter("factor-removed", "operator", byOperator),
  "recovery-codes-regenerated": letter("recovery-codes-regenerated", "change"),
  "recovery-code-used": letter("recovery-code-used", "change"),
  "recovery-codes-low": letter("recovery-codes-low", "codes"),
  locked: ({ until }) => letter(until === undefined ? "locked-for-good" : "locked", "password"),
  unlocked: letter("unlocked", "operator", byOperator),
  "password-suspected": letter("password-suspected", "password"),
  "code-sending-limited": letter("code-sending-limited", "password"),
  "browser-remembered": letter("browser-remembered", "change"),
  "key-added": letter("key-added", "change"),
  "key-removed": ({ by }) =>
    by === undefined ? letter("key-removed", "change") : letter("key-removed", "operator", byOperator),
  // Ten thousand mails about a new authenticator would train people to overlook the one that matters.
  "factor-adopted": none,
  "key-renamed": none,
  "key-suspicious": letter("key-suspicious", "password"),
  "recovery-requested": letter("recovery-requested", "recovery"),
  "recovery-confirmed": letter("recovery-confirmed", "recovery"),
  "recovery-half-way": letter("recovery-half-way", "recovery", byTime),
  "recovery-ready": letter("recovery-ready", "recovery", byTime),
  "recovery-code": letter("recovery-code", "recovery"),
  "recovery-cancelled": letter("recovery-cancelled", "stopped"),
  "recovery-finished": letter("recovery-finished", "change"),
  "challenge-passed": none,
  "challenge-failed": none,
  "code-reused": none,
  "browser-used": none,
  "browser-forgotten": none,
  "browsers-forgotten": none,
  "code-sent": none,
  "code-delivery-failed": none,
  "setup-failed": none,
  "logged-out": none,
  "login-expired": none,
  erased: none,
  "record-missing": none,
};

/** @returns undefined where nobody needs a mail, or where a later version tells what this one does not know */
export function letterOf(event: NoticeEvent): Letter | undefined {
  if (!Object.hasOwn(letters, event.type)) return undefined;
  const found: Letter | ((event: never) => Letter) | undefined = letters[event.type];
  // The table's type pairs each event with its own function; the look-up loses which.
  return typeof found === "function" ? found(event as never) : found;
}
