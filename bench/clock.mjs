// A clock that the client moves: imported first by every process that is measured, so that one person can use a new code
// with each request and thousands of right codes need no waiting. Durations are measured by `performance`, which it leaves.
const Real = Date;
let aheadMilliseconds = 0;

globalThis.Date = class Date extends Real {
  constructor(...parts) {
    if (parts.length === 0) super(Real.now() + aheadMilliseconds);
    else super(...parts);
  }
  static now() {
    return Real.now() + aheadMilliseconds;
  }
};

export function setClockAhead(milliseconds) {
  aheadMilliseconds = milliseconds;
}

/** The header that moves a process's clock. */
export const CLOCK_HEADER = "x-clock-ahead";
