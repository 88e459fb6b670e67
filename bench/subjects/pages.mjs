// Several hosts in one process, so that nothing but what they are made of differs; the header says which one is meant.
import "../clock.mjs";
import { twoFactor } from "../../dist/index.js";
import { memoryStore } from "../../dist/stores/memory.js";
import { hostApp, userOf } from "../host-app.mjs";
import { serve } from "../subject.mjs";

const tfa = twoFactor({ issuer: "Bench", store: memoryStore(), user: userOf, recoveryCodes: { count: 1 } });
const hosts = { alone: hostApp(), again: hostApp(), gate: hostApp(tfa) };

serve((req, res) => hosts[req.headers["x-host"]](req, res));
