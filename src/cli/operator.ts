import { userInfo } from "node:os";

/** Who sits at this terminal, for the record of what was done. */
export function operator(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return process.env["USER"] ?? `user ${process.getuid?.() ?? "unknown"} of this machine`;
  }
}
