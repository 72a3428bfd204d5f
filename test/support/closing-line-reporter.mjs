import Mocha from 'mocha';

const { reporters, Runner } = Mocha;

/** Mocha's spec output, and as the very last line `N passed, N failed, N skipped`, which .ci/run passes on. */
export default class ClosingLineReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      // written at once, not buffered: the process may be ended right after the run
      process.stdout.write(`${passes} passed, ${failures} failed, ${pending} skipped\n`);
    });
  }
}
