export { acrClaims, proConnectAcr, proConnectAcr202606 } from "./claims";
export { requireAcr, type RequireAcrOptions } from "./require-acr";
