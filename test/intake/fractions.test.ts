import { expect } from 'chai';
import type { Drug } from '../../adapter/domain/drug.ts';
import type { EventLine, TraceEvent } from '../../adapter/domain/event.ts';
import type { EventAnswer } from '../../adapter/ports/intake.ts';
import { FakeDestination } from '../support/fake-destination.ts';
import { openTestHospital, packCode, type TestHospital } from '../support/test-hospital.ts';
import { waitFor } from '../support/wait-for.ts';

const told = (quantity: string, unit: string, codes: readonly string[] = [], drug = 'YP1'): EventLine => ({ lineNo: '1', drug, quantity, unit, split: false, codes });
const BULK: Drug = { drug: 'BULK', name: '包装数量未登记', packUnit: '盒', smallestUnit: '片' };
const TEN: Drug = { drug: 'TEN', name: '十片装', packUnit: '盒', smallestUnit: '片', unitsPerPack: 10 };
const VIAL: Drug = { drug: 'VIAL', name: '单支装', packUnit: '支', smallestUnit: '支', unitsPerPack: 1 };

describe('a fraction of a pack without the split flag', () => {
  let hospital: TestHospital;
  let insurance: FakeDestination;
  beforeEach(async () => {
    insurance = new FakeDestination();
    hospital = await openTestHospital([insurance], { drugs: [BULK, TEN, VIAL] });
    await hospital.dispatcher.start();
  });
  afterEach(async () => { await hospital.stop(); });

  async function take(event: Partial<TraceEvent> & { readonly id: string }): Promise<EventAnswer> {
    const answer = await hospital.submit(event);
    if (answer.kind !== 'taken' || answer.events[0] === undefined) throw new Error(JSON.stringify(answer));
    return answer.events[0];
  }
  const pack = async (code: string): Promise<unknown> => (await hospital.rows('SELECT state, units_left FROM code WHERE code = ?', code))[0];
  const codesOf = (answer: EventAnswer): string[] => answer.findings.map(({ code, severity }) => `${code} ${severity}`);

  it('opens the scanned pack, keeps the rest in it and reports the units taken', async () => {
    await take({ id: 'R1', kind: 'receipt', lines: [told('1', '盒', [packCode(1)])] });
    expect(codesOf(await take({ id: 'D1', lines: [told('0.5', '盒', [packCode(1)])] }))).to.deep.equal([]);
    expect(await pack(packCode(1))).to.deep.equal({ state: 'opened', units_left: '6000000' });
    await waitFor('sent', () => Promise.resolve(insurance.sent.flat().some((report) => report.reported.event.id === 'D1')));
    const sent = insurance.sent.flat().find((report) => report.reported.event.id === 'D1')?.reported.lines[0];
    expect([sent?.line.split, sent?.units, sent?.packs, sent?.codes[0]?.units]).to.deep.equal([true, '6', '0.5', '6']);
    // the other half, counted in smallest units, and not a tablet more
    expect(codesOf(await take({ id: 'D2', lines: [told('6', '片', [packCode(1)])] }))).to.deep.equal([]);
    expect(await pack(packCode(1))).to.deep.equal({ state: 'dispensed', units_left: '0' });
    const third = await take({ id: 'D3', lines: [told('0.5', '盒', [packCode(1)])] });
    expect(codesOf(third)).to.deep.equal(['FRACTION_OF_PACK block']);
    expect(await hospital.rows('SELECT d.operation, d.state FROM delivery d JOIN event e ON e.event_no = d.event_no WHERE e.event_id = ?', 'D3')).to.deep.equal([{ operation: 'blocked', state: 'needs-attention' }]);
  });

  it('assigns opened packs where no code was scanned, and says what is missing where none is open', async () => {
    await take({ id: 'O1', kind: 'split-open', lines: [{ ...told('1', '盒', [packCode(1)]), split: true }] });
    expect((await take({ id: 'D1', lines: [told('0.25', '盒')] })).assigned).to.deep.equal([{ lineNo: '1', code: packCode(1), quantity: '3' }]);
    expect(codesOf(await take({ id: 'D2', lines: [told('1.5', '盒')] }))).to.deep.equal(['CODES_MISSING warn']);
    expect(await pack(packCode(1))).to.deep.equal({ state: 'opened', units_left: '9000000' });
  });

  it('takes one and a half packs from two, whole the first', async () => {
    await take({ id: 'D1', lines: [told('1.5', '盒', [packCode(1), packCode(2)])] });
    expect([await pack(packCode(1)), await pack(packCode(2))]).to.deep.equal([{ state: 'dispensed', units_left: '0' }, { state: 'opened', units_left: '6000000' }]);
  });

  it('puts a returned fraction back into the pack it came from', async () => {
    await take({ id: 'D1', lines: [told('0.5', '盒', [packCode(1)])] });
    expect(codesOf(await take({ id: 'B1', kind: 'dispense-return', refers: 'D1', lines: [told('0.25', '盒')] }))).to.deep.equal([]);
    expect(await pack(packCode(1))).to.deep.equal({ state: 'opened', units_left: '9000000' });
  });

  it('keeps whole packs whole when they are counted in smallest units', async () => {
    await take({ id: 'D1', lines: [told('24', '片', [packCode(1), packCode(2)])] });
    expect(await pack(packCode(1))).to.deep.equal({ state: 'dispensed', units_left: '0' });
    expect(await hospital.rows('SELECT split FROM event_line')).to.deep.equal([{ split: 0 }]);
  });

  it('takes half of a pack of one smallest unit as half of it', async () => {
    await take({ id: 'D1', lines: [told('0.5', '支', [packCode(1)], 'VIAL')] });
    expect(await pack(packCode(1))).to.deep.equal({ state: 'opened', units_left: '500000' });
  });

  for (const [title, line] of [
    ['a fraction that is no whole number of smallest units', told('0.33', '盒', [packCode(1)], 'TEN')],
    ['a fraction of a pack whose content is not in the catalogue', told('0.5', '盒', [packCode(1)], 'BULK')],
    ['a fraction of a drug that is not in the catalogue', told('0.5', '盒', [packCode(1)], 'UNKNOWN')],
  ] as const) {
    it(`files ${title} as needing attention and moves no pack`, async () => {
      expect(codesOf(await take({ id: 'D1', lines: [line] }))).to.include('FRACTION_OF_PACK block');
      expect(await pack(packCode(1))).to.equal(undefined);
      expect(await hospital.rows('SELECT operation, state FROM delivery')).to.deep.equal([{ operation: 'blocked', state: 'needs-attention' }]);
    });
  }

  it('leaves exempt drugs and what comes in as they were told', async () => {
    expect(codesOf(await take({ id: 'D1', lines: [told('15', '克', [], 'YP9')] }))).to.deep.equal([]);
    await take({ id: 'R1', kind: 'receipt', lines: [told('6', '片', [packCode(1)])] });
    expect(await pack(packCode(1))).to.deep.include({ state: 'in-stock' });
  });
});
