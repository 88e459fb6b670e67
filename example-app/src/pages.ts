import { Router } from "express";
import { requireMember, requireSuper, showPage } from "./answers";
import { memberOf } from "./members";
import type { SecondFactor } from "./two-factor";

/** The site itself. All of it stands behind the gate, which lets visitors who are not signed in pass. */
export function pageRoutes(tfa: SecondFactor): Router {
  const router = Router();
  router.get("/", (_req, res) => showPage(res, "home", {}));
  router.get("/profile", requireMember, async (req, res) => {
    showPage(res, "profile", { twoFactor: await tfa.status(memberOf(req)!.id) });
  });
  router.get("/admin", requireMember, requireSuper, (_req, res) => showPage(res, "admin", {}));
  router.get("/api/me", requireMember, async (req, res) => {
    const { id, email, name } = memberOf(req)!;
    const { enabled } = await tfa.status(id);
    res.set("Cache-Control", "no-store").json({ id, email, name, has2FA: enabled });
  });
  return router;
}
