export { acrRefusal } from "./acr-refusal";
export { acrClaims, proConnectAcr, proConnectAcr202606 } from "./claims";
export type { AcrMessageOptions as RequireAcrOptions } from "./message";
export { requireAcr } from "./require-acr";
