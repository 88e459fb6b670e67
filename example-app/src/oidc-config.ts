import { proConnectAcr } from "express-two-factor/oidc";

/** An identity provider that members may sign in with, and what its second factor must be worth. */
export interface OidcConfig {
  issuer: URL;
  clientId: string;
  clientSecret: string;
  /** On the button: “Sign in with …”. */
  name: string;
  acrValues: readonly string[];
  onWeakAcr: "refuse" | "challenge";
}

type Variable = (name: string, isRight: (value: string) => boolean, must: string) => string | undefined;

/** @returns `undefined` where no identity provider is named; what is wrong goes to `problems` */
export function readOidc(checked: Variable, problems: string[]): OidcConfig | undefined {
  const issuer = checked("OIDC_ISSUER", isIssuer, "an https address (http only for this machine)");
  const clientId = checked("OIDC_CLIENT_ID", () => true, "");
  const clientSecret = checked("OIDC_CLIENT_SECRET", () => true, "");
  const onWeakAcr = checked(
    "OIDC_ON_WEAK_ACR",
    (value) => ["refuse", "challenge"].includes(value),
    "refuse or challenge",
  );
  const acrValues = checked("OIDC_ACR_VALUES", (value) => !listOf(value).includes(""), "values with commas between");
  const name = checked("OIDC_NAME", (value) => value.length <= 40, "at most 40 characters");
  if (issuer === undefined && clientId === undefined && clientSecret === undefined) return undefined;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) {
    problems.push("OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET must be set together, or none of them");
    return undefined;
  }
  if (!isIssuer(issuer)) return undefined;
  const url = new URL(issuer);
  return {
    issuer: url,
    clientId,
    clientSecret,
    name: name ?? url.host,
    acrValues: acrValues === undefined ? proConnectAcr : listOf(acrValues),
    onWeakAcr: onWeakAcr === "challenge" ? "challenge" : "refuse",
  };
}

const listOf = (value: string): string[] => value.split(",").map((item) => item.trim());

/** Loopback by its names: nobody else can listen there in place of the provider. */
export const isLoopback = ({ hostname }: URL): boolean => ["localhost", "127.0.0.1", "[::1]"].includes(hostname);

function isIssuer(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url));
}
