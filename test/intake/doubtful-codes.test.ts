import { expect } from 'chai';
import type { EventLine, TraceEvent } from '../../adapter/domain/event.ts';
import type { Finding } from '../../adapter/domain/finding.ts';
import { checkRecord } from '../../adapter/intake/check-record.ts';
import { packRecord, unpackRecord } from '../../adapter/source-thread/pack.ts';
import { FakeDestination } from '../support/fake-destination.ts';
import { openTestHospital, packCode, type TestHospital } from '../support/test-hospital.ts';

/** 20 digits as a spreadsheet leaves them (15 kept), and as a floating-point number prints them */
const SPREADSHEET = ['89990010000001200000', '89990010000002300000'] as const;
const FLOAT = '81234567890123460000';
const whole = (lineNo: string, codes: readonly string[]): EventLine => ({ lineNo, drug: 'YP1', quantity: String(codes.length), unit: '盒', split: false, codes });

describe('codes that were read with doubt', () => {
  let hospital: TestHospital;
  beforeEach(async () => { hospital = await openTestHospital([new FakeDestination()]); });
  afterEach(async () => { await hospital.stop(); });

  async function findings(event: Partial<TraceEvent> & { readonly id: string }): Promise<readonly Finding[]> {
    const answer = await hospital.submit(event);
    if (answer.kind !== 'taken') throw new Error(JSON.stringify(answer));
    return (answer.events[0]?.findings ?? []).filter(({ code }) => code === 'CODE_SHAPE');
  }
  const deliveries = (): Promise<unknown[]> => hospital.rows('SELECT operation, state, reason FROM delivery');

  it('files a line as needing attention when its codes lost their last digits in a spreadsheet, and moves nothing', async () => {
    const found = await findings({ id: 'R1', kind: 'receipt', lines: [whole('1', SPREADSHEET)] });
    expect(found.map(({ severity, lineNo }) => [severity, lineNo])).to.deep.equal([['block', '1']]);
    expect(found[0]?.detail).to.contain('2 个追溯码').and.contain('无法还原');
    expect(await deliveries()).to.deep.equal([{ operation: 'blocked', state: 'needs-attention', reason: 'INVALID_CODE' }]);
    expect(await hospital.rows('SELECT code FROM code')).to.deep.equal([]);
  });

  it('knows a single destroyed code by the zeros of a spreadsheet', async () => {
    expect((await findings({ id: 'E1', lines: [whole('1', [SPREADSHEET[0]])] })).map(({ severity }) => severity)).to.deep.equal(['block']);
  });

  it('refuses a code in scientific form', async () => {
    for (const [at, code] of ['8.1E+19', '8.9990010000001E+19', '8,1e19'].entries()) {
      const answer = await hospital.submit({ id: `E${String(at)}`, lines: [whole('1', [code])] });
      expect(answer.kind === 'quarantined' ? answer.refusal.code : answer.kind).to.equal('CODE_UNUSABLE');
    }
  });

  it('only warns of a code that ends with zeros among codes that are whole: one in many is made so', async () => {
    const found = await findings({ id: 'R1', kind: 'receipt', lines: [whole('1', [SPREADSHEET[0], packCode(3)])] });
    expect(found.map(({ severity, traceCode }) => [severity, traceCode])).to.deep.equal([['warn', SPREADSHEET[0]]]);
    expect((await findings({ id: 'R2', kind: 'receipt', lines: [whole('1', [FLOAT])] })).map(({ severity }) => severity)).to.deep.equal(['warn']);
    // known to the ledger by now: it is a real code
    expect((await findings({ id: 'E1', lines: [whole('1', [SPREADSHEET[0]])] })).map(({ severity }) => severity)).to.deep.equal(['warn']);
    expect(await hospital.rows('SELECT state FROM code WHERE code = ?', SPREADSHEET[0])).to.deep.equal([{ state: 'dispensed' }]);
  });

  it('gives a split line with a destroyed code no other pack instead', async () => {
    await hospital.submit({ id: 'O1', kind: 'split-open', lines: [{ ...whole('1', [packCode(1)]), split: true }] });
    await findings({ id: 'E1', lines: [{ lineNo: '1', drug: 'YP1', quantity: '2', unit: '片', split: true, codes: [SPREADSHEET[0]] }] });
    expect(await hospital.rows('SELECT units_left FROM code')).to.deep.equal([{ units_left: '12000000' }]);
  });

  it('tells on the line what had to be done to read a code, once per kind', async () => {
    const found = await findings({ id: 'E1', lines: [
      { ...whole('1', ['(01)08999001000003(21)A1', '(01)08999001000003(21)A2']) },
      whole('2', [`${packCode(1)}${packCode(2)}`]), whole('3', [packCode(5), packCode(6)]),
    ] });
    expect(found.map(({ lineNo, severity }) => [lineNo, severity])).to.deep.equal([['1', 'warn'], ['2', 'info']]);
    expect(found[0]?.detail).to.contain('校验位').and.contain('2 个码');
  });

  it('says nothing of the prefix that a scanner puts before every code', async () => {
    expect(await findings({ id: 'E1', lines: [whole('1', [`]C1${packCode(1)}`, `https://example.org/?code=${packCode(2)}`])] })).to.deep.equal([]);
  });

  it('keeps what was noticed on the way from the thread of a source', () => {
    const event: TraceEvent = { id: 'E1', source: 'his', institution: 'H35010200001', kind: 'dispense', occurredAt: '2026-11-22T09:31:05+08:00', lines: [whole('1', [FLOAT])] };
    const record = { institution: event.institution, source: 'his', controlId: 'E1', media: 'json' as const, charset: 'utf-8', bytes: Buffer.from('{}'), interpreter: 'x' };
    const { meaning } = unpackRecord(packRecord(1, checkRecord(record, { kind: 'events', events: [event] })), record.bytes);
    expect(meaning.kind === 'events' ? meaning.events[0]?.scans.get('1')?.[0] : undefined).to.deep.include({ text: FLOAT, notes: ['looks-rounded'] });
  });
});
