import { expect } from 'chai';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from '../../adapter/ops/log.ts';
import { waitFor } from '../support/wait-for.ts';

describe('log on a full disk', () => {
  it('goes on without the file, says so on the terminal, and lets the process live', async function () {
    if (!existsSync('/dev/full')) this.skip();
    const dir = mkdtempSync(join(tmpdir(), 'his-trace-full-'));
    // learn the name of today's file, then put the device that is always full in its place
    const first = openLog({ level: 'info', clock: Date, dir });
    first.info('x');
    await first.close();
    const name = readdirSync(dir).find((file) => file.endsWith('.log')) ?? '';
    expect(name).not.to.equal('');
    rmSync(dir, { recursive: true });
    mkdirSync(dir);
    symlinkSync('/dev/full', join(dir, name));

    const shown: string[] = [];
    const log = openLog({ level: 'info', clock: Date, dir, console: { write: (text) => shown.push(text), style: 'text', color: false } });
    log.info('first');
    await waitFor('the fault on the terminal', () => shown.some((line) => line.includes('log file cannot be written') && line.includes('ENOSPC')));
    log.info('second');
    expect(shown.some((line) => line.includes('second'))).to.equal(true);
    await log.close();
    rmSync(dir, { recursive: true });
  });
});
