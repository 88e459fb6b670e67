// A WebSocket that only opens to who has proven a second factor, and closes when that ends. Why each part is there:
// docs/websockets.md
//   npm install express express-session ws express-two-factor
// Environment: OTP_SECRET_ENCRYPTION_KEY
const { randomBytes } = require("node:crypto");
const { createServer } = require("node:http");
const express = require("express");
const session = require("express-session");
const { WebSocketServer } = require("ws");
const { memoryStore, twoFactor } = require("express-two-factor");

// Yours are in a database, their passwords hashed.
const users = [{ id: 1, email: "anna@example.com", password: "correct horse battery staple" }];
const findUser = (id) => users.find((user) => user.id === id);

/** The sockets of this process, and the requests by which they came. */
const open = new Map();
const endsSockets = /^(reset|disabled|replaced|erased|browsers?-forgotten|logged-out|login-expired|enabled)$/;

const tfa = twoFactor({
  issuer: "WebSocket",
  store: memoryStore(), // for trying: it forgets at a restart
  onEvent({ type, userId }) {
    if (!endsSockets.test(type)) return;
    for (const [webSocket, req] of open) if (String(req.user.id) === userId) webSocket.terminate();
  },
});

const app = express();
// One for both: an upgrade request meets no middleware of the app.
const withSession = session({ secret: randomBytes(32).toString("hex"), resave: false, saveUninitialized: false });
app.use(withSession);
app.use((req, res, next) => {
  req.user = findUser(req.session.userId);
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
app.get("/", (req, res) => {
  res.send(`<p>The server's time: <output></output></p><form method="post" action="/logout"><button>Sign out</button></form>
    <script>new WebSocket("ws" + location.origin.slice(4)).onmessage = ({ data }) => {
      document.querySelector("output").textContent = data;
    };</script>`);
});

const server = createServer(app);
const webSockets = new WebSocketServer({ noServer: true });
const mayUpgrade = tfa.upgrade(withSession, (kept) => findUser(kept.userId));
server.on("upgrade", async (req, socket, head) => {
  if (!(await mayUpgrade(req, socket, head))) return; // it has answered, and ended the socket
  webSockets.handleUpgrade(req, socket, head, (webSocket) => serve(webSocket, req));
});

function serve(webSocket, req) {
  open.set(webSocket, req);
  webSocket.on("close", () => open.delete(webSocket));
  webSocket.on("error", () => undefined); // a bad frame: it closes by itself, unheard it ends the process
  webSocket.send(new Date().toISOString());
}

/** What this process is not told (a reset by another one, a session that ran out) is looked at once a minute. */
async function stillMay(req) {
  await new Promise((done, fail) => req.session.reload((error) => (error ? fail(error) : done())));
  return tfa.check(req);
}
setInterval(() => {
  for (const [webSocket, req] of open) {
    stillMay(req).then(
      (may) => may || webSocket.terminate(),
      () => webSocket.terminate(),
    );
  }
}, 60_000).unref();

server.listen(process.env.PORT ?? 3000, () => console.log(`http://localhost:${server.address().port}`));
