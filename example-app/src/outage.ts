import type { ErrorRequestHandler, RequestHandler } from "express";
import { refuse } from "./answers";

/** A service behind this site did not answer: 503, and worth another try. */
export class Outage extends Error {
  override readonly name = "Outage";
  readonly status = 503;
}

/** What `handler` passes on as an error is an outage of the store it works with. */
export function storeBacked(handler: RequestHandler): RequestHandler {
  return (req, res, next) =>
    handler(req, res, (error?: unknown) => {
      if (error === undefined || error === null) return next();
      next(new Outage("The session store did not answer", { cause: error }));
    });
}

/** The last word on errors: told in the log, and to the visitor without a word about our insides. */
export function errorPage(log: (message: string) => void): ErrorRequestHandler {
  return (error: unknown, req, res, _next) => {
    const status = statusOf(error);
    if (status >= 500) log(`${req.method} ${req.path}: ${describe(error)}`);
    if (res.headersSent) {
      // Half an answer cannot be mended; cut off, it cannot be taken for a whole one.
      if (!res.writableEnded) res.destroy();
      return;
    }
    if (status < 500)
      return refuse(req, res, { code: "VALIDATION_ERROR", detail: "This request cannot be understood." });
    if (status === 503) {
      return refuse(req, res, {
        code: "UNAVAILABLE",
        detail: "A service of ours does not answer just now.",
        retryAfterSeconds: 5,
      });
    }
    refuse(req, res, { code: "INTERNAL_ERROR", detail: "It is our fault, and we have been told." });
  };
}

function statusOf(error: unknown): number {
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === "number" && status >= 400 && status <= 599 ? status : 500;
}

/** The stack for what nobody expected; the message and its causes are enough for an outage. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : ` (${describe(error.cause)})`;
  return statusOf(error) === 503 || error instanceof AggregateError
    ? `${error.message}${cause}`
    : `${error.stack}${cause}`;
}
