import { createHash } from "node:crypto";
import type { FactorTools, FactorVerdict } from "../factor";
import { clientDataProblem, type Assertion } from "./answers";
import { entryOf, isOurs, keyOf, type Key, type KeyEntry } from "./entry";
import type { Library } from "./library";
import type { RelyingParty } from "./options";
import { coseOf, isStrictDer } from "./public-key";

const flag = { present: 0x01, verified: 0x04, eligible: 0x08, synced: 0x10 } as const;

/** What a key says of itself, in the bytes that it signs. */
export interface AuthenticatorData {
  readonly isFor: (rpId: string) => boolean;
  readonly present: boolean;
  readonly verified: boolean;
  readonly eligible: boolean;
  readonly synced: boolean;
  readonly counter: number;
}

const rpIdBytes = 32;
const leastBytes = 37;

export function authenticatorDataOf(bytes: Buffer): AuthenticatorData | undefined {
  if (bytes.length < leastBytes) return undefined;
  const flags = bytes[rpIdBytes] ?? 0;
  return {
    isFor: (rpId) => createHash("sha256").update(rpId).digest().equals(bytes.subarray(0, rpIdBytes)),
    present: (flags & flag.present) !== 0,
    verified: (flags & flag.verified) !== 0,
    eligible: (flags & flag.eligible) !== 0,
    synced: (flags & flag.synced) !== 0,
    counter: bytes.readUInt32BE(rpIdBytes + 1),
  };
}

/** What is asked of every answer of a key, new or known. */
export function dataProblem(data: AuthenticatorData, { rpId, userVerification }: RelyingParty): string | undefined {
  if (!data.isFor(rpId)) return "relying-party";
  if (!data.present) return "presence";
  if (userVerification === "required" && !data.verified) return "verification";
  if (data.synced && !data.eligible) return "backup";
  return undefined;
}

/** A foreign id, a bad signature, an entry that we did not write: told apart by nobody who asks. */
const notThisKey = { is: "refused", reason: "key" } as const;

export async function checkAssertion(
  entry: KeyEntry,
  answer: Assertion,
  { library, party }: { library: Library; party: RelyingParty },
  tools: FactorTools,
): Promise<FactorVerdict<KeyEntry>> {
  const { challenge } = answer;
  const told = clientDataProblem(answer, {
    type: "webauthn.get",
    challenge,
    origins: party.origins,
  });
  if (told !== undefined) return { is: "refused", reason: told };
  const data = authenticatorDataOf(Buffer.from(answer.authenticatorData, "base64url"));
  const problem = data === undefined ? "malformed" : dataProblem(data, party);
  if (data === undefined || problem !== undefined) return { is: "refused", reason: problem ?? "malformed" };

  const key = keyOf(entry);
  // Whatever the answer names, one signature is checked.
  const isSigned = await isSignedBy(key, answer, { library, party });
  if (!isSigned || answer.id !== entry.id || !isOurs(entry, tools)) return notThisKey;
  if (answer.userHandle !== undefined && answer.userHandle !== tools.handle) return notThisKey;
  if (data.eligible !== key.eligible) return { is: "refused", reason: "backup" };
  // Of copies, one is behind (Level 3 §6.1.1); keys that count nothing say 0 always.
  if ((data.counter > 0 || key.counter > 0) && data.counter <= key.counter) {
    return { is: "refused", reason: "counter", events: [{ type: "key-suspicious", name: key.name }] };
  }
  const { counter, verified, synced } = data;
  return {
    is: "right",
    left: entryOf({ ...key, counter, verified, synced, usedAt: tools.now }, tools),
    about: { userVerified: verified, synced },
  };
}

async function isSignedBy(
  key: Key,
  { challenge, clientDataJSON, authenticatorData, signature }: Assertion,
  { library, party }: { library: Library; party: RelyingParty },
): Promise<boolean> {
  if (key.algorithm === -7 && !isStrictDer(Buffer.from(signature, "base64url"))) return false;
  try {
    const { verified } = await library.server.verifyAuthenticationResponse({
      response: {
        id: key.id,
        rawId: key.id,
        type: "public-key",
        clientExtensionResults: {},
        response: { clientDataJSON, authenticatorData, signature },
      },
      expectedChallenge: challenge?.value ?? "",
      expectedOrigin: [...party.origins],
      expectedRPID: party.rpId,
      requireUserVerification: party.userVerification === "required",
      // Its counter is looked at by us, once the signature is good: the library's refusal would not say which it was.
      credential: { id: key.id, publicKey: coseOf(key, library), counter: 0 },
    });
    return verified;
  } catch {
    return false;
  }
}
