import { expect } from 'chai';
import type { SettledLine } from '../../../adapter/ports/settlement-help.ts';
import { lineCounts, settlementNode, traceCounts } from '../../../connectors/nhsa/settlement-node.ts';
import { code, line, national, reported } from './fixtures.ts';

const hubei = national({ profile: 'hubei' });
const whole = code(1);
const tablets = code(2, { units: '6' });
const dispense = reported('dispense', [line('1', { codes: [whole] }), line('2', { codes: [tablets], line: { split: true, unit: '粒', quantity: '6' } })], { id: 'D1' });
const feeLineOf = ({ eventId, lineNo }: SettledLine): string => `FEE-${eventId}-${lineNo}`;

describe('nhsa settlement help', () => {
  it('prepares the node of Hubei\'s 2207, one row per code, joined to the fee lines', () => {
    expect(settlementNode({ events: [dispense], feeLineOf }, hubei)).to.deep.equal({
      transaction: '2207', node: 'drug_trac_info', missing: [],
      rows: [
        { feedetl_sn: 'FEE-D1-1', drug_trac_codg: whole.code, trdn_flag: '0', min_prcunt_type: '2' },
        { feedetl_sn: 'FEE-D1-2', drug_trac_codg: tablets.code, trdn_flag: '1', min_prcunt_type: '1' },
      ],
    });
  });

  it('leaves out what came back, and keeps a split code of which only a part did', () => {
    const back = reported('dispense-return', [line('1', { codes: [whole] }), line('2', { codes: [code(2, { units: '2' })], line: { split: true } })], { id: 'R1' });
    expect(settlementNode({ events: [dispense, back], feeLineOf }, hubei)?.rows.map((row) => row['drug_trac_codg'])).to.deep.equal([tablets.code]);
    expect(traceCounts([dispense, back], hubei)).to.deep.equal({ minpacunt_drug_trac_cnt: 1, mcs_trac_cnt: 0 });
  });

  it('says which line has no fee line, or one too long, instead of sending half a row', () => {
    const missing = (feeLine: string | undefined): readonly string[] => settlementNode({ events: [dispense], feeLineOf: ({ lineNo }) => (lineNo === '1' ? feeLine : 'F2') }, hubei)?.missing ?? [];
    expect(missing(undefined)).to.deep.equal(['D1 第 1 行：费用明细流水号（feedetl_sn）为空']);
    expect(missing('F'.repeat(31))).to.deep.equal(['D1 第 1 行：费用明细流水号（feedetl_sn）超过 30 个字符']);
  });

  it('has no node where the settlement carries counts alone', () => {
    expect(settlementNode({ events: [dispense], feeLineOf }, national())).to.equal(undefined);
  });

  it('counts a split code by the rule of the profile', () => {
    const rule = (splitCounts: 'each' | 'none'): number | undefined => traceCounts([dispense], { settlement: { splitCounts, traceNode: null } })['minpacunt_drug_trac_cnt'];
    expect([rule('each'), rule('none')]).to.deep.equal([2, 1]);
  });

  it('has one row for a pack that came back and went out again, under the later fee line', () => {
    const back = reported('dispense-return', [line('1', { codes: [whole] })], { id: 'R1', refers: 'D1' });
    const again = reported('dispense', [line('1', { codes: [whole] })], { id: 'D2' });
    expect(settlementNode({ events: [dispense, back, again], feeLineOf }, hubei)?.rows.map((row) => row['feedetl_sn'])).to.deep.equal(['FEE-D1-2', 'FEE-D2-1']);
  });

  it('counts line by line as well; a pack that two lines took from stands in both, and once in the visit', () => {
    const more = reported('dispense', [line('1', { codes: [tablets], line: { split: true, unit: '粒', quantity: '2' } })], { id: 'D2' });
    const counts = { minpacunt_drug_trac_cnt: 1, mcs_trac_cnt: 0 };
    expect(lineCounts([dispense, more], national())).to.deep.equal([
      { source: 'his', eventId: 'D1', lineNo: '1', counts }, { source: 'his', eventId: 'D1', lineNo: '2', counts }, { source: 'his', eventId: 'D2', lineNo: '1', counts },
    ]);
    expect(traceCounts([dispense, more], national())).to.deep.equal({ minpacunt_drug_trac_cnt: 2, mcs_trac_cnt: 0 });
  });
});
