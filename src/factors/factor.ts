import type { CodeShape } from "../core/code-shape";
import type { TwoFactorRecord } from "../core/record";
import type { Verdict } from "../core/submission";
import type { Subject } from "../core/user-id";

/** One way to prove a second factor. A new one is a new file beside this, and a line in the service's list. */
export interface Factor {
  /** @returns `undefined` when this factor is not live for the user, or the text cannot be one of its codes */
  check(subject: Subject, record: TwoFactorRecord, shape: CodeShape, now: number): Promise<Verdict | undefined>;
}
