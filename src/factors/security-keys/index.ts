import { TwoFactorError } from "../../errors";
import { defineFactor, type Factor, type FactorTools } from "../factor";
import { readAssertion, readRegistration, type Assertion, type Registration } from "./answers";
import { checkAssertion } from "./assertion";
import { entryOf, fields, isCurrent, isOurs, keyOf, kind, signed, type KeyEntry } from "./entry";
import { loadLibrary } from "./library";
import { checkSecurityKeys, type SecurityKeysOptions } from "./options";
import { algorithms } from "./public-key";
import { addKey } from "./registration";

export type { SecurityKeysOptions } from "./options";

const method = "security-key";

/** Told once a process for each entry: the next request would tell it again. */
const told = new Set<string>();

function tellForeign({ id, mac }: KeyEntry): void {
  if (told.has(mac) || told.size >= 1000) return;
  told.add(mac);
  process.emitWarning(
    `express-two-factor: a security key (${id.slice(0, 12)}…) was not written by us for its user, or under a key that is gone, and is refused. Other factors go on.`,
    { code: "TWO_FACTOR_KEY_REFUSED" },
  );
}

/**
 * Security keys and passkeys (WebAuthn), for the option `factors`. It needs `@simplewebauthn/server` 14.
 * @throws TwoFactorError `MISCONFIGURED` with what is wrong, each with its fix
 */
export function securityKeys<User = never, Request = never>(given: SecurityKeysOptions<User, Request>): Factor {
  const { rpId, origins, userVerification, maxKeys, timeoutSeconds, requiredFor } = checkSecurityKeys(given);
  const party = { rpId, origins, userVerification, timeoutSeconds };
  const library = loadLibrary();
  const timeout = timeoutSeconds * 1000;

  const ours = (entries: readonly KeyEntry[], tools: FactorTools) =>
    entries.filter((entry) => {
      const written = isOurs(entry, tools);
      if (!written) tellForeign(entry);
      return written;
    });

  const descriptors = (entries: readonly KeyEntry[]) =>
    entries.map((entry) => ({ id: entry.id, type: "public-key", transports: keyOf(entry).transports }));

  return defineFactor<KeyEntry, Assertion>({
    kind,
    method,
    rank: "strong",
    many: true,
    isGuessable: false,
    fields,
    read: ({ fields: form }) => readAssertion(form["key"]),

    check: (entry, answer, tools) => checkAssertion(entry, answer, { library, party }, tools),

    describe(entry) {
      const { name, addedAt, usedAt, synced, verified } = keyOf(entry);
      return { name, addedAt, ...(usedAt > 0 && { lastUsedAt: usedAt }), synced, userVerified: verified };
    },

    sealed: {
      // Whether it is ours is asked where it is used; what is not stays as it is, and keeps nothing else from a new key.
      isCurrent: (entry, tools) => isCurrent(entry, tools) || !isOurs(entry, tools),
      needsOldKey: (entry, tools) => !isCurrent(entry, tools) && isOurs(entry, tools),
      async open(entry, tools) {
        if (isOurs(entry, tools)) return;
        throw new TwoFactorError("MISCONFIGURED", "A security key was signed under none of the keys.");
      },
      renewed: async (entry, tools) => signed(entry, tools),
    },

    ceremony: {
      field: "key",
      most: maxKeys,
      requiredFor,
      challengeOf: (answer) => (answer as Assertion | Registration).clientData.challenge,
      answered: (answer, challenge) => ({ ...answer, challenge }),
      pick: (entries, { id }) => entries.find((entry) => entry.id === id) ?? entries[0],

      ask(entries, challenge, tools) {
        const known = ours(entries, tools);
        if (known.length === 0) return undefined;
        return { challenge, timeout, rpId, allowCredentials: descriptors(known), userVerification };
      },

      askToAdd: (entries, challenge, { handle, account, issuer }) => ({
        rp: { id: rpId, name: issuer },
        user: { id: handle, name: account, displayName: account },
        challenge,
        pubKeyCredParams: algorithms.map((alg) => ({ type: "public-key", alg })),
        timeout,
        excludeCredentials: descriptors(entries),
        // A passkey where the device has room for one; a second factor needs none.
        authenticatorSelection: { residentKey: "preferred", requireResidentKey: false, userVerification },
        attestation: "none",
      }),

      readAdded: (form) => readRegistration(form["response"]),
      add: (added, asked, tools) => addKey(added as Registration, asked, { library, party }, tools),
      // What we did not write is not to become ours by a new name.
      renamed: (entry, name, tools) => (isOurs(entry, tools) ? entryOf({ ...keyOf(entry), name }, tools) : undefined),
      signal: ({ id }) => ({ rpId, credentialId: id }),
    },
  });
}
