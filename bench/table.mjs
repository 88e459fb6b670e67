// What `npm run bench` measures: every goal, and the scenario that measures it. A scenario is a file in `scenarios/`; it may
// tell more than its goals (its control, milliseconds), which is printed and written, and judged by nobody.

/** In the order in which they run: what is most easily disturbed comes first. */
export const scenarios = [
  "gate",
  "gate-http",
  "page",
  "codes",
  "decrypt",
  "keys",
  "enrol",
  "import",
  "round-trips",
  "proven-session",
  "attacks",
  "people-seen",
  "flood",
];

const atMost = (most) => ({ text: `≤ ${most}`, isMet: (value) => value <= most });
const atLeast = (least) => ({ text: `≥ ${least}`, isMet: (value) => value >= least });
const third = { text: "≤ 1/3", isMet: (value) => value <= 1 / 3 };
const twoThirds = { text: "≤ 2/3", isMet: (value) => value <= 2 / 3 };

/** By name; `needsPeers`: it is left out where they are not installed. */
export const goals = {
  "gate-session": { goal: atMost(1.03) },
  "gate-not-needed": { goal: atMost(1.03) },
  "gate-not-needed-optional": { goal: atMost(1.03) },
  "gate-http": { goal: atLeast(0.97) },
  "gate-vs-passport": { goal: atMost(0.25) },
  "status-vs-better-auth": { goal: third, needsPeers: true },
  "verify-vs-better-auth": { goal: third, needsPeers: true },
  "verify-vs-better-auth-both-sqlite": { goal: third, needsPeers: true },
  "step-up-vs-better-auth": { goal: twoThirds, needsPeers: true },
  "step-up-vs-better-auth-both-sqlite": { goal: twoThirds, needsPeers: true },
  "verify-vs-floor": { goal: atMost(1.25) },
  "decrypt-vs-sdk": { goal: atMost(1.1) },
  "redis-round-trips": { goal: atMost(2) },
  "pg-round-trips": { goal: atMost(2) },
  enrol: { goal: atMost(1.5) },
  import: { goal: atMost(1.1) },
  "import-memory": { goal: atMost(1.1) },
  "proven-heap": { goal: atMost(300) },
  "key-verify": { goal: atMost(1.25) },
  "one-code-at-once-ours": { goal: atMost(1) },
  "wrong-guesses-at-once-ours": { goal: atMost(3) },
  "older-step-after-newer-ours": { goal: atMost(0) },
};

const digits = (number) => (Number.isInteger(number) ? String(number) : number.toFixed(number < 20 ? 3 : 0));

/**
 * A row as it is printed: what was measured, where the true value lies with 95 %, and the goal.
 * @param judged whether it was measured well enough to say if the goal is met
 */
export function lineOf({ name, ratio, low, high, unit }, judged) {
  const { goal } = goals[name] ?? {};
  const isMet = judged && goal?.isMet(ratio);
  const verdict = goal === undefined ? "" : judged ? `${goal.text}  ${isMet ? "met" : "NOT met"}` : goal.text;
  const between = low === high ? "" : `(${digits(low)} to ${digits(high)})`;
  return [name.padEnd(36), digits(ratio).padStart(8), between.padEnd(20), verdict.padEnd(16), unit].join("  ");
}
