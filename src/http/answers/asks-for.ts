import type { Page } from "../render/pages";

/** A challenge stands on it. */
export const asksForKey = (page: Page): boolean =>
  ("prompt" in page && page.prompt?.options !== undefined) || ("keys" in page && page.keys?.prompt !== undefined);

/** It tells of a code that was sent, or has a field for one. */
export const asksForSentCode = (page: Page): boolean =>
  (page.page === "verify" && page.direct !== undefined) ||
  (page.page === "confirm" && page.needsCode && page.accepts.directCode) ||
  (page.page === "enrolment-code" && page.sent !== undefined);
