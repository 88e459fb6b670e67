// A right code at a sign-in, and one within a session that is proven already. Each side has a process of its own.
import { ratioOf, summary, takeTurns } from "../pairs.mjs";
import { versions } from "../peers.mjs";
import { betterAuth, floor, ours } from "../sides.mjs";
import { codesOf } from "../sign-ins.mjs";

const own = {
  ours: ["ours", ours],
  again: ["ours", ours],
};
const peers = {
  sqlite: ["ours", ours, { STORE: "sqlite" }],
  betterAuth: ["better-auth", betterAuth, { NODE_ENV: "production" }],
};

async function timesOf(wanted, size, how) {
  const { subjects, stop } = await codesOf(wanted, how);
  try {
    return await takeTurns(subjects, size);
  } finally {
    await stop();
  }
}

export async function measure(size) {
  const withPeers = size.peers ? peers : {};
  const codes = await timesOf({ ...own, ...withPeers, floor: ["floor", floor] }, size);
  const inSession = size.peers && (await timesOf({ ...own, ...peers }, size, { within: true }));
  const row = (name, numbers, unit, ...packages) => ({
    ...{ name, ...numbers, unit },
    versions: versions("express", "express-session", ...packages),
  });
  const peer = ["better-auth", "better-sqlite3"];
  const unit = "× better-auth verify-totp over SQLite";
  return [
    row("control-verify", ratioOf(codes.again, codes.ours), "× the same in another process"),
    row("verify-vs-floor", ratioOf(codes.ours, codes.floor), "× by hand", "otplib"),
    row("milliseconds-verify", summary(codes.ours), "ms"),
    row("milliseconds-verify-floor", summary(codes.floor), "ms", "otplib"),
    ...(size.peers
      ? [
          row("verify-vs-better-auth", ratioOf(codes.ours, codes.betterAuth), unit, ...peer),
          row("verify-vs-better-auth-both-sqlite", ratioOf(codes.sqlite, codes.betterAuth), unit, ...peer),
          row("milliseconds-verify-better-auth", summary(codes.betterAuth), "ms", ...peer),
          row("control-step-up", ratioOf(inSession.again, inSession.ours), "× the same in another process"),
          row("step-up-vs-better-auth", ratioOf(inSession.ours, inSession.betterAuth), unit, ...peer),
          row("step-up-vs-better-auth-both-sqlite", ratioOf(inSession.sqlite, inSession.betterAuth), unit, ...peer),
        ]
      : []),
  ];
}
