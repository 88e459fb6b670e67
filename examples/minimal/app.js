// A login, and a second factor for everybody.
const { randomBytes } = require("node:crypto");
const express = require("express");
const session = require("express-session");
const { memoryStore, twoFactor } = require("express-two-factor");

// Yours are in a database, their passwords hashed.
const users = [{ id: 1, email: "anna@example.com", password: "correct horse battery staple" }];
// It forgets at a restart, so for trying only; the key is read from OTP_SECRET_ENCRYPTION_KEY.
const tfa = twoFactor({ issuer: "Minimal", store: memoryStore() });
const app = express();

app.use(session({ secret: randomBytes(32).toString("hex"), resave: false, saveUninitialized: false }));
app.use((req, res, next) => {
  req.user = users.find(({ id }) => id === req.session.userId);
  next();
});
app.get("/login", (req, res) => {
  res.send(`<form method="post"><label>Email <input name="email"></label>
    <label>Password <input name="password" type="password"></label> <button>Sign in</button></form>`);
});
app.post("/login", express.urlencoded({ extended: false }), (req, res, next) => {
  const { email, password } = req.body ?? {};
  const user = users.find((one) => one.email === email && one.password === password);
  if (user === undefined) return res.redirect(303, "/login");
  // A new session id, so that one that was planted before the login is worth nothing after it.
  req.session.regenerate((error) => {
    if (error) return next(error);
    req.session.userId = user.id;
    res.redirect(303, "/");
  });
});
app.post("/logout", tfa.logout, (req, res, next) => {
  req.session.destroy((error) => (error ? next(error) : res.redirect(303, "/login")));
});

app.use(tfa); // its pages, and a gate before all that follows
app.use((req, res, next) => (req.user === undefined ? res.redirect(303, "/login") : next()));
app.get("/", (req, res) => res.send(`Hello ${req.user.email}. <a href="/two-factor">Two-factor authentication</a>`));
const server = app.listen(process.env.PORT ?? 3000, () => console.log(`http://localhost:${server.address().port}`));
