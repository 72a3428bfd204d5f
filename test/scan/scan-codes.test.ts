import { expect } from 'chai';
import type { EventLine, TraceEvent } from '../../adapter/domain/event.ts';
import type { EventAnswer } from '../../adapter/ports/intake.ts';
import { RecallBook } from '../../adapter/recall/recall-book.ts';
import { importNotice } from '../../adapter/recall/recall-store.ts';
import { savePlatformWarnings } from '../../adapter/scan/platform-warning.ts';
import { scanCodes, type ScanAnswer, type ScanRequest, type Scanning } from '../../adapter/scan/scan-codes.ts';
import { FakeDestination } from '../support/fake-destination.ts';
import { onEachStore } from '../support/stores.ts';
import { DRUGS, HOSPITAL, openTestHospital, packCode, type TestHospital } from '../support/test-hospital.ts';

const OTHER = { ...HOSPITAL, code: 'H35010200002', name: '乙医院' };
const NOW = Date.parse('2026-11-22T12:00:00+08:00');
const YP3 = { drug: 'YP3', name: '召回片', packUnit: '盒', smallestUnit: '片', unitsPerPack: 10, prefixUnit: '8999003', approvalNo: '国药准字H20260003' };
const whole = (codes: string[], more: Partial<EventLine> = {}): EventLine => ({ lineNo: '1', drug: 'YP1', quantity: String(codes.length), unit: '盒', split: false, codes, ...more });

describe('scan: findings before anything is done', () => { onEachStore((open) => {
  let hospital: TestHospital;
  let no = 0;
  beforeEach(async () => { hospital = await openTestHospital([new FakeDestination('insurance')], { driver: await open(), institutions: [HOSPITAL, OTHER], drugs: [YP3] }); });
  afterEach(async () => { await hospital.stop(); });

  async function take(event: Partial<TraceEvent>): Promise<EventAnswer> {
    no += 1;
    const answer = await hospital.submit({ id: `E${String(no)}`, ...event });
    if (answer.kind !== 'taken' || answer.events[0] === undefined) throw new Error(`answered ${answer.kind}`);
    return answer.events[0];
  }
  const receive = (codes: string[], more: Partial<EventLine> = {}, event: Partial<TraceEvent> = {}): Promise<EventAnswer> => take({ kind: 'receipt', lines: [whole(codes, { expiresOn: '2027-12-31', lot: 'A1', ...more })], ...event });
  const sell = (code: string, event: Partial<TraceEvent> = {}, more: Partial<EventLine> = {}): Promise<EventAnswer> => take({ kind: 'dispense', lines: [whole([code], more)], ...event });
  const giveBack = (code: string): Promise<EventAnswer> => take({ kind: 'dispense-return', lines: [whole([code])] });

  async function scan(request: Partial<ScanRequest> & { readonly code: string }, more: Partial<Scanning> = {}): Promise<ScanAnswer> {
    const catalogue = { lookup: (_q: unknown, _institution: string, ids: readonly string[]) => Promise.resolve(new Map([...DRUGS, YP3].filter(({ drug }) => ids.includes(drug)).map((drug) => [drug.drug, drug]))) };
    const [answer] = await hospital.driver.read((q) => scanCodes({ q, institution: HOSPITAL, catalogue, recalls: new RecallBook(), nowMs: NOW, ...more }, [{ purpose: 'dispense', ...request }]));
    if (answer === undefined) throw new Error('no answer');
    return answer;
  }
  const said = ({ verdict, findings }: ScanAnswer): string => [verdict, ...findings.map(({ code, severity }) => `${code} ${severity}`)].join(', ');

  it('lets a pack in stock pass, says what it is and changes nothing', async () => {
    await receive([packCode(1)], {}, { location: '西药房' });
    const before = await hospital.rows('SELECT * FROM code');
    expect(await scan({ code: ` ${packCode(1)}\r`, drug: 'YP1' })).to.deep.include({ verdict: 'ok', findings: [], code: packCode(1), state: 'in-stock', level: 1, drug: 'YP1', drugName: '演示片', lot: 'A1', expiresOn: '2027-12-31', unitsLeft: 12_000_000n, location: '西药房' });
    expect(await hospital.rows('SELECT * FROM code')).to.deep.equal(before);
  });

  it('blocks what is no trace code, and a scan that holds several', async () => {
    expect(said(await scan({ code: '6901234567892' }))).to.equal('block, CODE_SHAPE block');
    expect(said(await scan({ code: `${packCode(1)}\n${packCode(2)}` }))).to.equal('block, CODE_SHAPE block');
  });

  it('warns of a code that never came in', async () => { expect(said(await scan({ code: packCode(1), drug: 'YP1' }))).to.equal('warn, CODE_NOT_IN_STOCK warn'); });

  it('blocks a pack that was dispensed, says when and where, and never to whom', async () => {
    await receive([packCode(1)]);
    await sell(packCode(1), { occurredAt: '2026-11-20T09:31:00+08:00', location: '西药房', documentNo: 'CF1', patient: { visitNo: 'V-SECRET', name: '张三丰' } });
    const answer = await scan({ code: packCode(1) });
    expect(said(answer)).to.equal('block, CODE_ALREADY_DISPENSED block');
    expect(answer.findings[0]?.detail).to.equal('该码已发出（2026-11-20 09:31，西药房）');
    expect(JSON.stringify(answer.findings)).not.to.contain('V-SECRET').and.not.contain('张三丰');
  });

  it('takes a second scan for the same document for what it is', async () => {
    await receive([packCode(1)]);
    await sell(packCode(1), { documentNo: 'CF1' });
    expect(said(await scan({ code: packCode(1), documentNo: 'CF1' }))).to.equal('warn, CODE_ALREADY_DISPENSED warn');
    expect(said(await scan({ code: packCode(1), documentNo: 'CF2' }))).to.equal('block, CODE_ALREADY_DISPENSED block');
  });

  it('tells of a dispense at another member only where members are told, and nothing but that', async () => {
    await receive([packCode(1)]);
    await receive([packCode(1)], {}, { institution: OTHER.code });
    await sell(packCode(1), { institution: OTHER.code, patient: { visitNo: 'V-SECRET' } });
    expect(said(await scan({ code: packCode(1) }))).to.equal('ok');
    const told = await scan({ code: packCode(1) }, { members: () => [OTHER.code] });
    expect(said(told)).to.equal('block, CODE_DISPENSED_AT_MEMBER block');
    expect(JSON.stringify(told.findings)).not.to.contain(OTHER.code).and.not.contain('V-SECRET').and.not.contain('乙');
  });

  it('warns before a returned pack is sold again, and tells of it when it is', async () => {
    await receive([packCode(1)]);
    await sell(packCode(1));
    await giveBack(packCode(1));
    expect(said(await scan({ code: packCode(1) }))).to.equal('warn, CODE_RETURNED_THEN_SOLD warn');
    expect((await sell(packCode(1))).findings.map(({ code, severity }) => `${code} ${severity}`)).to.deep.equal(['CODE_RETURNED_THEN_SOLD info']);
  });

  it('forgets a sale and a return that were voided', async () => {
    await receive([packCode(1)]);
    await take({ id: 'S1', kind: 'dispense', lines: [whole([packCode(1)])] });
    await take({ id: 'B1', kind: 'dispense-return', refers: 'S1', lines: [whole([packCode(1)])] });
    await take({ kind: 'void', refers: 'B1' });
    await take({ kind: 'void', refers: 'S1' });
    expect(said(await scan({ code: packCode(1) }))).to.equal('ok');
    expect(await hospital.rows('SELECT received_count, sold_count, returned_count FROM code')).to.deep.equal([{ received_count: 1, sold_count: 0, returned_count: 0 }]);
  });

  it('blocks an expired pack, not on its last day', async () => {
    await receive([packCode(1)], { expiresOn: '2026-11-21' });
    await receive([packCode(2)], { expiresOn: '2026-11-22' });
    expect(said(await scan({ code: packCode(1) }))).to.equal('block, CODE_EXPIRED block');
    expect(said(await scan({ code: packCode(2) }))).to.equal('ok');
    expect((await sell(packCode(1), { occurredAt: '2026-11-22T10:00:00+08:00' })).findings.map(({ code, severity }) => `${code} ${severity}`)).to.deep.equal(['CODE_EXPIRED warn']);
  });

  it('blocks a pack that was received again after it was sold, when it is received and ever after', async () => {
    await receive([packCode(1)]);
    await sell(packCode(1));
    expect(said(await scan({ code: packCode(1), purpose: 'receive' }))).to.equal('block, CODE_RECEIVED_AFTER_SOLD block');
    await receive([packCode(1)]);
    expect(said(await scan({ code: packCode(1) }))).to.equal('block, CODE_RECEIVED_AFTER_SOLD block');
  });

  it('warns of the third sale of one pack', async () => {
    await receive([packCode(1)]);
    for (let at = 0; at < 2; at += 1) { await sell(packCode(1)); await giveBack(packCode(1)); }
    expect(said(await scan({ code: packCode(1) }))).to.equal('warn, CODE_RETURNED_THEN_SOLD warn, CODE_UNUSUAL_PATTERN warn');
  });

  it('warns of a run of serials that nobody received, and not of a carton', async () => {
    for (let serial = 11; serial <= 15; serial += 1) await sell(packCode(serial));
    expect(said(await scan({ code: packCode(16), drug: 'YP1' }))).to.equal('warn, CODE_NOT_IN_STOCK warn, CODE_UNUSUAL_PATTERN warn');
    await receive([21, 22, 23, 24, 25, 26].map((serial) => packCode(serial)));
    for (let serial = 21; serial <= 25; serial += 1) await sell(packCode(serial));
    expect(said(await scan({ code: packCode(26) }))).to.equal('ok');
  });

  it('blocks a recalled lot in whatever spelling, and tells of it at every dispense', async () => {
    await receive([packCode(1, '8999003'), packCode(2, '8999003')], { drug: 'YP3', lot: 'b 2401' });
    await receive([packCode(3, '8999003')], { drug: 'YP3', lot: 'B2402' });
    await hospital.driver.write((q) => importNotice(q, HOSPITAL.code, { noticeNo: 'ZH-1', approvalNo: 'h20260003', lots: ['B2401'], level: 2 }, { name: 'test', atMs: NOW }));
    const answer = await scan({ code: packCode(1, '8999003') });
    expect(said(answer)).to.equal('block, CODE_RECALLED block');
    expect(answer.findings[0]?.detail).to.equal('召回通知 ZH-1，2 级召回，批号 b 2401');
    expect(said(await scan({ code: packCode(3, '8999003') }))).to.equal('ok');
    expect(said(await scan({ code: packCode(9, '8999003'), drug: 'YP3', purpose: 'receive', lot: 'B2401' }))).to.equal('block, CODE_RECALLED block');
    expect(said(await scan({ code: packCode(9, '8999003'), drug: 'YP3' }))).to.equal('warn, CODE_NOT_IN_STOCK warn, CODE_RECALLED warn');
    // in force in a running intake within a second
    await new Promise<void>((resolve) => { const began = Date.now(); const wait = (): void => { if (Date.now() - began > 1_000) resolve(); else setImmediate(wait); }; wait(); });
    expect((await sell(packCode(2, '8999003'), {}, { drug: 'YP3' })).findings.map(({ code, severity }) => `${code} ${severity}`)).to.deep.equal(['CODE_RECALLED warn']);
  });

  it('blocks another drug, warns of another lot and of a carton', async () => {
    await receive([packCode(1)]);
    await receive([packCode(1, '8999201')]);
    expect(said(await scan({ code: packCode(1), drug: 'YP2' }))).to.equal('block, CODE_DRUG_MISMATCH block');
    expect(said(await scan({ code: packCode(7), drug: 'YP2' }))).to.equal('warn, CODE_NOT_IN_STOCK warn, CODE_DRUG_MISMATCH warn');
    expect(said(await scan({ code: packCode(1), lot: 'B2' }))).to.equal('warn, LOT_MISMATCH warn');
    expect(said(await scan({ code: packCode(1, '8999201') }))).to.equal('warn, CODE_LEVEL_NOT_SMALLEST warn');
  });

  it('believes a platform for a day, of known and of unknown codes', async () => {
    await receive([packCode(1), packCode(2), packCode(3)]);
    const answers = new Map([[packCode(1), [2]], [packCode(2), [4]], [packCode(3), []], [packCode(9), [6]]]);
    await hospital.driver.write((q) => savePlatformWarnings(q, HOSPITAL.code, answers, NOW - 3_600_000));
    expect(said(await scan({ code: packCode(1) }))).to.equal('block, CODE_PLATFORM_WARNING block');
    expect(said(await scan({ code: packCode(2) }))).to.equal('warn, CODE_NOT_ACTIVATED warn');
    expect(said(await scan({ code: packCode(3) }))).to.equal('ok');
    expect(said(await scan({ code: packCode(9), purpose: 'receive' }))).to.equal('block, CODE_PLATFORM_WARNING block');
    expect(said(await scan({ code: packCode(1) }, { nowMs: NOW + 24 * 3_600_000 }))).to.equal('ok');
  });

  it('begins the life of a code of which only a platform had spoken as if nobody had', async () => {
    await hospital.driver.write((q) => savePlatformWarnings(q, HOSPITAL.code, new Map([[packCode(1, '8999201'), []]]), NOW));
    await receive([packCode(1, '8999201')], { quantity: '100' });
    expect(await hospital.rows('SELECT state, level, units_total FROM code')).to.deep.equal([{ state: 'in-stock', level: 3, units_total: '1200000000' }]);
  });

  it('judges a return, a split and a transfer by where the pack is', async () => {
    await receive([packCode(1), packCode(2)]);
    await take({ kind: 'split-open', lines: [{ ...whole([packCode(2)]), split: true }] });
    expect(said(await scan({ code: packCode(1), purpose: 'return' }))).to.equal('block, RETURN_NOT_DISPENSED block');
    expect(said(await scan({ code: packCode(1), purpose: 'split' }))).to.equal('ok');
    expect(await scan({ code: packCode(2), purpose: 'split' })).to.deep.include({ verdict: 'ok', state: 'opened', unitsLeft: 12_000_000n });
    expect(said(await scan({ code: packCode(2) }))).to.equal('block, SPLIT_MIXED block');
    expect(said(await scan({ code: packCode(1), purpose: 'transfer' }))).to.equal('ok');
  });

  it('is as grave as the policy of the institution says, except where the account of the pack would break', async () => {
    await receive([packCode(1)], { expiresOn: '2026-11-01' });
    await receive([packCode(2)]);
    await sell(packCode(2));
    const policy = { severityOf: () => 'info' as const };
    expect(said(await scan({ code: packCode(1) }, { policy }))).to.equal('ok, CODE_EXPIRED info');
    expect(said(await scan({ code: packCode(2) }, { policy }))).to.equal('block, CODE_ALREADY_DISPENSED block');
  });

  it('assigns an expired or recalled opened pack last', async () => {
    await receive([packCode(1)], { expiresOn: '2026-11-01' });
    await receive([packCode(2)]);
    for (const serial of [1, 2]) await take({ kind: 'split-open', lines: [{ ...whole([packCode(serial)]), split: true }] });
    const loose = { ...whole([]), quantity: '13', unit: '片', split: true };
    const answer = await take({ lines: [loose] });
    expect(answer.assigned.map(({ code, quantity }) => [code, quantity])).to.deep.equal([[packCode(2), '12'], [packCode(1), '1']]);
    expect(answer.findings.map(({ code, traceCode }) => [code, traceCode])).to.deep.equal([['CODE_EXPIRED', packCode(1)]]);
  });
}); });
