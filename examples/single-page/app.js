// A single page that does everything over JSON: the login, the set-up, the code. The page itself is in public/.
//   npm install express express-session express-two-factor
// Environment: OTP_SECRET_ENCRYPTION_KEY
const { randomBytes } = require("node:crypto");
const { dirname, join } = require("node:path");
const express = require("express");
const session = require("express-session");
const { memoryStore, twoFactor } = require("express-two-factor");

// Yours are in a database, their passwords hashed.
const users = [{ id: 1, email: "anna@example.com", password: "correct horse battery staple" }];

const tfa = twoFactor({ issuer: "Single page", store: memoryStore() }); // for trying: it forgets at a restart
const app = express();

// The page tells nothing of anybody, so it stands before the gate. With a bundler the second line is not needed:
// `import { twoFactorClient } from "express-two-factor/client"` is bundled like any other.
app.use(express.static(join(__dirname, "public")));
const library = dirname(require.resolve("express-two-factor/package.json"));
app.use("/modules/express-two-factor", express.static(join(library, "dist/esm")));

app.use(session({ secret: randomBytes(32).toString("hex"), resave: false, saveUninitialized: false }));
app.use((req, res, next) => {
  req.user = users.find(({ id }) => id === req.session.userId);
  next();
});

app.post("/api/login", express.json(), (req, res, next) => {
  const { email, password } = req.body ?? {};
  const user = users.find((one) => one.email === email && one.password === password);
  if (user === undefined) return res.status(401).json({ code: "INVALID_CREDENTIALS" });
  req.session.regenerate(async (error) => {
    if (error) return next(error);
    try {
      req.session.userId = user.id;
      req.user = user;
      res.json(await tfa.pending(req)); // what is still owed: { requiresOtp, requiresOtpSetup, next }
    } catch (fault) {
      next(fault);
    }
  });
});
app.post("/api/logout", tfa.logout, (req, res, next) => {
  req.session.destroy((error) => (error ? next(error) : res.status(204).end()));
});

app.use(tfa); // its routes, and a gate before all that follows

app.use((req, res, next) => (req.user === undefined ? res.status(401).json({ code: "UNAUTHORIZED" }) : next()));
app.get("/api/me", (req, res) => res.json({ email: req.user.email }));
const server = app.listen(process.env.PORT ?? 3000, () => console.log(`http://localhost:${server.address().port}`));
