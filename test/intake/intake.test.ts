import { expect } from 'chai';
import type { EventLine } from '../../adapter/domain/event.ts';
import { refusal } from '../../adapter/domain/refusal.ts';
import { retryQuarantine } from '../../adapter/intake/retry-quarantine.ts';
import { systemClock } from '../../adapter/ops/system-clock.ts';
import type { EventAnswer, IntakeAnswer } from '../../adapter/ports/intake.ts';
import { FakeDestination } from '../support/fake-destination.ts';
import { onEachStore } from '../support/stores.ts';
import { HOSPITAL, openTestHospital, packCode, type TestHospital } from '../support/test-hospital.ts';

const whole = (lineNo: string, codes: string[], more: Partial<EventLine> = {}): EventLine => ({ lineNo, drug: 'YP1', quantity: String(codes.length), unit: '盒', split: false, codes, ...more });
const split = (lineNo: string, quantity: string, codes: string[] = []): EventLine => ({ lineNo, drug: 'YP1', quantity, unit: '片', split: true, codes });

function only(answer: IntakeAnswer): EventAnswer {
  if (answer.kind !== 'taken' || answer.events[0] === undefined) throw new Error(`answered ${answer.kind}`);
  return answer.events[0];
}

describe('intake', () => { onEachStore((open) => {
  let hospital: TestHospital;
  beforeEach(async () => { hospital = await openTestHospital([new FakeDestination('insurance'), new FakeDestination('mah')], { driver: await open() }); });
  afterEach(async () => { await hospital.stop(); });

  it('writes record, event, lines, ledger and one delivery per destination in one go', async () => {
    await hospital.submit({ id: 'E1', lines: [whole('1', [packCode(1), packCode(2)])] });
    const counts = await hospital.rows<{ t: string; n: number }>(`SELECT 'record' AS t, COUNT(*) AS n FROM record UNION ALL SELECT 'event', COUNT(*) FROM event UNION ALL SELECT 'line', COUNT(*) FROM event_line
      UNION ALL SELECT 'code', COUNT(*) FROM code UNION ALL SELECT 'move', COUNT(*) FROM code_event UNION ALL SELECT 'delivery', COUNT(*) FROM delivery`);
    expect(Object.fromEntries(counts.map(({ t, n }) => [t, n]))).to.deep.equal({ record: 1, event: 1, line: 1, code: 2, move: 2, delivery: 2 });
  });

  it('answers a repeat as duplicate and writes nothing', async () => {
    const event = { id: 'E1', lines: [whole('1', [packCode(1)])] };
    await hospital.submit(event);
    expect(only(await hospital.submit(event)).status).to.equal('duplicate');
    expect((await hospital.rows('SELECT 1 FROM delivery')).length).to.equal(2);
  });

  it('takes simultaneous repeats of one event once', async () => {
    const event = { id: 'E1', lines: [whole('1', [packCode(1)])] };
    const answers = await Promise.all(Array.from({ length: 20 }, () => hospital.submit(event)));
    expect(answers.map((answer) => only(answer).status).filter((status) => status === 'accepted').length).to.equal(1);
    expect((await hospital.rows('SELECT 1 FROM event')).length).to.equal(1);
  });

  it('refuses the same key with other content, keeps the record and leaves the original as it was', async () => {
    await hospital.submit({ id: 'E1', lines: [whole('1', [packCode(1)])] });
    const answer = only(await hospital.submit({ id: 'E1', lines: [whole('1', [packCode(2)])] }));
    expect([answer.status, answer.refusal?.code]).to.deep.equal(['rejected', 'EVENT_CONFLICT']);
    expect((await hospital.rows('SELECT error_code FROM record WHERE state = ?', 'quarantined'))).to.deep.equal([{ error_code: 'EVENT_CONFLICT' }]);
    expect((await hospital.rows('SELECT code FROM code'))).to.deep.equal([{ code: packCode(1) }]);
  });

  it('keeps one copy of a refused record however often the HIS repeats it', async () => {
    const record = { institution: HOSPITAL.code, source: 'his', controlId: 'M1', media: 'hl7v2' as const, charset: 'utf-8', bytes: Buffer.from('MSH|x'), interpreter: 'hl7' };
    for (let at = 0; at < 3; at += 1) {
      const answer = await hospital.intake.submit(record, { kind: 'refused', refusal: refusal('HL7_SEGMENT_MISSING', { field: 'RXD' }) });
      expect(answer.kind).to.equal('quarantined');
    }
    expect((await hospital.rows('SELECT error_code, error_field FROM record'))).to.deep.equal([{ error_code: 'HL7_SEGMENT_MISSING', error_field: 'RXD' }]);
  });

  it('takes a quarantined record when the mapping was mended', async () => {
    const event = { id: 'M1', source: 'his', institution: HOSPITAL.code, kind: 'dispense' as const, occurredAt: '2026-11-22T09:31:05+08:00', lines: [whole('1', [packCode(1)])] };
    const record = { institution: HOSPITAL.code, source: 'his', controlId: 'M1', media: 'hl7v2' as const, charset: 'utf-8', bytes: Buffer.from('MSH|x'), interpreter: 'hl7' };
    await hospital.intake.submit(record, { kind: 'refused', refusal: refusal('HL7_SEGMENT_MISSING') });
    const deps = { driver: hospital.driver, intake: hospital.intake, clock: systemClock, interpreters: new Map([['hl7', () => ({ kind: 'events' as const, events: [event] })]]) };
    expect(await retryQuarantine(deps, { institution: HOSPITAL.code }, { dryRun: true })).to.deep.equal({ matched: 1, changed: 0, skipped: [] });
    expect((await retryQuarantine(deps, { institution: HOSPITAL.code }, { dryRun: false })).changed).to.equal(1);
    expect((await hospital.rows('SELECT event_id FROM event'))).to.deep.equal([{ event_id: 'M1' }]);
    expect((await hospital.rows('SELECT state FROM record ORDER BY record_no'))).to.deep.equal([{ state: 'retried' }, { state: 'taken' }]);
  });

  it('refuses an event of an institution that is not configured and keeps the record', async () => {
    const answer = await hospital.submit({ id: 'E1', institution: 'H99999999999', lines: [whole('1', [packCode(1)])] });
    expect(answer.kind === 'quarantined' ? answer.refusal.code : answer.kind).to.equal('EVENT_INSTITUTION_UNKNOWN');
  });

  it('refuses a code that a spreadsheet has mangled, and never guesses it', async () => {
    const answer = await hospital.submit({ id: 'E1', lines: [whole('1', ['8.999E+19'])] });
    expect(answer.kind === 'quarantined' ? [answer.refusal.code, answer.refusal.field] : answer.kind).to.deep.equal(['CODE_UNUSABLE', 'lines[0].codes[0]']);
  });

  it('assigns opened packs, oldest expiry first, and gives a repeat the same answer', async () => {
    await hospital.submit({ id: 'R1', kind: 'receipt', lines: [whole('1', [packCode(1)], { expiresOn: '2028-01-01' }), whole('2', [packCode(2)], { expiresOn: '2027-01-01' })] });
    await hospital.submit({ id: 'O1', kind: 'split-open', lines: [split('1', '12', [packCode(1)])].map((line) => ({ ...line, quantity: '1', unit: '盒' })) });
    await hospital.submit({ id: 'O2', kind: 'split-open', lines: [split('1', '12', [packCode(2)])].map((line) => ({ ...line, quantity: '1', unit: '盒' })) });
    const event = { id: 'D1', lines: [split('1', '15')] };
    const assigned = [{ lineNo: '1', code: packCode(2), quantity: '12' }, { lineNo: '1', code: packCode(1), quantity: '3' }];
    expect(only(await hospital.submit(event)).assigned).to.deep.equal(assigned);
    expect([...only(await hospital.submit(event)).assigned].sort((a, b) => (a.quantity < b.quantity ? -1 : 1))).to.deep.equal(assigned);
  });

  it('refuses to dispense more units than the opened packs hold, and takes the same event after another pack was opened', async () => {
    await hospital.submit({ id: 'O1', kind: 'split-open', lines: [{ ...split('1', '1', [packCode(1)]), unit: '盒' }] });
    const event = { id: 'D1', lines: [split('1', '15')] };
    const refused = await hospital.submit(event);
    expect(refused.kind === 'quarantined' ? refused.refusal.code : refused.kind).to.equal('SPLIT_INSUFFICIENT');
    await hospital.submit({ id: 'O2', kind: 'split-open', lines: [{ ...split('1', '1', [packCode(2)]), unit: '盒' }] });
    expect(only(await hospital.submit(event)).status).to.equal('accepted');
    expect((await hospital.rows('SELECT state FROM record WHERE control_id = ? ORDER BY record_no', 'D1'))).to.deep.equal([{ state: 'superseded' }, { state: 'taken' }]);
  });

  it('never dispenses the same unit twice to windows that ask at the same moment', async () => {
    await hospital.submit({ id: 'O1', kind: 'split-open', lines: [{ ...split('1', '1', [packCode(1)]), unit: '盒' }] });
    const answers = await Promise.all(Array.from({ length: 10 }, (_, at) => hospital.submit({ id: `D${String(at)}`, lines: [split('1', '5')] })));
    expect(answers.filter((answer) => answer.kind === 'taken').length).to.equal(2);
    expect((await hospital.rows('SELECT units_left FROM code'))).to.deep.equal([{ units_left: '2000000' }]);
  });

  it('puts returned units back into the packs they came from', async () => {
    await hospital.submit({ id: 'O1', kind: 'split-open', lines: [{ ...split('1', '1', [packCode(1)]), unit: '盒' }] });
    await hospital.submit({ id: 'D1', lines: [split('1', '8')] });
    await hospital.submit({ id: 'B1', kind: 'dispense-return', refers: 'D1', lines: [split('1', '3')] });
    expect((await hospital.rows('SELECT units_left FROM code'))).to.deep.equal([{ units_left: '7000000' }]);
    const tooMuch = await hospital.submit({ id: 'B2', kind: 'dispense-return', refers: 'D1', lines: [split('1', '6')] });
    expect(tooMuch.kind).to.equal('quarantined');
  });

  it('keeps a void of an unknown event for later and takes it once the original is there', async () => {
    const early = await hospital.submit({ id: 'V1', kind: 'void', refers: 'E1' });
    expect(early.kind === 'quarantined' ? early.refusal.code : early.kind).to.equal('EVENT_REFERS_UNKNOWN');
    await hospital.submit({ id: 'E1', lines: [whole('1', [packCode(1)])] });
    expect(only(await hospital.submit({ id: 'V1', kind: 'void', refers: 'E1' })).status).to.equal('accepted');
    expect((await hospital.rows('SELECT state FROM code'))).to.deep.equal([{ state: 'unseen' }]);
  });

  it('attaches a settlement that came before a late dispense of the visit', async () => {
    await hospital.submit({ id: 'S1', kind: 'settlement', occurredAt: '2026-11-22T10:00:00+08:00', patient: { visitNo: 'V1', settlementId: 'SETL1', settlementType: 'insured' } });
    await hospital.submit({ id: 'E1', patient: { visitNo: 'V1', settlementType: 'insured' }, lines: [whole('1', [packCode(1)])] });
    expect((await hospital.rows('SELECT DISTINCT state FROM delivery'))).to.deep.equal([{ state: 'queued' }]);
    expect((await hospital.rows('SELECT settlement_id FROM event_settlement'))).to.deep.equal([{ settlement_id: 'SETL1' }]);
  });
}); });
