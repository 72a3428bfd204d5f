import { expect } from 'chai';
import { quantityMatches } from '../../adapter/reconcile/quantity-match.ts';

const line = (quantity: string, units: string, unitsPerPack = 24): { quantity: string; units: string; unitsPerPack: number } => ({ quantity, units, unitsPerPack });

describe('reconcile: quantities', () => {
  it('takes packs, smallest units, and both of one line for the same', () => {
    expect(quantityMatches(['2'], line('2', '48'))).to.equal(true);
    expect(quantityMatches(['2'], line('48', '48'))).to.equal(true);
    expect(quantityMatches(['6.0000'], line('6', '6'))).to.equal(true);
    // 30 units = one whole pack and 6 of an opened one
    expect(quantityMatches(['1', '6'], line('30', '30'))).to.equal(true);
    expect(quantityMatches(['-2'], line('2', '48'))).to.equal(true);
  });

  it('takes the fraction of a pack that was rounded to four decimals', () => {
    expect(quantityMatches(['0.3333'], line('1', '1', 3))).to.equal(true);
    expect(quantityMatches(['0.34'], line('1', '1', 3))).to.equal(false);
  });

  it('sees another quantity', () => {
    expect(quantityMatches(['3'], line('2', '48'))).to.equal(false);
    expect(quantityMatches(['1', '7'], line('30', '30'))).to.equal(false);
    expect(quantityMatches(Array.from({ length: 12 }, () => '1'), line('12', '288'))).to.equal(true);
    expect(quantityMatches(Array.from({ length: 12 }, () => '1'), line('13', '312'))).to.equal(false);
  });

  it('does not judge what it cannot', () => {
    expect(quantityMatches([], line('1', '24'))).to.equal(undefined);
    expect(quantityMatches(['two'], line('1', '24'))).to.equal(undefined);
    expect(quantityMatches(['3'], { quantity: '2', units: undefined, unitsPerPack: undefined })).to.equal(undefined);
  });
});
