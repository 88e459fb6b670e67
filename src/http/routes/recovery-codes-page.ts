import { plainName } from "../../core/plain-name";
import type { TwoFactorRecord } from "../../core/record";
import type { HttpParts, KnownCaller } from "../caller";
import type { RecoveryCodesPage } from "../render/pages";
import { accountName } from "./prompts";

/** Codes that are shown once. Buttons to copy and print them come with the script, which only those with a key load. */
export async function recoveryCodesPage(
  parts: HttpParts,
  caller: KnownCaller,
  record: TwoFactorRecord,
  codes: readonly string[],
  occasion: RecoveryCodesPage["occasion"],
): Promise<RecoveryCodesPage> {
  const { service, settings } = parts;
  return {
    page: "recovery-codes",
    codes,
    // The codes are made: a fault of the host's `label` does not lose them.
    accountName: await accountName(parts, caller).catch(() => plainName(settings.issuer)),
    madeAt: new Date(caller.now * 1000),
    occasion,
    ...(service.factors.hasAsked(record) && { tools: true as const }),
  };
}
