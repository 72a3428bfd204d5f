import { expect } from 'chai';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from '../../adapter/ops/log.ts';
import type { LogOptions } from '../../adapter/ops/log.ts';

const CLOCK = { now: () => Date.parse('2026-11-22T01:31:05Z') };

/** @returns a log that writes JSON to an array */
function shownLog(level: LogOptions['level'] = 'debug', style: 'text' | 'json' = 'json'): { readonly log: ReturnType<typeof openLog>; readonly lines: string[] } {
  const lines: string[] = [];
  return { lines, log: openLog({ level, clock: CLOCK, console: { write: (text) => lines.push(text), style, color: false } }) };
}

const parsed = (line: string | undefined): Record<string, unknown> => JSON.parse(line ?? '{}') as Record<string, unknown>;

describe('log', () => {
  let dir = '';
  beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'his-trace-log-')); });
  afterEach(() => { rmSync(dir, { recursive: true }); });
  const written = (): string[] => readdirSync(dir).filter((name) => name.endsWith('.log')).flatMap((name) => readFileSync(join(dir, name), 'utf8').trimEnd().split('\n'));

  it('has every line in the file once it is closed', async () => {
    const log = openLog({ level: 'info', clock: CLOCK, dir, keepDays: 2 });
    for (let index = 0; index < 20_000; index += 1) log.info('delivery settled', { index });
    await log.close();
    const lines = written();
    expect(lines).to.have.length(20_000);
    expect(parsed(lines[19_999])).to.deep.equal({ at: '2026-11-22T09:31:05+08:00', level: 'info', message: 'delivery settled', index: 19_999 });
  });

  it('drops lines after closing instead of ending the process, and closes twice without harm', async () => {
    const log = openLog({ level: 'info', clock: CLOCK, dir });
    log.info('first');
    await log.close();
    log.info('late');
    await log.close();
    expect(written()).to.have.length(1);
  });

  it('keeps to its level', () => {
    const { log, lines } = shownLog('warn');
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines.map((line) => parsed(line)['message'])).to.deep.equal(['c', 'd']);
  });

  it('writes errors out, with cause and code, however deep they stand', () => {
    const { log, lines } = shownLog();
    log.error('failed', { error: Object.assign(new Error('outer', { cause: new Error('inner') }), { code: 'ECONNRESET' }), list: [new Error('listed')] });
    const line = parsed(lines[0]);
    expect(line).to.have.nested.property('error.message', 'outer');
    expect(line).to.have.nested.property('error.code', 'ECONNRESET');
    expect(line).to.have.nested.property('error.cause.message', 'inner');
    expect(line).to.have.nested.property('list[0].message', 'listed');
  });

  it('never lets a field named message, level or at replace ours', () => {
    const { log, lines } = shownLog();
    log.info('fixed text', { message: 'other', level: 'x', at: 'y' });
    expect(parsed(lines[0])).to.include({ message: 'fixed text', level: 'info', message_: 'other', level_: 'x', at_: 'y' });
  });

  it('blanks what names a patient or a secret and masks identity numbers inside texts', () => {
    const { log, lines } = shownLog();
    log.info('sent', { patient: { name: '张三' }, psn_name: '张三', idNo: '350102199001011234', inner: { appSecret: 'x', note: '身份证 350102199001011234，码 89990010000000011234' } });
    expect(lines[0]).not.to.match(/张三|199001011234|"x"/);
    expect(lines[0]).to.contain('350102************').and.contain('89990010000000011234');
  });

  it('bears circular, huge and odd values', () => {
    const { log, lines } = shownLog();
    const circle: Record<string, unknown> = { big: 10n, fn: () => 1, bytes: new Uint8Array(3), text: 'x'.repeat(10_000), many: Array.from({ length: 1_000 }, (_, at) => at) };
    circle['self'] = circle;
    log.info('odd', circle);
    expect(parsed(lines[0])).to.include({ big: '10', bytes: '[3 bytes]' });
    expect(lines[0]?.length).to.be.lessThan(40_000);
  });

  it('shows people one line each, without control characters of outside data', () => {
    const { log, lines } = shownLog('info', 'text');
    log.warn('odd\r\nname', { destination: 'insurance', detail: 'a "b"\u001B[2J', error: new Error('boom') });
    expect(lines).to.have.length(1);
    expect(lines[0]).to.match(/^09:31:05 WARN {2}odd name destination=insurance detail="a \\"b\\"\\u001b\[2J" error="Error: boom"\n$/);
  });
});
