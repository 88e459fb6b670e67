import { createHmac } from "node:crypto";

/** The secret of the vectors in RFC 4226 and RFC 6238: "12345678901234567890". */
export const rfcSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/** RFC 4226 §5.3, written down from the text: it shares no line with what is under test. */
export function rfcCode(step: number, digits = 6): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac("sha1", "12345678901234567890").update(counter).digest();
  const offset = hash.readUInt8(19) & 15;
  const truncated = hash.readUInt32BE(offset) & 0x7f_ff_ff_ff;
  return String(truncated % 10 ** digits).padStart(digits, "0");
}
