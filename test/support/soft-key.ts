import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";

/** What a browser and a key of it do, in code: for each step of a ceremony there is something to change. */
type Algorithm = -7 | -8 | -257;

export interface Change {
  origin?: string;
  rpId?: string;
  type?: string;
  challenge?: string;
  crossOrigin?: unknown;
  topOrigin?: string;
  counter?: number;
  flags?: Partial<Flags>;
  userHandle?: string | null;
}

interface Flags {
  present: boolean;
  verified: boolean;
  eligible: boolean;
  synced: boolean;
}

interface Asked {
  challenge: string;
  user?: { id: string };
}

export interface SoftKeyOptions {
  origin?: string;
  rpId?: string;
  algorithm?: Algorithm;
  flags?: Partial<Flags>;
  /** 0: it counts nothing. */
  counter?: number;
  idBytes?: number;
  rsaBits?: number;
  transports?: readonly string[];
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
const sha256 = (bytes: string | Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

/** CBOR of what a key sends: whole numbers, texts, bytes and maps (RFC 8949). */
function cbor(value: unknown): Buffer {
  const head = (major: number, length: number): Buffer => {
    if (length < 24) return Buffer.from([(major << 5) | length]);
    if (length < 256) return Buffer.from([(major << 5) | 24, length]);
    return Buffer.from([(major << 5) | 25, length >> 8, length & 0xff]);
  };
  if (typeof value === "number") return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  const entries = [...(value as Map<unknown, unknown>)];
  return Buffer.concat([head(5, entries.length), ...entries.flatMap(([key, one]) => [cbor(key), cbor(one)])]);
}

function coseOf(publicKey: KeyObject, algorithm: Algorithm): Map<number, unknown> {
  const jwk = publicKey.export({ format: "jwk" });
  const bytes = (part: string | undefined) => Buffer.from(part ?? "", "base64url");
  if (algorithm === -8) {
    return new Map<number, unknown>([
      [1, 1],
      [3, -8],
      [-1, 6],
      [-2, bytes(jwk.x)],
    ]);
  }
  if (algorithm === -257) {
    return new Map<number, unknown>([
      [1, 3],
      [3, -257],
      [-1, bytes(jwk.n)],
      [-2, bytes(jwk.e)],
    ]);
  }
  return new Map<number, unknown>([
    [1, 2],
    [3, -7],
    [-1, 1],
    [-2, bytes(jwk.x)],
    [-3, bytes(jwk.y)],
  ]);
}

const pairOf = (algorithm: Algorithm, rsaBits: number) =>
  algorithm === -8
    ? generateKeyPairSync("ed25519")
    : algorithm === -7
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : generateKeyPairSync("rsa", { modulusLength: rsaBits });

export class SoftKey {
  readonly id: string;
  counter: number;
  private userHandle: string | undefined;
  private readonly pair: { publicKey: KeyObject; privateKey: KeyObject };

  constructor(readonly options: SoftKeyOptions = {}) {
    const { idBytes = 32, algorithm = -7, rsaBits = 2048, counter = 0 } = options;
    this.id = text(randomBytes(idBytes));
    this.pair = pairOf(algorithm, rsaBits);
    this.counter = counter;
  }

  /** The public key as the browser hands it on, to be changed. */
  get cose(): Map<number, unknown> {
    return coseOf(this.pair.publicKey, this.options.algorithm ?? -7);
  }

  private clientData(type: string, { challenge }: Asked, change: Change): Buffer {
    return Buffer.from(
      JSON.stringify({
        type: change.type ?? type,
        challenge: change.challenge ?? challenge,
        origin: change.origin ?? this.options.origin ?? "https://app.example.com",
        crossOrigin: "crossOrigin" in change ? change.crossOrigin : false,
        ...(change.topOrigin !== undefined && { topOrigin: change.topOrigin }),
      }),
    );
  }

  private authenticatorData(change: Change, attested?: Buffer): Buffer {
    const flags = { present: true, verified: false, eligible: false, synced: false };
    Object.assign(flags, this.options.flags, change.flags);
    const bits =
      (flags.present ? 1 : 0) |
      (flags.verified ? 4 : 0) |
      (flags.eligible ? 8 : 0) |
      (flags.synced ? 16 : 0) |
      (attested === undefined ? 0 : 64);
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(change.counter ?? this.counter);
    const rpId = change.rpId ?? this.options.rpId ?? "example.com";
    return Buffer.concat([sha256(rpId), Buffer.from([bits]), counter, attested ?? Buffer.alloc(0)]);
  }

  private whole(response: object) {
    return {
      id: this.id,
      rawId: this.id,
      type: "public-key",
      authenticatorAttachment: "cross-platform",
      clientExtensionResults: {},
      response,
    };
  }

  /** `navigator.credentials.create(…)`, as JSON. */
  register(asked: Asked, change: Change & { cose?: Map<number, unknown>; attestation?: Map<string, unknown> } = {}) {
    this.userHandle = asked.user?.id;
    const id = Buffer.from(this.id, "base64url");
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const attested = Buffer.concat([Buffer.alloc(16), length, id, cbor(change.cose ?? this.cose)]);
    const attestationObject = cbor(
      change.attestation ??
        new Map<string, unknown>([
          ["fmt", "none"],
          ["attStmt", new Map()],
          ["authData", this.authenticatorData(change, attested)],
        ]),
    );
    return this.whole({
      clientDataJSON: text(this.clientData("webauthn.create", asked, change)),
      attestationObject: text(attestationObject),
      transports: this.options.transports ?? ["usb"],
    });
  }

  /** `navigator.credentials.get(…)`, as JSON. A key that counts counts on. */
  assert(asked: Asked, change: Change = {}) {
    if (this.counter > 0 && change.counter === undefined) this.counter += 1;
    const clientData = this.clientData("webauthn.get", asked, change);
    const data = this.authenticatorData(change);
    const signature = this.sign(Buffer.concat([data, sha256(clientData)]));
    const userHandle = change.userHandle === undefined ? this.userHandle : (change.userHandle ?? undefined);
    return this.whole({
      clientDataJSON: text(clientData),
      authenticatorData: text(data),
      signature: text(signature),
      ...(userHandle !== undefined && { userHandle }),
    });
  }

  private sign(bytes: Buffer): Buffer {
    return sign(this.options.algorithm === -8 ? null : "sha256", bytes, this.pair.privateKey);
  }
}
