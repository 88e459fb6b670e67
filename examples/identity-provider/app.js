// Sign-in through an identity provider (OpenID Connect). Who proved a second factor there is not asked for one here; who did
// not sets one up here, and is asked for it. More, and ProConnect step by step: docs/identity-providers.md
//   npm install express express-session cookie-parser openid-client express-two-factor
// Environment: OTP_SECRET_ENCRYPTION_KEY, SESSION_SECRET, OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET,
//   OIDC_REDIRECT_URI (https://your.site/login/callback, as it is registered there)
const cookieParser = require("cookie-parser");
const express = require("express");
const session = require("express-session");
const { memoryStore, twoFactor } = require("express-two-factor");
const { acrClaims } = require("express-two-factor/oidc");

const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_REDIRECT_URI, PORT = 3000, SESSION_SECRET } = process.env;
/** What the provider calls a sign-in with two factors. */
const acrValues = ["eidas2", "eidas3"];
/** By the provider's `sub`, which stays when an address changes. Yours are in a database. */
const users = new Map();

const tfa = twoFactor({
  issuer: "Identity provider",
  store: memoryStore(), // for trying: it forgets at a restart
  label: (user) => user.email ?? user.id,
  acceptedAcr: acrValues,
  onWeakAcr: "challenge", // or "refuse"
});

const oidc = () => import("openid-client"); // an ES module
let provider; // looked up at the first sign-in, so that the site starts without it
async function discovered() {
  const { allowInsecureRequests, discovery, enableNonRepudiationChecks } = await oidc();
  const isHere = new URL(OIDC_ISSUER).hostname === "127.0.0.1"; // only there may it be http
  const execute = isHere ? [enableNonRepudiationChecks, allowInsecureRequests] : [enableNonRepudiationChecks];
  return (provider ??= await discovery(new URL(OIDC_ISSUER), OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, undefined, {
    execute,
  }));
}

const app = express();
app.use(session({ secret: SESSION_SECRET, resave: false, saveUninitialized: false, cookie: { sameSite: "lax" } }));
app.use((req, res, next) => {
  req.user = users.get(req.session.userId);
  next();
});

// What a sign-in must be held against waits in a signed cookie: a session would be made for whoever asks.
const started = { httpOnly: true, sameSite: "lax", signed: true, path: "/login", maxAge: 600_000 };
started.secure = process.env.NODE_ENV === "production";
app.use("/login", cookieParser(SESSION_SECRET));

app.get("/login", (req, res) => void res.send('<a href="/login/start">Sign in</a>')); // a link: see docs/identity-providers.md

app.get("/login/start", async (req, res, next) => {
  try {
    const { buildAuthorizationUrl, randomNonce, randomState } = await oidc();
    const kept = { state: randomState(), nonce: randomNonce() };
    const url = buildAuthorizationUrl(await discovered(), {
      ...kept,
      redirect_uri: OIDC_REDIRECT_URI,
      scope: "openid email",
      claims: acrClaims(acrValues),
    });
    res.cookie("started", kept, started).redirect(303, url.href);
  } catch (error) {
    next(error);
  }
});

app.get("/login/callback", async (req, res, next) => {
  try {
    const { authorizationCodeGrant, fetchUserInfo } = await oidc();
    const { state, nonce } = req.signedCookies.started || {};
    res.clearCookie("started", { path: "/login" }); // an answer is taken once
    if (state === undefined) return res.redirect(303, "/login");
    const url = new URL(OIDC_REDIRECT_URI);
    url.search = req.originalUrl.split("?")[1] ?? "";
    const checks = { expectedState: state, expectedNonce: nonce, idTokenExpected: true };
    const tokens = await authorizationCodeGrant(await discovered(), url, checks);
    const { sub, acr, auth_time: authTime } = tokens.claims();
    const { email } = await fetchUserInfo(await discovered(), tokens.access_token, sub);
    users.set(sub, { id: sub, email });

    await new Promise((done, fail) => req.session.regenerate((error) => (error ? fail(error) : done())));
    req.session.userId = sub;
    req.user = users.get(sub);
    // After the login, since the proof belongs to the session. A weak or missing `acr` proves nothing, and is told so.
    await tfa.satisfy(req, { method: "acr", acr, at: authTime && new Date(authTime * 1000) });
    res.redirect(303, "/");
  } catch (error) {
    next(error);
  }
});
app.post("/logout", tfa.logout, (req, res, next) => {
  req.session.destroy((error) => (error ? next(error) : res.redirect(303, "/login")));
});

app.use(tfa); // its pages, and a gate before all that follows

app.use((req, res, next) => (req.user === undefined ? res.redirect(303, "/login") : next()));
app.get("/", (req, res) => void res.type("text").send(`Hello ${req.user.email}. Your second factor: /two-factor`));
const server = app.listen(PORT, () => console.log(`http://localhost:${server.address().port}`));
