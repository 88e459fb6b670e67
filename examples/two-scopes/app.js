// Customers and staff on one site: two logins, two second factors, which know nothing of each other. Staff must have one,
// customers may. Somebody can be signed in as both in one browser.
//   npm install express express-session express-two-factor
// Environment: OTP_SECRET_ENCRYPTION_KEY
const { randomBytes } = require("node:crypto");
const express = require("express");
const session = require("express-session");
const { memoryStore, twoFactor } = require("express-two-factor");

// Yours are in a database, their passwords hashed. An id may be there in both: the scope keeps them apart.
const customers = [{ id: 1, email: "anna@example.com", password: "correct horse battery staple" }];
const staff = [{ id: 1, email: "sara@example.com", password: "correct horse battery staple" }];

const store = memoryStore(); // for trying: it forgets at a restart

const customerFactor = twoFactor({
  issuer: "Shop",
  store,
  scope: "customer", // names the cookie, the part of the session and the record
  path: "/account/two-factor",
  loginPath: "/account/login",
  logoutPath: "/account/logout",
  user: (req) => customers.find(({ id }) => id === req.session.customerId),
  needTwoFactorAuthentication: () => false, // may; who has one is asked for it
});
const staffFactor = twoFactor({
  issuer: "Shop (staff)",
  store,
  scope: "staff",
  path: "/staff/two-factor",
  loginPath: "/staff/login",
  logoutPath: "/staff/logout",
  user: (req) => staff.find(({ id }) => id === req.session.staffId),
});

const app = express();
app.use(session({ secret: randomBytes(32).toString("hex"), resave: false, saveUninitialized: false }));

login("/account", customers, "customerId", customerFactor);
login("/staff", staff, "staffId", staffFactor);

// First all pages of both, then each gate for its own part.
app.use(customerFactor.routes);
app.use(staffFactor.routes);
app.use(customerFactor.gate({ under: ["/account"] }));
app.use(staffFactor.gate({ under: ["/staff"] }));

app.get("/", (req, res) => void res.send('<a href="/account">Your account</a> <a href="/staff">Staff</a>'));
const only = (key, path) => (req, res, next) =>
  req.session[key] === undefined ? res.redirect(303, `${path}/login`) : next();
app.get("/account", only("customerId", "/account"), (req, res) => void res.send("Your orders"));
app.get("/staff", only("staffId", "/staff"), (req, res) => void res.send("All orders"));
const server = app.listen(process.env.PORT ?? 3000, () => console.log(`http://localhost:${server.address().port}`));

/** A login of one kind of users. It leaves the other's in place, so the new session keeps what the old one knew of that. */
function login(path, users, key, factor) {
  app.get(`${path}/login`, (req, res) => {
    res.send(`<form method="post"><label>Email <input name="email"></label>
      <label>Password <input name="password" type="password"></label> <button>Sign in</button></form>`);
  });
  app.post(`${path}/login`, express.urlencoded({ extended: false }), (req, res, next) => {
    const { email, password } = req.body ?? {};
    const user = users.find((one) => one.email === email && one.password === password);
    if (user === undefined) return res.redirect(303, `${path}/login`);
    const kept = { ...req.session };
    delete kept.cookie;
    req.session.regenerate((error) => {
      if (error) return next(error);
      Object.assign(req.session, kept, { [key]: user.id });
      res.redirect(303, path);
    });
  });
  // It ends the whole session, the other login too: nothing of it is left to whoever uses this browser next.
  app.post(`${path}/logout`, factor.logout, (req, res, next) => {
    req.session.destroy((error) => (error ? next(error) : res.redirect(303, "/")));
  });
}
