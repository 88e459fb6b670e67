import { type BadStore } from "./engine";
import { entangled } from "./entangled";
import { racing } from "./racing";
import { unfaithful } from "./unfaithful";

export { Engine, goodStore } from "./engine";

export const badStores: BadStore[] = [...racing, ...unfaithful, ...entangled];
