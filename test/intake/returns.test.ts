import { expect } from 'chai';
import type { EventLine, Patient, TraceEvent } from '../../adapter/domain/event.ts';
import type { IntakeAnswer } from '../../adapter/ports/intake.ts';
import { FakeDestination } from '../support/fake-destination.ts';
import { onEachStore } from '../support/stores.ts';
import { openTestHospital, packCode, type TestHospital } from '../support/test-hospital.ts';

const whole = (quantity: string, ...codes: string[]): EventLine => ({ lineNo: '1', drug: 'YP1', quantity, unit: '盒', split: false, codes });
const loose = (quantity: string, ...codes: string[]): EventLine => ({ lineNo: '1', drug: 'YP1', quantity, unit: '片', split: true, codes });

describe('returns against the dispense they name', () => { onEachStore((open) => {
  let hospital: TestHospital;
  beforeEach(async () => { hospital = await openTestHospital([new FakeDestination()], { driver: await open() }); });
  afterEach(async () => { await hospital.stop(); });

  const dispense = (id: string, line: EventLine, patient: Patient = {}): Promise<string> => told({ id, patient, lines: [line] });
  const giveBack = (id: string, refers: string, line: EventLine, patient: Patient = {}): Promise<string> => told({ id, kind: 'dispense-return', refers, patient, lines: [line] });
  const openPack = (id: string, code: string): Promise<string> => told({ id, kind: 'split-open', lines: [{ ...loose('1', code), unit: '盒' }] });

  /** @returns the findings as `CODE severity`, `ok` when there are none, or the code of the refusal */
  async function told(event: Partial<TraceEvent> & { readonly id: string }): Promise<string> {
    const answer: IntakeAnswer = await hospital.submit(event);
    if (answer.kind === 'quarantined') return answer.refusal.code;
    if (answer.kind !== 'taken') throw new Error(answer.kind);
    // packs here were never received: that is not what these tests are about
    const findings = (answer.events[0]?.findings ?? []).filter((finding) => finding.code !== 'CODE_NOT_IN_STOCK');
    return findings.map(({ code, severity }) => `${code} ${severity}`).join(', ') || 'ok';
  }

  const rowsOf = async (id: string): Promise<string[]> => (await hospital.rows<{ operation: string; state: string }>(
    'SELECT d.operation, d.state FROM delivery d JOIN event e ON e.institution = d.institution AND e.event_no = d.event_no WHERE e.event_id = ? ORDER BY d.delivery_no', id)).map((row) => `${row.operation} ${row.state}`);
  const stateOf = async (code: string): Promise<string | undefined> => (await hospital.rows<{ state: string }>('SELECT state FROM code WHERE code = ?', code))[0]?.state;
  const unitsLeft = async (code: string): Promise<number> => Number((await hospital.rows<{ units_left: string }>('SELECT units_left FROM code WHERE code = ?', code))[0]?.units_left) / 1_000_000;

  it('takes back what the dispense handed out', async () => {
    await dispense('D1', whole('2', packCode(1), packCode(2)), { visitNo: 'V1', idNo: 'X1' });
    expect(await giveBack('B1', 'D1', whole('1', packCode(1)), { visitNo: 'V1', idNo: 'x1' })).to.equal('ok');
    expect(await giveBack('B2', 'D1', whole('1', packCode(2)))).to.equal('ok');
    expect([await stateOf(packCode(1)), await stateOf(packCode(2)), await rowsOf('B2')]).to.deep.equal(['in-stock', 'in-stock', ['sale queued']]);
  });

  it('files a return of another person\'s dispense as needing attention and takes nothing back', async () => {
    await dispense('D1', whole('1', packCode(1)), { visitNo: 'V1', idNo: 'A1' });
    expect(await giveBack('B1', 'D1', whole('1', packCode(1)), { visitNo: 'V2', idNo: 'B2' })).to.equal('RETURN_OTHER_PATIENT block');
    expect([await stateOf(packCode(1)), await rowsOf('B1')]).to.deep.equal(['dispensed', ['blocked needs-attention']]);
    const stored = await hospital.rows<{ detail: string }>('SELECT detail FROM finding WHERE code = ?', 'RETURN_OTHER_PATIENT');
    expect(JSON.stringify(stored)).not.to.match(/A1|B2|V1|V2/);
  });

  it('warns when only the visit differs: the refund may have one of its own', async () => {
    await dispense('D1', whole('1', packCode(1)), { visitNo: 'V1' });
    expect(await giveBack('B1', 'D1', whole('1', packCode(1)), { visitNo: 'V2' })).to.equal('RETURN_OTHER_PATIENT warn');
    expect(await stateOf(packCode(1))).to.equal('in-stock');
  });

  it('does not take back a code that another dispense handed out', async () => {
    await dispense('D1', whole('1', packCode(1)));
    await dispense('D2', whole('1', packCode(2)));
    expect(await giveBack('B1', 'D1', whole('1', packCode(2)))).to.equal('RETURN_NOT_DISPENSED block');
    expect([await stateOf(packCode(2)), await rowsOf('B1')]).to.deep.equal(['dispensed', ['blocked needs-attention']]);
  });

  it('does not take back an unknown pack for one whose code is on file', async () => {
    await dispense('D1', whole('1', packCode(1)));
    expect(await giveBack('B1', 'D1', whole('1', packCode(9)))).to.equal('RETURN_NOT_DISPENSED block');
    expect(await stateOf(packCode(9))).to.equal(undefined);
  });

  it('takes back a pack with a warning when its dispense was recorded without codes', async () => {
    await dispense('D1', whole('1'));
    expect(await giveBack('B1', 'D1', whole('1', packCode(9)))).to.equal('RETURN_NOT_DISPENSED warn');
  });

  it('does not take back a code twice, also after it went to somebody else', async () => {
    await dispense('D1', whole('1', packCode(1)));
    await giveBack('B1', 'D1', whole('1', packCode(1)));
    expect(await giveBack('B2', 'D1', whole('1', packCode(1)))).to.equal('RETURN_TOO_MUCH block');
    await dispense('D2', whole('1', packCode(1)));
    expect(await giveBack('B3', 'D1', whole('1', packCode(1)))).to.equal('RETURN_TOO_MUCH block');
    expect(await stateOf(packCode(1))).to.equal('dispensed');
    expect(await giveBack('B4', 'D2', whole('1', packCode(1)))).to.equal('ok');
  });

  it('does not take back a code that came back without naming its dispense and went to somebody else', async () => {
    await dispense('D1', whole('1', packCode(1)));
    await told({ id: 'B1', kind: 'dispense-return', lines: [whole('1', packCode(1))] });
    await dispense('D2', whole('1', packCode(1)));
    expect(await giveBack('B2', 'D1', whole('1', packCode(1)))).to.equal('RETURN_NOT_DISPENSED block');
    expect(await stateOf(packCode(1))).to.equal('dispensed');
  });

  it('does not take back more packs than were dispensed, over several returns and lines', async () => {
    await dispense('D1', whole('3'));
    expect(await giveBack('B1', 'D1', whole('2'))).to.equal('CODES_MISSING warn');
    expect(await giveBack('B2', 'D1', whole('2'))).to.equal('RETURN_TOO_MUCH block');
    expect(await rowsOf('B2')).to.deep.equal(['blocked needs-attention']);
    // what was blocked brought nothing back, so the right quantity is taken afterwards
    expect(await giveBack('B3', 'D1', whole('1'))).to.equal('CODES_MISSING warn');
    await dispense('D2', whole('2'));
    expect(await told({ id: 'B4', kind: 'dispense-return', refers: 'D2', lines: [whole('1'), { ...whole('2'), lineNo: '2' }] })).to.equal('CODES_MISSING warn, RETURN_TOO_MUCH block');
  });

  it('takes a return again after the first one was voided', async () => {
    await dispense('D1', whole('1', packCode(1)));
    await giveBack('B1', 'D1', whole('1', packCode(1)));
    await told({ id: 'VB1', kind: 'void', refers: 'B1' });
    expect(await giveBack('B2', 'D1', whole('1', packCode(1)))).to.equal('ok');
    expect(await stateOf(packCode(1))).to.equal('in-stock');
  });

  it('does not take back a drug that the dispense did not hand out, nor anything of a voided dispense', async () => {
    await dispense('D1', whole('1', packCode(1)));
    expect(await giveBack('B1', 'D1', { ...whole('1', packCode(1, '8999002')), drug: 'YP2' })).to.equal('RETURN_NOT_DISPENSED block');
    expect([await told({ id: 'VB1', kind: 'void', refers: 'B1' }), await told({ id: 'VD1', kind: 'void', refers: 'D1' })]).to.deep.equal(['ok', 'ok']);
    expect(await giveBack('B2', 'D1', whole('1', packCode(1)))).to.equal('RETURN_NOT_DISPENSED block');
  });

  it('refuses more loose units than were dispensed, over several returns', async () => {
    await openPack('O1', packCode(1));
    await dispense('D1', loose('5'));
    await dispense('D2', loose('4'));
    expect(await giveBack('B1', 'D1', loose('3'))).to.equal('ok');
    expect(await giveBack('B2', 'D1', loose('3'))).to.equal('EVENT_INVALID');
    expect(await told({ id: 'B3', kind: 'dispense-return', refers: 'D1', lines: [loose('1.5'), { ...loose('1'), lineNo: '2' }] })).to.equal('EVENT_INVALID');
    expect(await unitsLeft(packCode(1))).to.equal(6);
    expect(await told({ id: 'B4', kind: 'dispense-return', refers: 'D1', lines: [loose('1.5'), { ...loose('0.5'), lineNo: '2' }] })).to.equal('ok');
    expect(await unitsLeft(packCode(1))).to.equal(8);
  });

  it('puts no more units back into a scanned pack than that dispense took from it', async () => {
    await openPack('O1', packCode(1));
    await openPack('O2', packCode(2));
    await dispense('D1', loose('2', packCode(1)));
    await dispense('D2', loose('8', packCode(1)));
    await dispense('D3', loose('3', packCode(2)));
    expect(await giveBack('B1', 'D1', loose('3', packCode(1)))).to.equal('EVENT_INVALID');
    expect(await giveBack('B2', 'D1', loose('2', packCode(2)))).to.equal('RETURN_NOT_DISPENSED block');
    expect([await unitsLeft(packCode(1)), await unitsLeft(packCode(2))]).to.deep.equal([2, 9]);
    expect(await giveBack('B3', 'D1', loose('2', packCode(1)))).to.equal('ok');
    expect(await unitsLeft(packCode(1))).to.equal(4);
  });

  it('never puts units back twice when two returns come at the same moment', async () => {
    await openPack('O1', packCode(1));
    await dispense('D1', loose('5'));
    await dispense('D2', loose('5'));
    const answers = await Promise.all(['B1', 'B2', 'B3'].map((id) => giveBack(id, 'D1', loose('4'))));
    expect(answers.sort()).to.deep.equal(['EVENT_INVALID', 'EVENT_INVALID', 'ok']);
    expect(await unitsLeft(packCode(1))).to.equal(6);
  });

  it('files loose units that belong to no dispense as needing attention', async () => {
    expect(await told({ id: 'B1', kind: 'dispense-return', lines: [loose('2')] })).to.equal('RETURN_NOT_DISPENSED block');
    expect(await rowsOf('B1')).to.deep.equal(['blocked needs-attention']);
  });

  it('keeps a return that comes before its dispense, and takes it once the dispense is there', async () => {
    await told({ id: 'R1', kind: 'receipt', lines: [whole('1', packCode(1))] });
    await openPack('O1', packCode(2));
    expect(await giveBack('B1', 'D1', whole('1', packCode(1)))).to.equal('EVENT_REFERS_UNKNOWN');
    expect(await giveBack('B2', 'D2', loose('2'))).to.equal('EVENT_REFERS_UNKNOWN');
    expect(await hospital.rows('SELECT control_id FROM record WHERE state = ? ORDER BY record_no', 'quarantined')).to.deep.equal([{ control_id: 'B1' }, { control_id: 'B2' }]);
    await dispense('D1', whole('1', packCode(1)));
    await dispense('D2', loose('2'));
    expect([await giveBack('B1', 'D1', whole('1', packCode(1))), await giveBack('B2', 'D2', loose('2'))]).to.deep.equal(['ok', 'ok']);
    expect([await stateOf(packCode(1)), await unitsLeft(packCode(2))]).to.deep.equal(['in-stock', 12]);
  });

  it('keeps a return back while its dispense is in quarantine', async () => {
    expect(await dispense('D1', loose('3'))).to.equal('SPLIT_INSUFFICIENT');
    expect(await giveBack('B1', 'D1', whole('1', packCode(1)))).to.equal('EVENT_REFERS_UNKNOWN');
  });

  it('takes a return of a dispense from before the installation with a warning', async () => {
    expect(await giveBack('B1', 'OLD', whole('1', packCode(1)))).to.equal('RETURN_NOT_DISPENSED warn, REFERS_UNKNOWN warn');
  });

  it('refuses a return that names something else than a dispense', async () => {
    await told({ id: 'R1', kind: 'receipt', lines: [whole('1', packCode(1))] });
    expect(await giveBack('B1', 'R1', whole('1', packCode(1)))).to.equal('EVENT_INVALID');
  });
}); });
