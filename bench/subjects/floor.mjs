// By hand, nothing but the work itself: no lock, no replay protection, no errors; what no library could do without.
import "../clock.mjs";
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { createBase32Plugin, createCryptoPlugin } from "@otplib/core";
import { verify } from "@otplib/totp";
import { base32nopad } from "@scure/base";
import ejs from "ejs";
import express from "express";
import QRCode from "qrcode";
import { hostApp } from "../host-app.mjs";
import { rawSdk } from "../raw-sdk.mjs";
import { serve } from "../subject.mjs";
import { keyRoutes } from "./floor-keys.mjs";

const sdk = rawSdk("bench", randomBytes(32));
const people = new Map();

// otplib over Node's own HMAC: the one in JavaScript that it brings would be slower.
const crypto = createCryptoPlugin({
  name: "node:crypto",
  hmac: (algorithm, key, data) => createHmac(algorithm, key).update(data).digest(),
  randomBytes,
  constantTimeEqual: (a, b) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b)),
});
const base32 = createBase32Plugin({
  name: "base32",
  encode: (data) => base32nopad.encode(data),
  decode: (text) => base32nopad.decode(text),
});

const newSession = (req) =>
  new Promise((resolve, reject) => {
    const { userId } = req.session;
    req.session.regenerate((error) => {
      if (error) return reject(error);
      Object.assign(req.session, { userId, proven: true });
      resolve();
    });
  });

const app = hostApp();
app.post("/enrol", express.json(), async (req, res) => {
  const secret = base32nopad.encode(randomBytes(20));
  people.set(req.session.userId, await sdk.seal(secret, { user: req.session.userId }));
  res.json({ secret });
});
app.post("/verify", express.json(), async (req, res) => {
  const secret = await sdk.open(people.get(req.session.userId));
  const epoch = Math.floor(Date.now() / 1000);
  const { valid } = await verify({ secret, token: req.body.code, epoch, epochTolerance: 30, crypto, base32 });
  if (!valid) return res.status(422).json({});
  await newSession(req);
  res.json({ next: "/" });
});

const page = ejs.compile(
  `<!doctype html><html lang="en"><head><title>Set up</title></head><body><h1>Set up</h1>
<p>Scan this with your authenticator, or type the key.</p><div><%- qrCode %></div><p><a href="<%= uri %>"><%= secret %></a></p>
<form method="post"><label>Code <input name="code" inputmode="numeric"></label><button>Turn on</button></form></body></html>`,
);
app.get("/setup", async (req, res) => {
  const secret = base32nopad.encode(randomBytes(20));
  req.session.pending = secret;
  const uri = `otpauth://totp/Bench:${req.session.userId}?secret=${secret}&issuer=Bench`;
  const qrCode = await QRCode.toString(uri, { type: "svg" });
  res.type("html").send(page({ qrCode, uri, secret }));
});
keyRoutes(app, newSession);

serve(app);
