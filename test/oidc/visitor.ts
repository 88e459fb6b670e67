import type { Page, Response } from "playwright-core";

/**
 * On the provider's page: chooses who to be and which level to report.
 * @returns the status of the page that the visitor ends on
 */
export async function continueAs(page: Page, account: string, acr: string): Promise<number> {
  await page.getByLabel("Account").selectOption(account);
  await page.getByLabel("Level").selectOption(acr);
  return press(page, "Continue");
}

/** On the provider's page: gives up. @returns the status of the page that the visitor ends on */
export const cancel = (page: Page): Promise<number> => press(page, "Cancel");

async function press(page: Page, name: string): Promise<number> {
  const statuses: number[] = [];
  const hear = (response: Response) => {
    if (response.request().isNavigationRequest()) statuses.push(response.status());
  };
  page.on("response", hear);
  await page.getByRole("button", { name }).click();
  await page.waitForLoadState();
  page.off("response", hear);
  return statuses.at(-1)!;
}
