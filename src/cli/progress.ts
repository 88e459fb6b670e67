import { SingleBar } from "cli-progress";

export interface Progress {
  at(done: number, total: number): void;
  end(): void;
}

const lineEveryMilliseconds = 5000;

/** A bar where somebody looks on; else a line now and then, for logs. Both on stderr: stdout has the result. */
export const showProgress = (total: number): Progress => (process.stderr.isTTY ? bar(total) : lines());

function bar(total: number): Progress {
  const shown = new SingleBar({
    format: "{bar} {percentage}% | {value} of {total} records | {eta_formatted}",
    hideCursor: true,
  });
  shown.start(total, 0);
  return {
    at(done, of) {
      shown.setTotal(of);
      shown.update(done);
    },
    end: () => shown.stop(),
  };
}

function lines(): Progress {
  let next = performance.now() + lineEveryMilliseconds;
  return {
    at(done, of) {
      if (performance.now() < next) return;
      next = performance.now() + lineEveryMilliseconds;
      console.error(`${done} of ${of} records`);
    },
    end() {},
  };
}
