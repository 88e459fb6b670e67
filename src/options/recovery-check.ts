import { isObject } from "../core/shape";
import { beFunction, beWhole, either, haveFields, type Check } from "./checks";

/** Seven days: longer, and people give up on their account. */
export const longestRecoverySeconds = 604_800;

const fields = haveFields({
  delaySeconds: either(beFunction, beWhole(1, longestRecoverySeconds)),
  send: beFunction,
  allow: beFunction,
  findUser: beFunction,
});

export const beRecovery: Check = (value, name) => {
  const problems = fields(value, name);
  if (!isObject(value) || value["send"] !== undefined) return problems;
  return [...problems, `\`${name}.send\` is missing: how shall the mails with the codes be sent?`];
};
