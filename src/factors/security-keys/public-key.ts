import { createPublicKey, ECDH } from "node:crypto";
import type { Library } from "./library";

/** EdDSA, ES256 and RS256 (RFC 9053, RFC 8812), in the order in which we ask for them. */
export const algorithms = [-8, -7, -257] as const;

/** As we keep it: the algorithm and the bytes that are the key's own, in base64url. */
export interface PublicKey {
  readonly algorithm: number;
  readonly bytes: string;
}

const leastRsaBits = 2048;
const mostRsaBits = 4096;
const rsaExponent = Buffer.from([1, 0, 1]);

const labels = { kty: 1, alg: 3, crv: -1, x: -2, y: -3, n: -1, e: -2 } as const;
const types = { okp: 1, ec2: 2, rsa: 3 } as const;
const curves = { p256: 1, ed25519: 6 } as const;

type Cose = ReadonlyMap<number, unknown>;
const bytesAt = (cose: Cose, label: number): Buffer => {
  const value = cose.get(label);
  return value instanceof Uint8Array ? Buffer.from(value) : Buffer.alloc(0);
};

/** @returns `undefined` for a key of another kind, of another curve, too short, or that is none */
export function readPublicKey(cose: Cose): PublicKey | undefined {
  const [kty, algorithm, crv] = [cose.get(labels.kty), cose.get(labels.alg), cose.get(labels.crv)];
  const [x, y] = [bytesAt(cose, labels.x), bytesAt(cose, labels.y)];
  if (kty === types.okp && algorithm === -8 && crv === curves.ed25519 && x.length === 32) {
    return real({ kty: "OKP", crv: "Ed25519", x: text(x) }) ? { algorithm, bytes: text(x) } : undefined;
  }
  if (kty === types.ec2 && algorithm === -7 && crv === curves.p256 && x.length === 32 && y.length === 32) {
    if (!real({ kty: "EC", crv: "P-256", x: text(x), y: text(y) })) return undefined;
    // Half of a point says the other half but for one bit (SEC 1 §2.3.3).
    return { algorithm, bytes: text(Buffer.concat([Buffer.from([2 + ((y[31] ?? 0) & 1)]), x])) };
  }
  const n = bytesAt(cose, labels.n);
  if (kty === types.rsa && algorithm === -257 && bytesAt(cose, labels.e).equals(rsaExponent)) {
    const bits = n.length * 8;
    const isLong = bits >= leastRsaBits && bits <= mostRsaBits && ((n[0] ?? 0) & 0x80) !== 0;
    return isLong && real({ kty: "RSA", n: text(n), e: text(rsaExponent) }) ? { algorithm, bytes: text(n) } : undefined;
  }
  return undefined;
}

const text = (bytes: Buffer): string => bytes.toString("base64url");

/** A point that is not on its curve is no key. */
function real(jwk: Record<string, string>): boolean {
  try {
    createPublicKey({ key: jwk, format: "jwk" });
    return true;
  } catch {
    return false;
  }
}

/** As the library takes it (RFC 9052 §7). */
export function coseOf({ algorithm, bytes }: PublicKey, { helpers }: Library): Uint8Array<ArrayBuffer> {
  const key = Buffer.from(bytes, "base64url");
  const encode = (entries: readonly (readonly [number, number | Uint8Array])[]) =>
    helpers.isoCBOR.encode(new Map(entries));
  if (algorithm === -8) {
    return encode([
      [labels.kty, types.okp],
      [labels.alg, -8],
      [labels.crv, curves.ed25519],
      [labels.x, plain(key)],
    ]);
  }
  if (algorithm === -257) {
    return encode([
      [labels.kty, types.rsa],
      [labels.alg, -257],
      [labels.n, plain(key)],
      [labels.e, plain(rsaExponent)],
    ]);
  }
  const point = ECDH.convertKey(key, "prime256v1", undefined, undefined, "uncompressed") as Buffer;
  const [x, y] = [plain(point.subarray(1, 33)), plain(point.subarray(33))];
  return encode([
    [labels.kty, types.ec2],
    [labels.alg, -7],
    [labels.crv, curves.p256],
    [labels.x, x],
    [labels.y, y],
  ]);
}

const plain = (bytes: Buffer): Uint8Array => new Uint8Array(bytes);

/** Two whole numbers in DER and nothing else: of one signature there are then no other spellings. */
export function isStrictDer(signature: Buffer): boolean {
  if (signature[0] !== 0x30 || signature[1] !== signature.length - 2 || signature.length > 72) return false;
  const end = integerEnd(signature, 2);
  return end !== undefined && integerEnd(signature, end) === signature.length;
}

function integerEnd(der: Buffer, at: number): number | undefined {
  const [tag, length = 0, first = 0, second = 0] = der.subarray(at, at + 4);
  if (tag !== 0x02 || length < 1 || first >= 0x80) return undefined;
  if (first === 0 && length > 1 && second < 0x80) return undefined;
  return at + 2 + length;
}
