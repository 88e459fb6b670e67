import type { TwoFactorRecord } from "../../core/record";
import type { HttpParts } from "../caller";
import type { RecoveryCodesPage } from "../render/pages";

/** Codes that are shown once. Buttons to copy and print them come with the script, which only those with a key load. */
export const recoveryCodesPage = (
  { service }: HttpParts,
  record: TwoFactorRecord,
  codes: readonly string[],
  occasion: RecoveryCodesPage["occasion"],
): RecoveryCodesPage => ({
  page: "recovery-codes",
  codes,
  occasion,
  ...(service.factors.hasAsked(record) && { tools: true as const }),
});
