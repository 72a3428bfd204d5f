import { expect } from 'chai';
import { ANY_PRODUCT, suspect, textKey, type EarlierRefusal, type Refusal } from '../../adapter/drift/rules.ts';

const NOW = Date.parse('2026-11-22T09:00:00+08:00');
const refusal = (more: Partial<Refusal> = {}): Refusal => ({ reason: 'CATALOG', textKey: 'a', drug: 'YP1', at: NOW, ...more });
const earlier = (deliveryNo: number, more: Partial<EarlierRefusal> = {}): EarlierRefusal => ({ deliveryNo, textKey: 'a', drug: 'YP1', at: NOW - 1_000, ...more });

describe('drift rules', () => {
  it('takes refusals for the same when they differ only in codes, numbers and rows', () => {
    const one = textKey('第3行:追溯码 89990010000000011234 的医保目录编码XJ01CAA040E001不存在［89990010000000011234］');
    expect(one).to.equal(textKey('第17行:追溯码 89990010000000099999 的医保目录编码XA02BCL055A001不存在'));
    expect(textKey('phar_name(药师姓名)不能为空')).to.equal('phar_name(药师姓名)不能为空').and.not.equal(textKey('rx_flag(处方药标志)不能为空'));
  });

  it('suspects the product at the first refusal that speaks of the catalogue', () => {
    expect(suspect(refusal(), [])).to.deep.equal({ product: 'YP1', with: [], since: NOW });
  });

  it('waits for three alike where one may be about a single code', () => {
    const invalid = refusal({ reason: 'INVALID_CODE' });
    expect(suspect(invalid, [earlier(1)])).to.equal(undefined);
    expect(suspect(invalid, [earlier(1), earlier(2, { drug: 'YP2' })])).to.equal(undefined);
    expect(suspect(invalid, [earlier(1), earlier(2, { textKey: 'b' })])).to.equal(undefined);
    expect(suspect(invalid, [earlier(1), earlier(2, { at: NOW - 2 * 86_400_000 })])).to.equal(undefined);
    const found = suspect(invalid, [earlier(2), earlier(1, { at: NOW - 5_000 })]);
    expect([found?.product, found?.since, found?.with.map((one) => one.deliveryNo)]).to.deep.equal(['YP1', NOW - 5_000, [2, 1]]);
  });

  it('suspects a field when several drugs meet it, and the drug when only one does', () => {
    const required = refusal({ reason: 'REQUIRED' });
    expect(suspect(required, [earlier(1), earlier(2, { drug: 'YP2' })])?.product).to.equal(ANY_PRODUCT);
    expect(suspect(required, [earlier(1), earlier(2)])?.product).to.equal('YP1');
    expect(suspect(required, [earlier(1)])).to.equal(undefined);
  });

  it('never suspects the platform for what speaks of one code, one settlement or ourselves', () => {
    const alike = [earlier(1), earlier(2), earlier(3)];
    for (const reason of ['DUPLICATE_CODE', 'CODE_NOT_INBOUND', 'SETTLEMENT', 'PARTLY_REJECTED', 'BILL_CONFLICT', 'MISSING_FIELD', 'CODES_MISSING'] as const) expect(suspect(refusal({ reason }), alike), reason).to.equal(undefined);
    expect(suspect(refusal({ drug: undefined }), alike)).to.equal(undefined);
  });
});
