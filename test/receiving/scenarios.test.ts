import { expect } from 'chai';
import { compareReceipt } from '../../adapter/receiving/compare-receipt.ts';
import { DEVIATION_KINDS, deviationKey } from '../../adapter/receiving/deviation.ts';
import { plantQuantity, plantReceipt } from './receipt-scenario.ts';

/** HIS_TRACE_RECEIPTS=20000 runs more of them. */
const RECEIPTS = Number(process.env['HIS_TRACE_RECEIPTS'] ?? '1500');

describe('receiving: generated receipts', () => {
  it(`names every planted difference exactly once and invents none (${String(RECEIPTS)} receipts)`, () => {
    const seen = new Map<string, number>();
    for (let seed = 1; seed <= RECEIPTS; seed += 1) {
      const receipt = seed % 6 === 0 ? plantQuantity(plantReceipt(seed)) : plantReceipt(seed);
      const { deviations } = compareReceipt(receipt.facts);
      const named = deviations.map(deviationKey);
      expect([...named].sort(), `seed ${String(seed)}`).to.deep.equal([...receipt.planted].sort());
      expect(new Set(named).size, `seed ${String(seed)}`).to.equal(named.length);
      for (const { kind } of deviations) seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }
    // a generator that plants nothing would pass everything
    for (const kind of DEVIATION_KINDS) expect(seen.get(kind) ?? 0, kind).to.be.greaterThan(RECEIPTS / 150);
  }).timeout(60_000);

  it('says the same whatever the order of lines, codes and bill lines', () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const { facts } = plantReceipt(seed);
      const turned = {
        ...facts, lines: [...facts.lines].reverse().map((line) => ({ ...line, codes: [...line.codes].reverse() })),
        bills: facts.bills.map((bill) => ({ ...bill, lines: [...bill.lines].reverse().map((line) => ({ ...line, codes: [...line.codes].reverse() })) })),
      };
      const keys = (of: typeof facts): readonly string[] => compareReceipt(of).deviations.map(deviationKey).sort();
      expect(keys(turned), `seed ${String(seed)}`).to.deep.equal(keys(facts));
    }
  });
});
