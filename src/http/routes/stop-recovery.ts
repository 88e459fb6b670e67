import type { RecoveryLink } from "../../client/data";
import { sendPage, sendProblem } from "../answers/answers";
import { sendJson } from "../answers/send";
import { wantsPage } from "../answers/negotiate";
import type { Exchange, HttpParts } from "../caller";
import { originOf } from "../facts";

/** Not `req.query`: how that is read is the host's setting, and it may be nothing. */
const tokenOf = ({ req }: Exchange): string => new URLSearchParams(req.originalUrl.split("?", 2)[1]).get("token") ?? "";

const actionOf = (exchange: Exchange): string =>
  `${exchange.base}/recovery/cancel?token=${encodeURIComponent(tokenOf(exchange))}`;

const login = ({ settings }: HttpParts) => ({ action: { href: settings.loginPath, label: "login" } }) as const;

/** The link of a mail, without a login. Mail scanners open links: this shows, and changes nothing. */
export async function showStop(parts: HttpParts, exchange: Exchange): Promise<void> {
  const { recoveries } = parts.service;
  const link = recoveries.links.read(tokenOf(exchange));
  if (link === undefined) return sendProblem(parts, exchange, "RECOVERY_LINK_UNKNOWN", login(parts));
  if (!(await recoveries.isLive(link.subject, link.id))) {
    return sendProblem(parts, exchange, "RECOVERY_OVER", login(parts));
  }
  if (!wantsPage(exchange.req)) return sendJson<RecoveryLink>(exchange, 200, { cancelled: false });
  return sendPage(parts, exchange, 200, { page: "stop-recovery", state: "asks", action: actionOf(exchange) });
}

/** The button on that page. */
export async function stopByLink(parts: HttpParts, exchange: Exchange): Promise<void> {
  const { recoveries } = parts.service;
  const link = recoveries.links.read(tokenOf(exchange));
  if (link === undefined) return sendProblem(parts, exchange, "RECOVERY_LINK_UNKNOWN", login(parts));
  const cancelled = await recoveries.cancel(link.subject, "the link in a mail", originOf(exchange.req), link.id);
  if (!cancelled) return sendProblem(parts, exchange, "RECOVERY_OVER", login(parts));
  if (!wantsPage(exchange.req)) return sendJson<RecoveryLink>(exchange, 200, { cancelled });
  return sendPage(parts, exchange, 200, { page: "stop-recovery", state: "stopped", action: actionOf(exchange) });
}
