import type { Challenge, FactorTools } from "../factor";
import { clientDataProblem, type Registration } from "./answers";
import { authenticatorDataOf, dataProblem } from "./assertion";
import { entryOf, type KeyEntry } from "./entry";
import type { Library } from "./library";
import type { RelyingParty } from "./options";
import { algorithms, readPublicKey } from "./public-key";

type Refused = { is: "refused"; reason: string };
const refused = (reason: string): Refused => ({ is: "refused", reason });

export async function addKey(
  added: Registration,
  asked: { challenge: Challenge; beside: readonly KeyEntry[]; name: string },
  { library, party }: { library: Library; party: RelyingParty },
  tools: FactorTools,
): Promise<{ is: "right"; entry: KeyEntry } | Refused> {
  const { challenge, beside, name } = asked;
  const told = clientDataProblem(added, {
    type: "webauthn.create",
    challenge,
    origins: party.origins,
  });
  if (told !== undefined) return refused(told);
  const authData = authDataOf(added, library);
  const data = authData && authenticatorDataOf(authData);
  if (authData === undefined || data === undefined) return refused("malformed");
  const problem = dataProblem(data, party);
  if (problem !== undefined) return refused(problem);
  const made = await verified(added, authData, challenge, { library, party });
  // The id stands outside of what is signed, and inside; they are one.
  if (made?.id !== added.id) return refused("malformed");
  const publicKey = readPublicKey(made.cose);
  if (publicKey === undefined) return refused("algorithm");
  if (beside.some(({ id }) => id === made.id)) return refused("known");
  const { counter, eligible, synced, verified: userVerified } = data;
  const key = {
    id: made.id,
    name,
    ...publicKey,
    counter,
    eligible,
    synced,
    verified: userVerified,
    transports: added.transports,
    addedAt: tools.now,
    usedAt: 0,
  };
  return { is: "right", entry: entryOf(key, tools) };
}

function authDataOf({ attestationObject }: Registration, { helpers }: Library): Buffer | undefined {
  try {
    const attested = helpers.decodeAttestationObject(new Uint8Array(Buffer.from(attestationObject, "base64url")));
    const authData: unknown = attested.get("authData");
    return authData instanceof Uint8Array ? Buffer.from(authData) : undefined;
  } catch {
    return undefined;
  }
}

/** Without its attestation, whatever it is: who made a key is not asked, and good ones are not locked out by lists. */
async function verified(
  { id, clientDataJSON }: Registration,
  authData: Buffer,
  challenge: Challenge,
  { library, party }: { library: Library; party: RelyingParty },
): Promise<{ id: string; cose: ReadonlyMap<number, unknown> } | undefined> {
  const { server, helpers } = library;
  const bare = new Map<string, unknown>([
    ["fmt", "none"],
    ["attStmt", new Map()],
    ["authData", new Uint8Array(authData)],
  ]);
  try {
    const attestationObject = Buffer.from(helpers.isoCBOR.encode(bare as never)).toString("base64url");
    const { registrationInfo } = await server.verifyRegistrationResponse({
      response: {
        id,
        rawId: id,
        type: "public-key",
        clientExtensionResults: {},
        response: { clientDataJSON, attestationObject },
      },
      expectedChallenge: challenge.value,
      expectedOrigin: [...party.origins],
      expectedRPID: party.rpId,
      requireUserVerification: party.userVerification === "required",
      supportedAlgorithmIDs: [...algorithms],
    });
    if (registrationInfo === undefined) return undefined;
    const { credential } = registrationInfo;
    const cose = helpers.decodeCredentialPublicKey(credential.publicKey) as unknown as ReadonlyMap<number, unknown>;
    return { id: credential.id, cose };
  } catch {
    return undefined;
  }
}
