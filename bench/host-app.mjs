// The host that is measured with and without what is put behind its session: it believes anybody who says who they are.
import express from "express";
import session from "express-session";

export const sessionSecret = "of the bench";

/** @param behind middleware after the session and the login */
export const hostApp = (...behind) => hostWith({}, ...behind);

/** @param kept more options of the session */
export function hostWith(kept, ...behind) {
  const app = express();
  app.use(session({ secret: sessionSecret, resave: false, saveUninitialized: false, ...kept }));
  app.post("/login", express.json(), (req, res) => {
    req.session.userId = req.body.id;
    res.json({});
  });
  for (const middleware of behind) app.use(middleware);
  app.get("/page", (_req, res) => res.json({ page: "of the host" }));
  return app;
}

export const userOf = (req) => (req.session.userId === undefined ? undefined : { id: req.session.userId });
