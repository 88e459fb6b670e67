// A login that is a JWT in a cookie, without sessions. A second factor for everybody, kept in cookies, too.
//   npm install express cookie-parser jose express-two-factor
// Environment: OTP_SECRET_ENCRYPTION_KEY
const { randomBytes, randomUUID } = require("node:crypto");
const express = require("express");
const cookieParser = require("cookie-parser");
const { memoryStore, twoFactor } = require("express-two-factor");
const jose = () => import("jose"); // an ES module

// Yours are in a database, their passwords hashed.
const users = [{ id: 1, email: "anna@example.com", password: "correct horse battery staple" }];
const key = randomBytes(32);
const cookie = { httpOnly: true, sameSite: "strict", secure: process.env.NODE_ENV === "production" };

const tfa = twoFactor({
  issuer: "JWT",
  store: memoryStore(), // for trying: it forgets at a restart
  path: "/auth/2fa",
  state: "cookie",
  loginId: (req) => req.auth?.jti, // a proof is good for this login alone
  loginAt: (req) => req.auth.iat, // two minutes after it, a login that owes its code is over
  pendingLoginSeconds: 120,
  setupValidForSeconds: 120,
  cookie: { sameSite: "strict" },
  endLogin: (req, res) => res.clearCookie("token", cookie),
});
const app = express();
app.use(cookieParser(), async (req, res, next) => {
  try {
    const { jwtVerify } = await jose();
    if (req.cookies.token !== undefined) setLogin(req, (await jwtVerify(req.cookies.token, key)).payload);
  } catch {
    res.clearCookie("token", cookie); // expired, or none of ours: nobody is signed in
  }
  next();
});
app.post("/login", express.json(), async (req, res, next) => {
  try {
    const { email, password } = req.body ?? {};
    const user = users.find((one) => one.email === email && one.password === password);
    if (user === undefined) return res.status(401).json({ message: "Wrong email or password" });
    const { SignJWT } = await jose();
    const claims = { sub: String(user.id), jti: randomUUID(), iat: Math.floor(Date.now() / 1000) };
    const token = await new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).setExpirationTime("8h").sign(key);
    setLogin(req, claims); // tfa.pending asks who is signed in from now on
    res.cookie("token", token, cookie).json(await tfa.pending(req));
  } catch (error) {
    next(error); // Express 4 sees no rejection
  }
});
app.post("/logout", tfa.logout, (req, res) => res.clearCookie("token", cookie).json({ success: true }));

app.use(tfa); // its routes, and a gate before all that follows
app.use((req, res, next) => (req.user === undefined ? res.status(401).json({ code: "UNAUTHORIZED" }) : next()));
app.get("/auth/me", async (req, res) => res.json({ has2FA: (await tfa.status(req.user.id)).enabled }));
const server = app.listen(process.env.PORT ?? 3000, () => console.log(`http://localhost:${server.address().port}`));

function setLogin(req, claims) {
  Object.assign(req, { auth: claims, user: users.find(({ id }) => String(id) === claims.sub) });
}
