// Codes by mail for whoever has no authenticator app yet; and a mail for what the owner of an account should know.
//   npm install express express-session nodemailer express-two-factor
// Environment: OTP_SECRET_ENCRYPTION_KEY; SMTP_URL (smtp://user:password@host), without which mails are printed
const { randomBytes } = require("node:crypto");
const express = require("express");
const session = require("express-session");
const { createTransport } = require("nodemailer");
const { memoryStore, twoFactor } = require("express-two-factor");
const { notice } = require("express-two-factor/notices");

// Yours are in a database, their passwords hashed.
const users = [{ id: 1, email: "anna@example.com", password: "correct horse battery staple" }];

const { SMTP_URL, MAIL_FROM = "no-reply@example.com", PORT = 3000 } = process.env;
const issuer = "Codes by mail";
const mailer = createTransport(SMTP_URL ?? { streamTransport: true, buffer: true });

async function mail(to, subject, text, html) {
  const { message } = await mailer.sendMail({ from: MAIL_FROM, to, subject, text, html });
  if (SMTP_URL === undefined) console.log(String(message));
}

const tfa = twoFactor({
  issuer,
  store: memoryStore(), // for trying: it forgets at a restart
  // The subject shows on locked phones, so the code is not in it. What this throws is answered as "could not be sent".
  sendTwoFactorAuthenticationCode: (user, code) =>
    mail(
      user.email,
      "Your code",
      `${code} is your code. It is valid for five minutes. Nobody will ever ask you for it.`,
    ),
  // The default, written out: as soon as somebody has an authenticator, mails no longer open the account.
  directOtp: (user, { enrolled }) => !enrolled,
  // What the owner should hear of, by a way that whoever sits in the browser does not control: docs/notices.md
  async onEvent(event) {
    if (event.type === "browser-remembered") return;
    const user = users.find(({ id }) => String(id) === event.userId);
    const letter = notice(event, { issuer });
    if (user && letter) await mail(user.email, letter.subject, letter.text, letter.html);
  },
});

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
const server = app.listen(PORT, () => console.log(`http://localhost:${server.address().port}`));
