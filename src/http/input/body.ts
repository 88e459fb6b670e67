import type { Request } from "express";
import { TwoFactorError } from "../../errors";

const mostBytes = 16 * 1024;

export type Fields = Readonly<Record<string, unknown>>;

/** What is wrong with a body: the request's fault, so no exception. */
export type BodyProblem = { code: "VALIDATION_ERROR" | "UNSUPPORTED_MEDIA_TYPE"; detail: string };

/**
 * The fields of a form or a JSON body: as the host's parser read them, or read here where none did.
 * @throws TwoFactorError `MISCONFIGURED` when somebody read the body and left nothing
 */
export async function readFields(req: Request): Promise<{ fields: Fields } | { problem: BodyProblem }> {
  if (req.readableDidRead) return hostsFields(req);
  if (hasNoBody(req)) return { fields: {} };
  const type = mediaType(req);
  if (req.get("content-encoding") !== undefined && req.get("content-encoding") !== "identity") {
    return unsupported("Send the body uncompressed.");
  }
  if (type !== "application/json" && type !== "application/x-www-form-urlencoded") {
    return unsupported("Send a form (application/x-www-form-urlencoded) or JSON (application/json).");
  }
  const text = await readText(req);
  if (text === undefined) return { problem: { code: "VALIDATION_ERROR", detail: "The body is too long, or cut off." } };
  return type === "application/json" ? jsonFields(text) : { fields: formFields(text) };
}

function hostsFields(req: Request): { fields: Fields } | { problem: BodyProblem } {
  const body: unknown = req.body;
  if (isFields(body)) return { fields: body };
  if (hasNoBody(req)) return { fields: {} };
  // JSON's `null` is a body, if a bad one; nothing at all is somebody's mistake.
  if (body === undefined) {
    throw new TwoFactorError(
      "MISCONFIGURED",
      "Something before express-two-factor has read the request's body and left no req.body.",
    );
  }
  return { problem: { code: "VALIDATION_ERROR", detail: "The body must be an object of fields." } };
}

const hasNoBody = (req: Request): boolean =>
  req.get("transfer-encoding") === undefined && Number(req.get("content-length") ?? 0) === 0;

const mediaType = (req: Request): string | undefined => req.get("content-type")?.split(";")[0]?.trim().toLowerCase();

const unsupported = (detail: string): { problem: BodyProblem } => ({
  problem: { code: "UNSUPPORTED_MEDIA_TYPE", detail },
});

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);

function jsonFields(text: string): { fields: Fields } | { problem: BodyProblem } {
  try {
    const value: unknown = JSON.parse(text);
    if (isFields(value)) return { fields: value };
  } catch {
    // Answered below, without the parser's message: it quotes the body.
  }
  return { problem: { code: "VALIDATION_ERROR", detail: "The body is no JSON object." } };
}

function formFields(text: string): Fields {
  const fields: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of new URLSearchParams(text)) {
    // A field that comes twice is a list, as with every other parser; who wants one text refuses it.
    const before = fields[name];
    if (Array.isArray(before)) before.push(value);
    else fields[name] = before === undefined ? value : [before, value];
  }
  return fields;
}

/** @returns `undefined` for more than 16 KB (the rest is read and dropped, so that the answer arrives) or a lost sender */
async function readText(req: Request): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of req) {
      const bytes = chunk as Buffer;
      size += bytes.length;
      if (size <= mostBytes) chunks.push(bytes);
    }
  } catch {
    return undefined;
  }
  return size <= mostBytes ? Buffer.concat(chunks).toString("utf8") : undefined;
}
