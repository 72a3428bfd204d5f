import { expect } from 'chai';
import type { CodeHistory, HistoryStep } from '../../adapter/scan/patterns/code-history.ts';
import { withoutVoided } from '../../adapter/scan/patterns/code-history.ts';
import { findPatterns } from '../../adapter/scan/patterns/find-patterns.ts';
import { serialRuns } from '../../adapter/scan/serial-run.ts';

const CODE = '89990010000000011234';
let eventNo = 0;
const step = (kind: HistoryStep['kind'], from: string, to: string, more: Partial<HistoryStep> = {}): HistoryStep => ({ kind, from, to, units: 0n, on: '2026-11-20', eventNo: eventNo++, visitNo: undefined, ...more });
const receipt = step('receipt', 'unseen', 'in-stock');
const sale = (visitNo?: string, more: Partial<HistoryStep> = {}): HistoryStep => step('dispense', 'in-stock', 'dispensed', { visitNo, ...more });
const back = step('dispense-return', 'dispensed', 'in-stock');
const found = (steps: readonly HistoryStep[], more: Partial<CodeHistory> = {}): string[] =>
  findPatterns({ code: CODE, expiresOn: '2027-12-31', unitsTotal: 12_000_000n, refusedVisits: [], elsewhere: false, ...more, steps: withoutVoided(steps) }).map(({ pattern }) => pattern);

describe('scan: patterns in the life of a code', () => {
  it('finds nothing in an ordinary life', () => {
    expect(found([receipt, sale('V1')])).to.deep.equal([]);
    expect(found([receipt, sale('V1'), back])).to.deep.equal([]);
    expect(found([receipt, step('transfer-out', 'in-stock', 'transferred'), step('transfer-in', 'transferred', 'in-stock'), sale('V1')])).to.deep.equal([]);
    expect(found([receipt, step('split-open', 'in-stock', 'opened'), ...['V1', 'V2', 'V3', 'V4'].map((visit) => step('dispense', 'opened', 'opened', { units: 3_000_000n, visitNo: visit }))])).to.deep.equal([]);
  });
  it('finds a second sale, a refused one, and one at another member', () => {
    expect(found([receipt, sale('V1'), step('dispense', 'dispensed', 'dispensed', { visitNo: 'V2' })])).to.deep.equal(['dispensed-again']);
    expect(found([receipt, sale('V1')], { refusedVisits: ['V2'] })).to.deep.equal(['dispensed-again']);
    expect(found([receipt, sale('V1')], { elsewhere: true })).to.deep.equal(['dispensed-again']);
    expect(found([receipt], { elsewhere: true })).to.deep.equal([]);
  });
  it('finds a pack sold again after it came back, one received after it was sold, and one sold after its expiry', () => {
    expect(found([receipt, sale('V1'), back, sale('V2')])).to.deep.equal(['returned-then-sold']);
    expect(found([receipt, sale('V1'), step('receipt', 'dispensed', 'in-stock')])).to.deep.equal(['received-after-sold']);
    expect(found([receipt, sale('V1', { on: '2028-01-01' })])).to.deep.equal(['sold-after-expiry']);
    expect(found([receipt, sale('V1', { on: '2027-12-31' })])).to.deep.equal([]);
  });
  it('finds one pack in many hands, whole or in more parts than it has', () => {
    expect(found([receipt, sale('V1')], { refusedVisits: ['V2', 'V3'] })).to.deep.equal(['dispensed-again', 'many-visits']);
    const parts = Array.from({ length: 13 }, (_, at) => step('dispense', 'opened', 'opened', { units: 500_000n, visitNo: `V${String(at)}` }));
    expect(found([receipt, ...parts])).to.deep.equal(['many-visits']);
  });
  it('leaves out what was voided', () => {
    expect(found([receipt, sale('V1'), step('void', 'dispensed', 'in-stock'), sale('V2')])).to.deep.equal([]);
  });
  it('finds serials counted up with the same or evenly counted check digits, and no genuine carton', () => {
    const made = (check: (at: number) => number, count = 6): string[] => Array.from({ length: count }, (_, at) => `8999001${String(100 + at).padStart(9, '0')}${String(check(at) % 10_000).padStart(4, '0')}`);
    expect(serialRuns(made(() => 1234)).map(({ codes }) => codes.length)).to.deep.equal([6]);
    expect(serialRuns(made((at) => 9_998 + at)).map(({ codes }) => codes.length)).to.deep.equal([6]);
    expect(serialRuns(made((at) => at * at * 137 + 7))).to.deep.equal([]);
    expect(serialRuns(made(() => 1, 4))).to.deep.equal([]);
    expect(serialRuns(['(01)06901234567892(21)A1', ...made(() => 1)])[0]?.codes.length).to.equal(6);
  });
});
