// Passport, with users, sessions and second factors in one PostgreSQL database. Super admins must have a second factor.
//   npm install express express-session connect-pg-simple express-rate-limit passport passport-local pg express-two-factor
// Environment: DATABASE_URL, SESSION_SECRET, OTP_SECRET_ENCRYPTION_KEY
const { randomBytes, scrypt, timingSafeEqual } = require("node:crypto");
const { promisify } = require("node:util");
const express = require("express");
const { rateLimit } = require("express-rate-limit");
const session = require("express-session");
const passport = require("passport");
const { Strategy } = require("passport-local");
const { Pool } = require("pg");
const PgSessions = require("connect-pg-simple")(session);
const { twoFactor } = require("express-two-factor");
const { postgresStore } = require("express-two-factor/stores/postgres");

const { DATABASE_URL, PORT = 3000, SESSION_SECRET } = process.env;
const production = process.env.NODE_ENV === "production";
const hash = promisify(scrypt);

const pool = new Pool({ connectionString: DATABASE_URL });
pool.on("error", (error) => console.error(error)); // an idle connection broke; unheard, it would end the process

const tfa = twoFactor({
  issuer: "Passport and PostgreSQL",
  // In production the table comes with your migrations: npx express-two-factor schema
  store: postgresStore(pool, { createTable: !production }),
  needTwoFactorAuthentication: (user) => user.super_admin === true,
});

passport.serializeUser((user, done) => done(null, user.id));
passport.deserializeUser((id, done) => {
  const text = "SELECT id, email, super_admin FROM users WHERE id = $1";
  pool.query(text, [id]).then(({ rows }) => done(null, rows[0] ?? false), done);
});
passport.use(
  new Strategy({ usernameField: "email" }, (email, password, done) => {
    authenticate(email, password).then((user) => done(null, user), done);
  }),
);

// Hashed for unknown addresses, too, so that the time an answer takes does not tell who is a user.
const nobody = { salt: randomBytes(16), password_hash: randomBytes(32) };
async function authenticate(email, password) {
  const { rows } = await pool.query("SELECT * FROM users WHERE email = $1", [email.toLowerCase()]);
  const { salt, password_hash, ...user } = rows[0] ?? nobody;
  const isRight = timingSafeEqual(await hash(password, salt, 32), password_hash);
  return isRight && rows.length > 0 ? user : false;
}

const app = express();
app.set("trust proxy", Number(process.env.TRUST_PROXY ?? 0)); // how many proxies are in front

app.use(
  session({
    store: new PgSessions({ pool, createTableIfMissing: !production }),
    secret: SESSION_SECRET,
    resave: false,
    saveUninitialized: false,
    cookie: { sameSite: "lax", secure: "auto", maxAge: 3_600_000 },
  }),
);
app.use(passport.session());

app.get("/login", (req, res) => {
  res.send(`<form method="post"><label>Email <input name="email"></label>
    <label>Password <input name="password" type="password"></label> <button>Sign in</button></form>`);
});
app.post(
  "/login",
  rateLimit({ windowMs: 15 * 60_000, limit: 20 }), // guessing passwords is yours to slow down
  express.urlencoded({ extended: false }),
  passport.authenticate("local", { successRedirect: "/", failureRedirect: "/login" }), // Passport makes a new session id
);
app.post("/logout", tfa.logout, (req, res, next) => {
  req.logout((error) => (error ? next(error) : res.redirect(303, "/login")));
});

app.use(tfa); // its pages, and a gate before all that follows

app.use((req, res, next) => (req.isAuthenticated() ? next() : res.redirect(303, "/login")));
app.get("/", (req, res) => {
  res.type("text").send(`Hello ${req.user.email}. Your second factor: /two-factor`);
});

start().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});

async function start() {
  if (!production) await addUsers();
  const server = app.listen(PORT, () => console.log(`http://localhost:${server.address().port}`));
}

/** Somebody to try it with. */
async function addUsers() {
  await pool.query(`CREATE TABLE IF NOT EXISTS users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE,
    salt bytea NOT NULL, password_hash bytea NOT NULL, super_admin boolean NOT NULL DEFAULT false)`);
  const users = { "anna@example.com": true, "max@example.com": false };
  for (const [email, superAdmin] of Object.entries(users)) {
    const salt = randomBytes(16);
    await pool.query(
      "INSERT INTO users (email, salt, password_hash, super_admin) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
      [email, salt, await hash("correct horse battery staple", salt, 32), superAdmin],
    );
  }
}
