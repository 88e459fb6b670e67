import express, { type Request, type Response, Router } from "express";
import { type Refusal, refuse, requireMember, requireSuper, sameOriginOnly, showPage } from "./answers";
import { type Member, type Members, memberOf } from "./members";
import type { SecondFactor } from "./two-factor";

const maxReasonLength = 200;

/** What was done to whom; `code`: to be handed on to them. */
interface Done {
  what: string;
  to: string;
  code: string;
}

/** Helps members who lost their phone, without a console. It takes a second factor proven in the last five minutes. */
export function memberAdmin(tfa: SecondFactor, members: Members): Router {
  const router = Router();
  router.use("/admin/members", sameOriginOnly, requireMember, requireSuper, tfa.requireRecent({ seconds: 300 }));

  router.get("/admin/members", (req, res) => showMembers(req, res));

  router.post("/admin/members/:id/reset", express.urlencoded({ extended: false, limit: "16kb" }), async (req, res) => {
    const member = otherMember(req, res);
    if (member === undefined) return;
    const { reason, enrolmentCode, ask } = (req.body ?? {}) as Record<string, unknown>;
    if (typeof reason !== "string" || reason.trim() === "" || reason.length > maxReasonLength) {
      return refuse(req, res, {
        code: "VALIDATION_ERROR",
        detail: `A reset needs a reason of at most ${maxReasonLength} characters: ${member.name} will read it.`,
      });
    }
    if (ask !== undefined) {
      const withCode = enrolmentCode !== undefined;
      const twoFactor = await tfa.status(member.id);
      return showPage(res, "reset", { other: member, reason: reason.trim(), withCode, twoFactor });
    }
    const wished = { reason: reason.trim(), by: memberOf(req)!.id, enrolmentCode: enrolmentCode !== undefined };
    const code = await tfa.reset(member.id, wished);
    // Shown in this answer alone: it is in no address, no session and no log.
    if (code !== undefined) return showMembers(req, res, { what: "reset", to: member.name, code });
    res.redirect(303, `/admin/members?done=reset&id=${member.id}`);
  });

  router.post("/admin/members/:id/unlock", async (req, res) => {
    const member = otherMember(req, res);
    if (member === undefined) return;
    await tfa.unlock(member.id, { by: memberOf(req)!.id });
    res.redirect(303, `/admin/members?done=unlock&id=${member.id}`);
  });

  async function showMembers(req: Request, res: Response, justDone?: Done): Promise<void> {
    const search = textOf(req.query["q"]).trim().slice(0, 100);
    const found = members.all.filter(({ name, email }) =>
      `${name} ${email}`.toLowerCase().includes(search.toLowerCase()),
    );
    const rows = await Promise.all(found.map(async (one) => ({ ...one, twoFactor: await tfa.status(one.id) })));
    const done = justDone ?? { what: textOf(req.query["done"]), to: members.byId(textOf(req.query["id"]))?.name };
    showPage(res, "members", { rows, search, done, maxReasonLength });
  }

  /** The member a form is about; whoever could help themselves here would need no second factor. */
  function otherMember(req: Request, res: Response): Member | undefined {
    const member = members.byId(textOf(req.params["id"]));
    const no = (refusal: Refusal) => {
      refuse(req, res, refusal);
      return undefined;
    };
    if (member === undefined) return no({ code: "NOT_FOUND", detail: "There is no such member." });
    if (member.id === memberOf(req)?.id) {
      return no({ code: "FORBIDDEN", detail: "Not for your own account: ask another super admin." });
    }
    return member;
  }

  return router;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
