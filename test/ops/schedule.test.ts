import { expect } from 'chai';
import { schedule } from '../../adapter/ops/schedule.ts';
import { TraceError } from '../../adapter/domain/error.ts';
import type { Log } from '../../adapter/ports/log.ts';
import { silentLog } from '../../adapter/ports/log.ts';
import { waitFor } from '../support/wait-for.ts';

const EVERY_SECOND = '* * * * * *';

describe('schedule', () => {
  it('runs the task by the clock, and a failing run does not stop the next one', async () => {
    const errors: string[] = [];
    const log: Log = { ...silentLog, error: (message) => { errors.push(message); } };
    let runs = 0;
    const running = schedule('balance', { log, cron: EVERY_SECOND, task: () => { runs += 1; throw new Error('first one fails'); } });
    await waitFor('two runs', () => runs >= 2 && errors.length >= 2);
    await running.stop();
    expect(errors[0]).to.equal('scheduled task failed');
  });

  it('waits for the run under way when it is stopped, and tells it to end', async () => {
    let ended = false;
    let started = false;
    const running = schedule('slow', {
      log: silentLog, cron: EVERY_SECOND,
      task: (signal) => new Promise((resolve) => {
        started = true;
        signal.addEventListener('abort', () => { ended = true; resolve(); });
      }),
    });
    await waitFor('the first run', () => started);
    await running.stop();
    expect(ended).to.equal(true);
  });

  it('refuses a line that cron does not understand', () => {
    expect(() => schedule('bad', { log: silentLog, cron: 'every day', task: () => undefined })).to.throw(TraceError).with.property('code', 'CONFIG_INVALID');
  });
});
