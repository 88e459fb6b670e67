// Paired, finely interleaved measurements. Machines here are noisy: a pure loop varies twofold for seconds. So subjects take
// turns request by request, a round gives each its lower quartile (a busy neighbour only ever adds time), and only the ratio
// of two of one round counts.
import { randomInt } from "node:crypto";
import { median, quantile } from "./figures.mjs";

const leastRounds = 12;
const longestMilliseconds = 25_000;

function shuffled(names) {
  const order = [...names];
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = randomInt(at + 1);
    [order[at], order[other]] = [order[other], order[at]];
  }
  return order;
}

/**
 * @param subjects by name: does the work once, and answers how long the measured part of it took
 * @param how `rounds` of `each` samples of everybody, after `warm` that do not count; on a busy machine fewer rounds, so that it
 *   ends in time, and at least a dozen
 * @returns by name, the lower quartile of each round
 */
export async function takeTurns(subjects, { rounds, each, warm }) {
  const startedAt = performance.now();
  const names = Object.keys(subjects);
  for (let n = 0; n < warm; n += 1) for (const name of names) await subjects[name]();
  const quartiles = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    if (round >= leastRounds && performance.now() - startedAt > longestMilliseconds) break;
    const times = Object.fromEntries(names.map((name) => [name, []]));
    for (let n = 0; n < each; n += 1) for (const name of shuffled(names)) times[name].push(await subjects[name]());
    for (const name of names) quartiles[name].push(quantile(times[name], 0.25));
  }
  return quartiles;
}

/**
 * The median over the rounds, and where the true one lies with 95 % by order statistics: no assumption about how the
 * noise is distributed.
 */
export function summary(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const away = 0.98 * Math.sqrt(sorted.length);
  const at = (rank) => sorted[Math.min(sorted.length - 1, Math.max(0, rank))];
  return {
    ratio: median(sorted),
    low: at(Math.floor(sorted.length / 2 - away)),
    high: at(Math.ceil(sorted.length / 2 + away)),
  };
}

/** Round by round, `of` ÷ `to`. */
export const ratioOf = (of, to) => summary(of.map((value, round) => value / to[round]));
