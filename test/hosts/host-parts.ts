import type { NextFunction, Request, Response } from "express";
import session from "express-session";
import { generateEncryptionKey, memoryStore, twoFactor, type TwoFactorOptions } from "../../src";
import type { Browser, HostUser } from "../support/host";

type Options = Partial<TwoFactorOptions<HostUser>>;

export const guard = (options: Options = {}) =>
  twoFactor<HostUser>({
    issuer: "Test Host",
    store: memoryStore(),
    otpSecretEncryptionKey: generateEncryptionKey(),
    ...options,
  });

export const withSession = () => session({ secret: "for tests", resave: false, saveUninitialized: false });

type Kept = { user?: HostUser };

/** Puts the session's user where everybody looks. */
export function withUser(req: Request, _res: Response, next: NextFunction): void {
  const { user } = req.session as Kept;
  if (user !== undefined) Object.assign(req, { user });
  next();
}

/** Believes anybody; reads the body itself, so that it works where nothing has read it. */
export function login(req: Request, res: Response, next: NextFunction): void {
  const chunks: Buffer[] = [];
  req.on("data", (chunk: Buffer) => chunks.push(chunk));
  req.on("end", () => {
    (req.session as Kept).user = JSON.parse(Buffer.concat(chunks).toString()) as HostUser;
    req.session.save((error) => (error ? next(error) : res.json({ ok: true })));
  });
}

/** The hidden fields of a page's forms, as the host put them there. */
function hiddenFields(html: string): Record<string, string> {
  const fields = html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g);
  return Object.fromEntries([...fields].map(([, name, value]) => [name, value!.replaceAll("&#34;", '"')]));
}

/** As a person: loads the page, and sends its form with what the host hid in it. */
export async function fillIn(browser: Browser, page: string, action: string, fields: object) {
  const { text } = await browser.visit(page).expect(200);
  return browser.submit(action, { ...hiddenFields(text), ...fields });
}

/** Sets up by pages, from the key to the recovery codes. */
export async function setUpByPages(browser: Browser): Promise<void> {
  const { text } = await browser.visit("/two-factor/setup");
  browser.secret = /id="two-factor-secret"[^>]*>([^<]+)</.exec(text)![1]!.replace(/\s/g, "");
  const answer = await fillIn(browser, "/two-factor/setup", "/two-factor/setup/verify", { code: browser.code() });
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
}

/**
 * Two browsers of one person against a framework's `/admin`: nothing before the set-up, all after it; then the code, and back to
 * the page first asked for. `guarded`: more spellings and paths that must not pass. `saved`: what a POST is answered.
 */
export async function walkAsOwner(
  browser: () => Browser,
  { guarded, saved }: { guarded: readonly string[]; saved: { status: number; body: object } },
): Promise<void> {
  const owner = browser();
  await owner.login();
  for (const path of ["/admin", "/%61dmin", ...guarded]) await owner.get(path).expect(403);
  await owner.post("/admin", { a: 1 }).expect(403);
  await owner.visit("/admin?a=1").expect(303).expect("location", "/two-factor/setup");
  await owner.enrol();
  await owner.visit("/admin").expect(200, "behind the gate");
  await owner.post("/admin", { a: 1 }).expect(saved.status, saved.body);

  const other = browser();
  await other.login();
  await other.visit("/admin?a=1").expect(303).expect("location", "/two-factor/verify");
  const page = await other.visit("/two-factor/verify").expect(200);
  if (!page.text.includes('action="/two-factor/verify"')) throw new Error(page.text);
  await other.submit("/two-factor/verify", { code: owner.wrongCode() }).expect(422);
  await other
    .submit("/two-factor/verify", { code: owner.code(1) })
    .expect(303)
    .expect("location", "/admin?a=1");
  await other.visit("/admin").expect(200);
}
