import type { Page } from "../render/pages";

/** A challenge stands on it. */
export const asksForKey = (page: Page): boolean =>
  ("prompt" in page && page.prompt?.options !== undefined) || ("keys" in page && page.keys?.prompt !== undefined);
