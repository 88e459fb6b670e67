// The pages in the site's own looks: its layout around all of them, its own code page, its own words, its colours.
//   npm install express express-session express-two-factor
// Environment: OTP_SECRET_ENCRYPTION_KEY
const { randomBytes } = require("node:crypto");
const { join } = require("node:path");
const express = require("express");
const session = require("express-session");
const { memoryStore, twoFactor } = require("express-two-factor");

// Yours are in a database, their passwords hashed.
const users = [{ id: 1, email: "anna@example.com", name: "Anna", password: "correct horse battery staple" }];

const tfa = twoFactor({
  issuer: "Own views",
  store: memoryStore(), // for trying: it forgets at a restart
  // Templates here come before the library's of the same name; `npx express-two-factor eject` prints those to begin with.
  views: join(__dirname, "views"),
  // Other words for what the library says; what is not here stays as it is.
  locales: { en: { "verify.title": "Hello again", "verify.button": "Let me in" } },
  locals: (req) => ({ name: req.user?.name }), // for the templates
});

const app = express();
app.use("/static", express.static(join(__dirname, "public")));
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
app.get("/", (req, res) => res.send(`Hello ${req.user.name}. <a href="/two-factor">Two-factor authentication</a>`));
const server = app.listen(process.env.PORT ?? 3000, () => console.log(`http://localhost:${server.address().port}`));
