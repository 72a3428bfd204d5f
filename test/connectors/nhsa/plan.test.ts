import { expect } from 'chai';
import { EVENT_KINDS } from '../../../adapter/domain/event.ts';
import type { EventKind } from '../../../adapter/domain/event.ts';
import type { PlannedReport, ReportedEvent } from '../../../adapter/ports/destination.ts';
import { planReports, planTakeBack } from '../../../connectors/nhsa/plan.ts';
import { piecesOf } from '../../../connectors/nhsa/pieces.ts';
import { code, line, national, reported } from './fixtures.ts';

const profile = national();

function plan(kind: EventKind, lines = [line('1')], event = {}): readonly PlannedReport[] {
  return planReports(reported(kind, lines, event), profile);
}

function quantities(of: ReportedEvent, operation: string): (string | undefined)[] {
  return piecesOf(of, profile).filter((piece) => piece.operation === operation).map((piece) => (piece.quantity === undefined ? undefined : String(Number(piece.quantity) / 1e6)));
}

describe('nhsa plan', () => {
  const expected: Readonly<Partial<Record<EventKind, readonly string[]>>> = {
    'receipt': ['3503', '3502:108'], 'supplier-return': ['3504', '3502:109'], 'stock-count': ['3501', '3502:103'], 'stock-gain': ['3502:103'],
    'stock-loss': ['3502:104'], 'destroy': ['3502:105'], 'transfer-in': ['3502:101'], 'transfer-out': ['3502:102'], 'other-in': ['3502:106'],
    'other-out': ['3502:107'], 'gift-in': ['3502:110'], 'gift-return': ['3502:111'], 'dispense': ['3505'], 'dispense-return': ['3506'], 'split-open': ['split-open'],
  };
  for (const kind of EVENT_KINDS) {
    it(`reports ${kind} as ${(expected[kind] ?? ['nothing']).join(' and ')}`, () => {
      expect(plan(kind, kind === 'void' || kind === 'settlement' ? [] : [line('1')]).map((report) => report.operation)).to.deep.equal(expected[kind] ?? []);
    });
  }

  it('gives every uploaded row a key of its own, at most 30 characters, the same every time', () => {
    const lines = ['1', '2', '3'].map((lineNo) => line(lineNo, { codes: [code(Number(lineNo)), code(90 + Number(lineNo), { level: 2 })], packs: '11' }));
    const keys = plan('receipt', lines).map((report) => report.key);
    expect(new Set(keys).size).to.equal(9);
    expect(keys.every((key) => key.length <= 30 && /^[PC]1122[0-9A-Z]+$/.test(key))).to.equal(true);
    expect(plan('receipt', lines).map((report) => report.key)).to.deep.equal(keys);
  });

  it('keeps keys apart even when a HIS repeats a line number', () => {
    const keys = plan('dispense', [line('1'), line('1', { codes: [code(2)] })]).map((report) => report.key);
    expect(new Set(keys).size).to.equal(2);
  });

  it('owes nothing for opening a pack and says why in Chinese', () => {
    expect(plan('split-open')[0]?.notOwed).to.match(/拆零开启/);
  });

  it('holds an insured sale until its settlement has come, a self-pay one not', () => {
    const patient = { visitNo: 'V1', name: '患者丙', settlementType: 'insured' as const };
    expect(plan('dispense', [line('1')], { patient })[0]?.hold).to.equal('settlement');
    expect(plan('dispense', [line('1')], { patient: { ...patient, settlementId: 'S1' } })[0]?.hold).to.equal(undefined);
    expect(plan('dispense', [line('1')], { patient: { ...patient, settlementType: 'self-pay' } })[0]?.hold).to.equal(undefined);
    expect(plan('dispense-return', [line('1')], { patient })[0]?.hold).to.equal(undefined);
  });

  it('treats a patient of whom nothing insured is known as self-pay, or holds by setting', () => {
    const patient = { visitNo: 'V1' };
    expect(plan('dispense', [line('1')], { patient })[0]?.hold).to.equal(undefined);
    expect(planReports(reported('dispense', [line('1')], { patient }), national({ settlementUnknown: 'hold' }))[0]?.hold).to.equal('settlement');
    expect(plan('dispense', [line('1')], { patient: { visitNo: 'V1', personNo: 'P1' } })[0]?.hold).to.equal('settlement');
  });

  it('puts sales before everything else and emergencies first', () => {
    expect(plan('dispense', [line('1')], { emergency: true })[0]?.priority).to.equal(0);
    expect(plan('dispense-return')[0]?.priority).to.equal(1);
    expect(plan('receipt')[0]?.priority).to.equal(5);
  });

  it('lets rows share a call only within institution, transaction and insured area', () => {
    const key = (kind: EventKind, event = {}): string | undefined => plan(kind, [line('1')], event)[0]?.batchKey;
    expect(key('transfer-out')).to.equal(key('destroy'));
    expect(key('dispense')).not.to.equal(key('dispense-return'));
    expect(key('dispense')).not.to.equal(key('dispense', { patient: { visitNo: 'V2', personNo: 'P2', insuredArea: '360100', settlementType: 'self-pay' } }));
  });

  it('files a line of an unknown drug, an unknown unit or a negative quantity as not sendable', () => {
    expect(plan('dispense', [line('1', { drug: undefined })])[0]?.unsendable?.reason).to.equal('DRUG_UNKNOWN');
    expect(plan('dispense', [line('1', { units: undefined, packs: undefined })])[0]?.unsendable?.reason).to.equal('CATALOG');
    expect(plan('dispense', [line('1', { packs: '-1' })])[0]?.unsendable?.reason).to.equal('RULE');
  });

  it('does not send a sale without codes unless the site allows it; returns may lack them', () => {
    const bare = [line('1', { codes: [] })];
    expect(plan('dispense', bare)[0]?.unsendable?.reason).to.equal('CODES_MISSING');
    expect(plan('dispense-return', bare)[0]?.unsendable).to.equal(undefined);
    expect(planReports(reported('dispense', bare), national({ codesRequired: false }))[0]?.unsendable).to.equal(undefined);
  });

  it('owes nothing for a quantity of zero, but does not swallow codes scanned for it', () => {
    expect(plan('dispense', [line('1', { codes: [], packs: '0', units: '0' })])[0]?.notOwed).to.match(/零/);
    expect(plan('dispense', [line('1', { packs: '0', units: '0' })])[0]?.unsendable?.reason).to.equal('RULE');
  });

  it('counts an empty shelf with 3501 and changes nothing', () => {
    const [count, change] = plan('stock-count', [line('1', { codes: [], packs: '0', units: '0' })]);
    expect(count?.notOwed ?? count?.unsendable).to.equal(undefined);
    expect(change?.notOwed).to.match(/没有库存变更/);
  });

  it('does not sell the code of a carton', () => {
    expect(plan('dispense', [line('1', { codes: [code(1, { level: 3 })] })])[0]?.unsendable?.reason).to.equal('INVALID_CODE');
  });

  it('divides a receipt of several package levels into one 3502 per level, together the quantity of the line', () => {
    const of = reported('receipt', [line('1', { packs: '125', units: '3000', codes: [code(1, { level: 3 }), code(2, { level: 2 }), code(3, { level: 2 }), code(4), code(5)] })]);
    const rows = planReports(of, profile).filter((report) => report.operation === '3502:108');
    expect(rows.map((report) => report.codes.length)).to.deep.equal([2, 2, 1]);
    expect(quantities(of, '3502:108')).to.deep.equal(['5', '20', '100']);
    expect(quantities(of, '3503')).to.deep.equal(['125']);
  });

  it('does not count goods twice when a carton and everything in it were scanned', () => {
    const of = reported('receipt', [line('1', { packs: '10', units: '240', codes: [...Array.from({ length: 10 }, (_, index) => code(index + 1)), code(50, { level: 2 })] })]);
    expect(quantities(of, '3502:108')).to.deep.equal(['10', '0']);
    expect(planReports(of, profile).find((report) => report.codes.length === 1 && report.operation === '3502:108')?.notOwed).to.match(/小包装已逐一上报/);
  });

  it('lets a level of unknown content take what the others leave', () => {
    const of = reported('receipt', [line('1', { drug: { drug: 'YP00012', name: '某药' }, packs: '22', codes: [code(1), code(2), code(3, { level: 2 })] })]);
    expect(quantities(of, '3502:108')).to.deep.equal(['2', '20']);
  });

  it('divides a line with more codes than a row may hold, exactly', () => {
    const codes = Array.from({ length: 2_000 }, (_, index) => code(index + 1));
    const of = reported('receipt', [line('1', { packs: '2000', units: '48000', codes })]);
    const parts = planReports(of, profile).filter((report) => report.operation === '3502:108');
    expect(parts.length).to.be.greaterThan(2);
    expect(parts.flatMap((report) => report.codes)).to.deep.equal(codes.map((one) => one.code));
    expect(quantities(of, '3502:108').reduce((sum, one) => sum + Number(one), 0)).to.equal(2_000);
    expect(new Set(parts.map((report) => report.key)).size).to.equal(parts.length);
  });

  it('keeps whole packs and part of a pack of one line in rows of their own', () => {
    const of = reported('dispense', [line('1', { packs: '2.25', units: '54', codes: [code(1), code(2), code(3, { units: '6' })] })]);
    const pieces = piecesOf(of, profile);
    expect(pieces.map((piece) => [piece.split, piece.codes.length, Number(piece.quantity) / 1e6])).to.deep.equal([[false, 2, 2], [true, 1, 6]]);
    const fraction = piecesOf(of, national({ splitQuantity: 'pack-fraction' }));
    expect(fraction.map((piece) => Number(piece.quantity) / 1e6)).to.deep.equal([2, 0.25]);
  });

  it('counts split rows in smallest units, or as a fraction of the pack', () => {
    const of = reported('dispense', [line('1', { line: { split: true, quantity: '6', unit: '粒' }, units: '6', packs: '0.25', codes: [code(1, { units: '4' }), code(2, { units: '2' })] })]);
    expect(quantities(of, '3505')).to.deep.equal(['6']);
    expect(piecesOf(of, national({ splitQuantity: 'pack-fraction' })).map((piece) => Number(piece.quantity) / 1e6)).to.deep.equal([0.25]);
  });

  it('gives codes of different lots rows of their own when the HIS named no lot', () => {
    const codes = [code(1, { lot: 'A1', producedOn: '2026-01-01' }), code(2, { lot: 'B1', producedOn: '2026-02-01' }), code(3, { lot: 'A1', producedOn: '2026-01-01' })];
    const of = reported('dispense', [line('1', { packs: '3', units: '72', codes, without: ['lot', 'producedOn', 'expiresOn'] })]);
    expect(quantities(of, '3505')).to.deep.equal(['2', '1']);
    expect(planReports(of, profile).map((report) => report.codes.length)).to.deep.equal([2, 1]);
  });

  it('takes other transactions for a kind from the settings', () => {
    const own = national({ transactions: { 'stock-count': '3501, 3502:106' } });
    expect(planReports(reported('stock-count', [line('1')]), own).map((report) => report.operation)).to.deep.equal(['3501', '3502:106']);
    expect(() => national({ transactions: { receipt: '3599' } })).to.throw(/3599/);
  });

  const taken = { covers: ['1'], codes: [code(1).code], reported: reported('dispense', [line('1')]) };
  it('takes back every upload with 3507, each under a key of its own', () => {
    const back = ['3501', '3502:108', '3503', '3504', '3505', '3506'].map((operation) => planTakeBack({ ...taken, operation, key: `K${operation}` }, profile));
    expect(back.map((report) => report?.operation)).to.deep.equal(Array.from({ length: 6 }, () => '3507'));
    expect(new Set(back.map((report) => report?.key)).size).to.equal(6);
  });

  it('takes back a sale with 3506 where the region wants that', () => {
    const back = planTakeBack({ ...taken, operation: '3505', key: 'K1' }, national({ reversal: 'return' }));
    expect(back?.operation).to.equal('3506');
    expect(planTakeBack({ ...taken, operation: '3503', key: 'K1' }, national({ reversal: 'return' }))?.operation).to.equal('3507');
  });

  it('cannot take back a deletion', () => {
    expect(planTakeBack({ ...taken, operation: '3507', key: 'K1' }, profile)).to.equal(undefined);
  });
});
