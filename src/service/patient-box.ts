import type { SecretBox } from "../crypto/secret-box";
import { withinSeconds } from "./patience";

/** A key service (KMS) may hang like any other. */
export function patientBox(box: SecretBox, seconds: number): SecretBox {
  return {
    ...box,
    seal: (plaintext, context) => withinSeconds(seconds, "The key service", () => box.seal(plaintext, context)),
    open: (sealed, context) => withinSeconds(seconds, "The key service", () => box.open(sealed, context)),
  };
}
