import { expect } from 'chai';
import fc from 'fast-check';
import type { Patient } from '../../adapter/domain/event.ts';
import { isDoubtful, settlementFor, type VisitDispense, type VisitSettlement } from '../../adapter/intake/settlement-rule.ts';

const at = (clock: string): number => Date.parse(`2026-11-22T${clock}:00+08:00`);
const dispense = (clock: string, patient: Patient = {}): VisitDispense => ({ atMs: at(clock), patient: { visitNo: 'V1', settlementType: 'insured', ...patient } });
const settlement = (settlementId: string, clock: string): VisitSettlement => ({ eventNo: 1, settlementId, settlementType: 'insured', settlementArea: undefined, atMs: at(clock) });

describe('settlement rule', () => {
  const S1 = settlement('S1', '08:30');
  const S2 = settlement('S2', '10:30');
  const table: readonly [string, VisitDispense, readonly VisitSettlement[], string | undefined][] = [
    ['leaves a dispense alone while its visit has no settlement', dispense('08:00'), [], undefined],
    ['takes the settlement after the dispense', dispense('08:00'), [S1], 'S1'],
    ['takes the settlement of the same moment', dispense('08:30'), [S1], 'S1'],
    ['takes the first of several after the dispense', dispense('08:00'), [S2, S1], 'S1'],
    ['takes the later one for a later dispense', dispense('10:00'), [S1, S2], 'S2'],
    ['takes the one before the dispense when nothing follows (先收费后发药)', dispense('09:00'), [S1], 'S1'],
    ['takes the last of several before the dispense', dispense('11:00'), [S2, S1], 'S2'],
    ['lets a settlement id given by the HIS stand', dispense('09:00', { settlementId: 'OWN' }), [S1, S2], undefined],
    ['leaves a dispense said to be self-pay alone', dispense('09:00', { settlementType: 'self-pay' }), [S1], undefined],
    ['waits for the settlement after an inpatient dispense: what precedes is an interim one (中途结算)', dispense('09:00', { class: 'inpatient' }), [S1], undefined],
    ['takes the settlement after an inpatient dispense', dispense('09:00', { class: 'inpatient' }), [S1, S2], 'S2'],
  ];
  for (const [title, dispensed, settlements, expected] of table) {
    it(title, () => { expect(settlementFor(dispensed, settlements)?.settlementId).to.equal(expected); });
  }

  it('gives each of two dispenses its own of two settlements', () => {
    expect(['08:00', '10:00'].map((clock) => settlementFor(dispense(clock), [S1, S2])?.settlementId)).to.deep.equal(['S1', 'S2']);
  });

  it('calls a settlement before the dispense doubtful only when it pays for an earlier dispense', () => {
    expect(isDoubtful(dispense('10:00'), S1, [dispense('08:00')], [S1])).to.equal(true);
    expect(isDoubtful(dispense('10:00'), S1, [dispense('08:00', { settlementType: 'self-pay' })], [S1])).to.equal(false);
    expect(isDoubtful(dispense('10:00'), S1, [dispense('09:00')], [S1])).to.equal(false);
    expect(isDoubtful(dispense('08:00'), S1, [dispense('08:10')], [S1])).to.equal(false);
  });

  it('gives the same answer in whatever order the settlements are known', () => {
    const clocks = fc.integer({ min: 0, max: 12 }).map((hour) => `${String(hour + 8).padStart(2, '0')}:00`);
    const some = fc.array(fc.tuple(fc.constantFrom('A', 'B', 'C', 'D'), clocks), { maxLength: 6 }).map((all) => all.map(([id, clock]) => settlement(id, clock)));
    fc.assert(fc.property(clocks, fc.constantFrom('outpatient' as const, 'inpatient' as const), some.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))), (clock, patientClass, [one, other]) => {
      const dispensed = dispense(clock, { class: patientClass });
      expect(settlementFor(dispensed, one)?.settlementId).to.equal(settlementFor(dispensed, other)?.settlementId);
    }));
  });
});
