import type { MessageKey } from "../../locales";
import type { Page, PageName } from "./pages";

/** Checked by the type, so that no page is forgotten here. */
export const pageNames = Object.keys({
  setup: true,
  "enrolment-code": true,
  verify: true,
  locked: true,
  "recovery-codes": true,
  confirm: true,
  account: true,
  keys: true,
  problem: true,
} satisfies Record<PageName, true>) as PageName[];

/** What stands above it; above a problem, its own title. */
export function headingKey(page: Exclude<Page, { page: "problem" }>): MessageKey {
  switch (page.page) {
    case "setup":
      if (page.keys !== undefined) return "setup.title.choice";
      return page.replacing ? "setup.title.replacing" : "setup.title";
    case "enrolment-code":
      return "enrolmentCode.title";
    case "verify":
      if (page.unlock) return "verify.title.unlock";
      if (page.prompt !== undefined && !page.stepUp) return "verify.title.keys";
      return page.stepUp ? "verify.title.stepUp" : "verify.title";
    case "locked":
      return "locked.title";
    case "recovery-codes":
      return "recovery.title";
    case "confirm":
      return page.action === "forget" && page.browserId === undefined
        ? "confirm.forgetAll.title"
        : `confirm.${page.action}.title`;
    case "keys":
      return "keys.title";
    case "account":
      return "account.title";
  }
}
