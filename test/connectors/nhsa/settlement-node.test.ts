import { expect } from 'chai';
import { settlementNode, traceCounts } from '../../../connectors/nhsa/settlement-node.ts';
import { code, line, national, reported } from './fixtures.ts';

const hubei = national({ profile: 'hubei' });
const whole = code(1);
const tablets = code(2, { units: '6' });
const dispense = reported('dispense', [line('1', { codes: [whole] }), line('2', { codes: [tablets], line: { split: true, unit: '粒', quantity: '6' } })], { id: 'D1' });
const feeLineOf = (event: string, lineNo: string): string => `FEE-${event}-${lineNo}`;

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
    const missing = (feeLine: string | undefined): readonly string[] => settlementNode({ events: [dispense], feeLineOf: (_, lineNo) => (lineNo === '1' ? feeLine : 'F2') }, hubei)?.missing ?? [];
    expect(missing(undefined)).to.deep.equal(['D1 第 1 行：费用明细流水号（feedetl_sn）为空']);
    expect(missing('F'.repeat(31))).to.deep.equal(['D1 第 1 行：费用明细流水号（feedetl_sn）超过 30 个字符']);
  });

  it('has no node where the settlement carries counts alone', () => {
    expect(settlementNode({ events: [dispense], feeLineOf }, national())).to.equal(undefined);
  });

  it('counts a split code by the rule of the profile', () => {
    const rule = (splitCounts: 'each' | 'none'): number => traceCounts([dispense], { settlement: { splitCounts, traceNode: null } }).minpacunt_drug_trac_cnt;
    expect([rule('each'), rule('none')]).to.deep.equal([2, 1]);
  });
});
