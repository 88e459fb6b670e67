// What the soak has seen.
export function createTally() {
  const statuses = new Map();
  const passes = new Map();
  const wrongPasses = [];
  const enrolments = new Set();
  const count = (map, key, by = 1) => map.set(key, (map.get(key) ?? 0) + by);

  return {
    resets: 0,
    provenAnswers: 0,
    provenRefused: new Map(),
    statuses,
    passes,
    wrongPasses,
    enrolments,
    answered: (status, { code } = {}) =>
      count(statuses, status === 0 ? "no answer" : status < 400 ? String(status) : `${status} ${code ?? ""}`),
    wrongPass(what) {
      wrongPasses.push(`${new Date().toISOString()} ${what}`);
      console.error(`WRONG PASS: ${what}`);
    },
    mustNotPass(what, { status }) {
      if (status >= 200 && status < 400) this.wrongPass(what);
    },
    passed: (what, times) => count(passes, what, times),
    /** Who is proven should be let in; a fault (503, no answer) may come between. */
    proven({ status }) {
      this.provenAnswers += 1;
      if (status !== 200) count(this.provenRefused, status);
    },
    enrolled: (id) => enrolments.add(id),
    /** From here on the account may rightly have no factor. */
    mayBeGone: (id) => enrolments.delete(id),
  };
}
