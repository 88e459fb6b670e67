// A security key (ES256, attestation "none") and the browser that asks it, in code.
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest();
const text = (bytes) => Buffer.from(bytes).toString("base64url");
const rpHash = sha256("localhost");

/** CBOR of short things (RFC 8949): whole numbers, texts, bytes, maps. */
function cbor(value) {
  const head = (major, length) =>
    length < 24 ? Buffer.from([(major << 5) | length]) : Buffer.from([(major << 5) | 24, length]);
  if (typeof value === "number") return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === "string") return Buffer.concat([head(3, value.length), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, one]) => [cbor(key), cbor(one)])]);
}

export class SoftKey {
  #id = randomBytes(32);
  #pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  #counter = 0;
  #handle;

  #clientData(type, { challenge }) {
    return Buffer.from(JSON.stringify({ type, challenge, origin: "http://localhost", crossOrigin: false }));
  }

  #authenticatorData(flags, more = Buffer.alloc(0)) {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE((this.#counter += 1));
    return Buffer.concat([rpHash, Buffer.from([flags]), counter, more]);
  }

  #answer(response) {
    const id = text(this.#id);
    return { id, rawId: id, type: "public-key", clientExtensionResults: {}, response };
  }

  /** `navigator.credentials.create`, as JSON. */
  register(asked) {
    this.#handle = asked.user.id;
    const { x, y } = this.#pair.publicKey.export({ format: "jwk" });
    const cose = cbor(
      new Map([
        ...[
          [1, 2],
          [3, -7],
          [-1, 1],
        ],
        ...[
          [-2, Buffer.from(x, "base64url")],
          [-3, Buffer.from(y, "base64url")],
        ],
      ]),
    );
    const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, this.#id.length]), this.#id, cose]);
    const authData = this.#authenticatorData(0x41, attested);
    const attestation = new Map([
      ["fmt", "none"],
      ["attStmt", new Map()],
      ["authData", authData],
    ]);
    const clientDataJSON = text(this.#clientData("webauthn.create", asked));
    return this.#answer({ clientDataJSON, attestationObject: text(cbor(attestation)), transports: ["usb"] });
  }

  /** `navigator.credentials.get`, as JSON. */
  assert(asked) {
    const clientData = this.#clientData("webauthn.get", asked);
    const data = this.#authenticatorData(1);
    const signature = sign("sha256", Buffer.concat([data, sha256(clientData)]), this.#pair.privateKey);
    return this.#answer({
      clientDataJSON: text(clientData),
      authenticatorData: text(data),
      signature: text(signature),
      userHandle: this.#handle,
    });
  }
}
