// Several hosts in one process, so that nothing but what they are made of differs; the header says which one is meant.
import "../clock.mjs";
import session from "express-session";
import { twoFactor } from "../../dist/index.js";
import { memoryStore } from "../../dist/stores/memory.js";
import { hostWith, userOf } from "../host-app.mjs";
import { serve } from "../subject.mjs";

const tfa = twoFactor({ issuer: "Bench", store: memoryStore(), user: userOf, recoveryCodes: { count: 1 } });
// One store: the hosts have the very same sessions.
const store = new session.MemoryStore();
const hosts = { alone: hostWith({ store }), again: hostWith({ store }), gate: hostWith({ store }, tfa) };

serve((req, res) => hosts[req.headers["x-host"]](req, res));
