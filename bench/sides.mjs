// What a client does on each side, in the same words: enrol somebody, sign in with the password, prove with a code.
import { codeOf, currentStep } from "./authenticator.mjs";

export const stepMilliseconds = 30_000;

/** The code of a visitor's own clock. */
export const codeNow = ({ aheadMilliseconds }, secret, stepsAway = 0) =>
  codeOf(secret, currentStep(aheadMilliseconds) + stepsAway);

/** The next request is sent a time step later. */
export const nextStep = (visitor) => (visitor.aheadMilliseconds += stepMilliseconds);

export const ours = {
  page: "/page",
  async enrol(visitor, id) {
    await ours.signIn(visitor, id);
    const { secret } = (await visitor.post("/two-factor/setup")).body;
    await visitor.post("/two-factor/setup/verify", { code: codeNow(visitor, secret) });
    return secret;
  },
  signIn: (visitor, id) => visitor.post("/login", { id }),
  verify: (visitor, code) => visitor.send("POST", "/two-factor/verify", { code }),
};

export const floor = {
  async enrol(visitor, id) {
    await floor.signIn(visitor, id);
    return (await visitor.post("/enrol")).body.secret;
  },
  signIn: ours.signIn,
  verify: (visitor, code) => visitor.send("POST", "/verify", { code }),
};

const emailOf = (id) => `${id}@example.com`;
const password = "correct horse battery staple";

export const betterAuth = {
  page: "/api/auth/get-session",
  async enrol(visitor, id) {
    await visitor.post("/api/auth/sign-up/email", { email: emailOf(id), password, name: id });
    const { totpURI } = (await visitor.post("/api/auth/two-factor/enable", { password })).body;
    const secret = new URL(totpURI).searchParams.get("secret");
    await visitor.post("/api/auth/two-factor/verify-totp", { code: codeNow(visitor, secret) });
    return secret;
  },
  signIn: (visitor, id) => visitor.post("/api/auth/sign-in/email", { email: emailOf(id), password }),
  verify: (visitor, code) => visitor.send("POST", "/api/auth/two-factor/verify-totp", { code }),
};

export const passportTotp = {
  // The key of its process, in base32.
  enrol: async () => "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
  signIn: ours.signIn,
  verify: floor.verify,
};
