import { isObject } from "../../core/shape";
import type { Challenge } from "../factor";

/** What the browser has signed along, as it says it. */
interface ClientData {
  readonly type: string;
  readonly challenge: string;
  readonly origin: string;
  readonly crossOrigin?: unknown;
  readonly topOrigin?: unknown;
}

interface Answer {
  readonly id: string;
  readonly clientDataJSON: string;
  readonly clientData: ClientData;
}

/** A key's answer at a sign-in (`PublicKeyCredential.toJSON()`), whole by its form. */
export interface Assertion extends Answer {
  readonly authenticatorData: string;
  readonly signature: string;
  readonly userHandle: string | undefined;
  /** What the session had asked. */
  readonly challenge?: Challenge;
}

/** A new key. */
export interface Registration extends Answer {
  readonly attestationObject: string;
  readonly transports: readonly string[];
}

/** Level 3 of the specification: an id has no more. */
const longestId = 1023;
const longestPart = 8192;

/** Bytes in base64url and in no other spelling: what is signed is then read in one way only. */
function bytes(value: unknown, most: number): string | undefined {
  if (typeof value !== "string" || value === "" || value.length > Math.ceil((most * 4) / 3)) return undefined;
  return Buffer.from(value, "base64url").toString("base64url") === value ? value : undefined;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function clientDataOf(encoded: string): ClientData | undefined {
  const text = Buffer.from(encoded, "base64url").toString("utf8");
  const value = json(text);
  if (!isObject(value)) return undefined;
  const { type, challenge, origin } = value;
  const isWhole = [type, challenge, origin].every((part) => typeof part === "string" && part !== "");
  return isWhole ? (value as unknown as ClientData) : undefined;
}

/** As JSON, or as its text in the field of a form. */
function answerOf(given: unknown): (Answer & { response: Record<string, unknown> }) | undefined {
  const value = typeof given === "string" ? json(given) : given;
  if (!isObject(value) || value["type"] !== "public-key") return undefined;
  if (!isObject(value["clientExtensionResults"]) || !isObject(value["response"])) return undefined;
  const id = bytes(value["id"], longestId);
  const { response } = value;
  const clientDataJSON = bytes(response["clientDataJSON"], longestPart);
  const clientData = clientDataJSON === undefined ? undefined : clientDataOf(clientDataJSON);
  if (id === undefined || value["rawId"] !== id || clientDataJSON === undefined || clientData === undefined)
    return undefined;
  return { id, clientDataJSON, clientData, response };
}

export function readAssertion(given: unknown): Assertion | undefined {
  const answer = answerOf(given);
  if (answer === undefined) return undefined;
  const { response, ...whole } = answer;
  const authenticatorData = bytes(response["authenticatorData"], longestPart);
  const signature = bytes(response["signature"], 1024);
  const handle = response["userHandle"] ?? undefined;
  const userHandle = bytes(handle, 64);
  if (authenticatorData === undefined || signature === undefined) return undefined;
  // Keys that keep no name of the user say nothing, and some browsers an empty text.
  if (handle !== undefined && handle !== "" && userHandle === undefined) return undefined;
  return { ...whole, authenticatorData, signature, userHandle };
}

export function readRegistration(given: unknown): Registration | undefined {
  const answer = answerOf(given);
  if (answer === undefined) return undefined;
  const { response, ...whole } = answer;
  const attestationObject = bytes(response["attestationObject"], longestPart);
  const transports: unknown = response["transports"] ?? [];
  if (attestationObject === undefined || !Array.isArray(transports) || transports.length > 20) return undefined;
  if (!transports.every((one): one is string => typeof one === "string")) return undefined;
  return { ...whole, attestationObject, transports };
}

/** Why what the browser says of itself is refused; `undefined`: it is as it must be. */
export function clientDataProblem(
  { clientData }: Answer,
  expected: { type: string; challenge: Challenge | undefined; origins: readonly string[] },
): string | undefined {
  const { challenge } = expected;
  // Until when it could be answered was looked at where it was taken out of the session.
  if (challenge === undefined || clientData.challenge !== challenge.value) return "challenge";
  if (clientData.type !== expected.type) return "ceremony";
  if (!expected.origins.includes(clientData.origin)) return "origin";
  // In a frame of another site somebody else says what the click is for. `false` is what most browsers write.
  if ((clientData.crossOrigin ?? false) !== false || clientData.topOrigin !== undefined) return "cross-origin";
  return undefined;
}
