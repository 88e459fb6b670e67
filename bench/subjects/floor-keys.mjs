// A security key by hand: `@simplewebauthn/server`, the session, and nothing else.
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import express from "express";

const party = { expectedOrigin: "http://localhost", expectedRPID: "localhost", requireUserVerification: false };
const keys = new Map();

export function keyRoutes(app, newSession) {
  const expected = (req) => ({ ...party, response: req.body.key, expectedChallenge: req.session.challenge });
  const ask = (req, res, publicKey) => {
    req.session.challenge = publicKey.challenge;
    res.json({ publicKey });
  };
  app.post("/keys/options", express.json(), async (req, res) => {
    const names = { rpName: "Bench", rpID: "localhost", userName: req.session.userId };
    ask(req, res, await generateRegistrationOptions(names));
  });
  app.post("/keys", express.json(), async (req, res) => {
    const { registrationInfo } = await verifyRegistrationResponse(expected(req));
    keys.set(req.session.userId, registrationInfo.credential);
    res.json({});
  });
  app.post("/key/options", express.json(), async (req, res) => {
    const { id } = keys.get(req.session.userId);
    ask(req, res, await generateAuthenticationOptions({ rpID: "localhost", allowCredentials: [{ id }] }));
  });
  app.post("/key/verify", express.json(), async (req, res) => {
    const credential = keys.get(req.session.userId);
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({ ...expected(req), credential });
    if (!verified) return res.status(422).json({});
    credential.counter = authenticationInfo.newCounter;
    await newSession(req);
    res.json({ next: "/" });
  });
}
