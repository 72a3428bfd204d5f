import { expect } from 'chai';
import fc from 'fast-check';
import type { Drug } from '../../adapter/domain/drug.ts';
import { formatQuantity, wholeQuantity } from '../../adapter/domain/quantity.ts';
import { convertQuantity } from '../../adapter/domain/unit-conversion.ts';

const TABLETS: Drug = { drug: 'YP1', name: '片剂', packUnit: '盒', smallestUnit: '片', unitsPerPack: 24 };

function converted(drug: Drug, quantity: string, unit: string): string {
  const result = convertQuantity(drug, quantity, unit);
  return 'problem' in result ? result.problem : `${formatQuantity(result.units)} | ${result.packs === undefined ? '?' : formatQuantity(result.packs)}`;
}

describe('convertQuantity', () => {
  it('multiplies packs and divides smallest units', () => {
    expect(converted(TABLETS, '2', '盒')).to.equal('48 | 2');
    expect(converted(TABLETS, '12', '片')).to.equal('12 | 0.5');
    expect(converted(TABLETS, '1', '片')).to.equal('1 | 0.041667');
    expect(converted(TABLETS, '0.5', '片')).to.equal('0.5 | 0.020833');
  });

  it('reads a fraction of a pack as whole smallest units, cut decimals included', () => {
    expect(converted(TABLETS, '0.5', '盒')).to.equal('12 | 0.5');
    expect(converted({ ...TABLETS, unitsPerPack: 12 }, '0.3333', '盒')).to.equal('4 | 0.333333');
    expect(converted({ ...TABLETS, unitsPerPack: 12 }, '0.66', '盒')).to.equal('8 | 0.666667');
    expect(converted({ ...TABLETS, unitsPerPack: 7 }, '1.142857', '盒')).to.equal('8 | 1.142857');
  });

  it('refuses a fraction that is no whole number of smallest units', () => {
    expect(converted({ ...TABLETS, unitsPerPack: 5 }, '0.5', '盒')).to.equal('not-whole');
    expect(converted(TABLETS, '0.3', '盒')).to.equal('not-whole');
    expect(converted({ ...TABLETS, unitsPerPack: 100 }, '0.333', '盒')).to.equal('not-whole');
  });

  it('compares unit names in one form', () => {
    expect(converted({ ...TABLETS, smallestUnit: 'ml' }, '3', ' ＭＬ ')).to.equal('3 | 0.125');
    expect(converted(TABLETS, '１', '盒 ')).to.equal('24 | 1');
  });

  it('counts packs where the catalogue has no units or the line has none', () => {
    const plain: Drug = { drug: 'YP2', name: '无单位' };
    expect(converted(plain, '3', '瓶')).to.equal('3 | 3');
    expect(converted({ ...plain, packUnit: '瓶' }, '3', '瓶')).to.equal('3 | 3');
    expect(converted(TABLETS, '3', '')).to.equal('72 | 3');
    expect(converted({ ...TABLETS, smallestUnit: '盒' }, '2', '盒')).to.equal('48 | 2');
    expect(converted({ ...plain, smallestUnit: '支', unitsPerPack: 1 }, '2', '盒')).to.equal('2 | 2');
  });

  it('leaves packs open where the catalogue does not know how many units make one', () => {
    expect(converted({ drug: 'YP3', name: '缺包装数量', packUnit: '盒', smallestUnit: '片' }, '3', '片')).to.equal('3 | ?');
  });

  it('names what is wrong', () => {
    expect(converted(TABLETS, '2', '袋')).to.equal('unit-unknown');
    for (const text of ['', 'x', '1e3', '1.0000001', '１，０']) expect(converted(TABLETS, text, '盒'), text).to.equal('not-a-number');
  });

  it('keeps the sign of returns', () => {
    expect(converted(TABLETS, '-2', '盒')).to.equal('-48 | -2');
    expect(converted({ ...TABLETS, unitsPerPack: 12 }, '-0.3333', '盒')).to.equal('-4 | -0.333333');
  });

  it('is exact for any whole number of units, sent as units or as a fraction with six decimals', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 50_000 }), (perPack, units) => {
      const drug = { ...TABLETS, unitsPerPack: perPack };
      const direct = convertQuantity(drug, String(units), '片');
      expect(direct).to.have.property('units', wholeQuantity(units));
      if ('problem' in direct || direct.packs === undefined) throw new Error('expected packs');
      expect(convertQuantity(drug, formatQuantity(direct.packs), '盒')).to.deep.equal(direct);
    }));
  });
});
