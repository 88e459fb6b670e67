// Before all others, which fail in a bundle without saying why.
import "./bundled";
export { twoFactor, type TwoFactor } from "./two-factor";
export { memoryStore } from "./stores/memory";
export { TwoFactorError, TwoFactorOptionsError, type ProblemCode } from "./errors";
export { browserName } from "./service/browser-name";
export { isFromHere } from "./http/input/same-origin";
export { pathOfThisSite } from "./options/path-of-site";
export { generateEncryptionKey } from "./crypto/key-ring";
export type {
  TwoFactorOptions,
  Need,
  LockoutOptions,
  RememberCookieOptions,
  PageSource,
  RecoveryOptions,
} from "./options";
export type { TwoFactorEvent, TwoFactorEventType, EventOrigin, ProofMethod, RecoveryMessage } from "./events";
export type { StoredRecord, TwoFactorStore } from "./stores/store";
export type { FactorStatus, TwoFactorStatus } from "./service/status";
export type { NewFactor, ResetDetails } from "./service/administration";
export type { PendingLogin } from "./http/methods/methods";
export type { AcrProof } from "./http/methods/satisfy";
export type { Gate, Middleware } from "./http/middleware";
