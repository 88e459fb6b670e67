import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv2020, { type ValidateFunction } from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { expect } from "vitest";
import { parse } from "yaml";

interface ResponseObject {
  $ref?: string;
  content?: Record<string, { schema: object }>;
}

interface Operation {
  responses: Record<string, ResponseObject>;
}

/** What is used of `docs/openapi.yaml`. */
export const openapi = parse(readFileSync(join(__dirname, "../../docs/openapi.yaml"), "utf8")) as {
  servers: [{ url: string }];
  paths: Record<string, Partial<Record<"get" | "post", Operation>>>;
  components: { responses: Record<string, ResponseObject>; schemas: Record<string, object> };
};

const mount = openapi.servers[0].url;
/** Answers of any path behind the gate, for `expectDocumented`. */
export const behindTheGate = "*";

// Not strict: the whole document is one schema resource, and most of it is no schema.
const ajv = new Ajv2020({ strict: false, allErrors: true });
// The package's default export is not where its types say, for ES modules.
((addFormats as unknown as { default?: typeof addFormats }).default ?? addFormats)(ajv);
ajv.addSchema({ $id: "openapi", ...openapi });
const compiled = new Map<string, ValidateFunction>();

/**
 * Holds one answer against `docs/openapi.yaml`.
 * @param path below the mount, or with it at `/two-factor`; a query does not matter. `behindTheGate` for the app's routes
 * @param contentType of the answer; parameters such as `charset` do not matter. Empty or absent: there was no body
 * @param body JSON as text or as its value
 */
export function expectDocumented(
  method: string,
  path: string,
  status: number,
  contentType: string | null | undefined,
  body: unknown,
): void {
  const asked = `${method.toUpperCase()} ${path} → ${status}`;
  const pointer = responseAt(method, path, status);
  if (pointer === undefined) return expect.fail(`${asked} is not in docs/openapi.yaml`);
  const { content } = valueAt(pointer) as ResponseObject;
  const type = contentType?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (method.toUpperCase() === "HEAD") return expect(isNothing(body), `${asked} must have no body`).toBe(true);
  if (content === undefined) return expect(isNothing(body), `${asked} is documented without a body`).toBe(true);
  if (content[type] === undefined) {
    return expect.fail(`${asked} came as "${type}", documented is ${Object.keys(content).join(", ")}`);
  }
  const value: unknown = type.endsWith("json") && typeof body === "string" ? JSON.parse(body) : body;
  const validate = validatorAt(`${pointer}/content/${escaped(type)}/schema`);
  if (validate(value)) return;
  const wrong = ajv.errorsText(validate.errors, { separator: "\n  ", dataVar: "body" });
  expect.fail(`${asked} is not as documented:\n  ${wrong}\n${JSON.stringify(value, null, 2)}`);
}

/** Where the document has the response, with its `$ref` followed. */
function responseAt(method: string, path: string, status: number): string | undefined {
  const verb = method.toUpperCase() === "HEAD" ? "get" : method.toLowerCase();
  const route = path === behindTheGate ? undefined : routeOf(path);
  const general = generalResponses(path, route, verb)[status];
  if (general !== undefined) return `/components/responses/${general}`;
  if (route === undefined) return undefined;
  const pointer = `/paths/${escaped(route)}/${verb}/responses/${status}`;
  const response = valueAt(pointer) as ResponseObject | undefined;
  return response?.$ref === undefined ? response && pointer : response.$ref.slice(1);
}

/** What stands in the document's description, for it belongs to no operation. */
function generalResponses(path: string, route: string | undefined, verb: string): Record<number, string> {
  if (path === behindTheGate) {
    return {
      303: "Elsewhere",
      401: "NotSignedIn",
      403: "AtTheGate",
      429: "Locked",
      500: "Misconfigured",
      503: "Unavailable",
    };
  }
  if (route === undefined) return { 404: "NotFound" };
  const verbs: object = openapi.paths[route] ?? {};
  return verb in verbs ? {} : { 405: "MethodNotAllowed" };
}

function routeOf(path: string): string | undefined {
  const bare = path.split(/[?#]/, 1)[0] ?? "";
  const below = bare === mount || bare.startsWith(`${mount}/`) ? bare.slice(mount.length) : bare;
  const name = (below.replace(/\/$/, "") || "/").toLowerCase();
  const route = name.startsWith("/assets/") ? "/assets/{file}" : name;
  return route in openapi.paths ? route : undefined;
}

const escaped = (token: string): string => token.replaceAll("~", "~0").replaceAll("/", "~1");

function valueAt(pointer: string): unknown {
  const tokens = pointer.slice(1).split("/");
  return tokens.reduce<unknown>((at, token) => {
    const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
    return (at as Record<string, unknown> | undefined)?.[key];
  }, openapi);
}

function validatorAt(pointer: string): ValidateFunction {
  const known = compiled.get(pointer) ?? ajv.compile({ $ref: `openapi#${encodeURI(pointer)}` });
  compiled.set(pointer, known);
  return known;
}

// supertest makes an empty object of no body.
const isNothing = (body: unknown): boolean =>
  body === undefined || body === null || body === "" || (typeof body === "object" && Object.keys(body).length === 0);
