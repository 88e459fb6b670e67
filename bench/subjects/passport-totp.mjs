// passport-totp's strategy behind the same host. It keeps nothing: the key is handed to it.
import "../clock.mjs";
import express from "express";
import passport from "passport";
import { hostApp } from "../host-app.mjs";
import { requirePeer } from "../peers.mjs";
import { serve } from "../subject.mjs";

const { Strategy } = requirePeer("passport-totp");
const own = new passport.Passport();
own.use(new Strategy((_user, done) => done(null, "12345678901234567890", 30)));

const app = hostApp((req, _res, next) => ((req.user = { id: req.session.userId }), next()));
app.post("/verify", express.json(), own.authenticate("totp", { session: false }), (req, res) => {
  req.session.proven = true;
  res.json({});
});

serve(app);
