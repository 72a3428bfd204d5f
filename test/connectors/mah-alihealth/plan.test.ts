import { expect } from 'chai';
import fc from 'fast-check';
import { EVENT_KINDS, type EventKind } from '../../../adapter/domain/event.ts';
import type { PlannedReport, ReportLine } from '../../../adapter/ports/destination.ts';
import { problemsOfBillTypes } from '../../../connectors/mah-alihealth/bill-types.ts';
import { planEvent } from '../../../connectors/mah-alihealth/plan.ts';
import { planReversal } from '../../../connectors/mah-alihealth/plan-reversal.ts';
import type { MahSettings } from '../../../connectors/mah-alihealth/settings.ts';
import { codeOf, DRUG, lineCode, mahSettings, reported, reportLine } from './fixtures.ts';

const CASE = DRUG.prefixCase ?? '';
const INNER = DRUG.prefixInner ?? '';

function plan(kind: EventKind, lines: readonly ReportLine[], change: Partial<MahSettings> = {}, event: object = {}): PlannedReport[] {
  return planEvent(reported({ kind, ...event }, lines), mahSettings(change));
}
const whole = (...serials: number[]): ReportLine => reportLine(serials.map((serial) => lineCode(codeOf(serial))));
const split = (codes: readonly ReturnType<typeof lineCode>[], lineNo = '1'): ReportLine => reportLine(codes, { line: { split: true, unit: '片', lineNo }, packs: '0.5' });

describe('mah-alihealth plan', () => {
  const named: readonly (readonly [EventKind, string])[] = [
    ['receipt', '102'], ['supplier-return', '202'], ['destroy', '205'], ['dispense', '323'], ['dispense-return', '116'],
  ];
  for (const [kind, billType] of named) {
    it(`reports ${kind} with bill type ${billType}`, () => {
      const reports = plan(kind, [whole(1, 2)]);
      expect(reports).to.have.length(1);
      expect(reports[0]).to.deep.include({ operation: billType, covers: ['1'], codes: [codeOf(1), codeOf(2)] });
      expect(reports[0]).to.not.have.any.keys('notOwed', 'unsendable', 'hold');
    });
  }

  it('never dispenses with 321, the code of pharmacies, and refuses a configuration that wants it', () => {
    expect(plan('dispense', [whole(1)])[0]?.operation).to.equal('323');
    expect(problemsOfBillTypes({ dispense: '321' }).join()).to.include('323');
    expect(problemsOfBillTypes({ 'receipt': '202', 'stock-gain': '210', 'nonsense': '102', 'dispense-return': '102' })).to.have.length(4);
    expect(problemsOfBillTypes({ 'stock-gain': '111', 'stock-loss': '214', 'dispense': '322', 'other-out': '217', 'receipt': 'off' })).to.deep.equal([]);
  });

  for (const kind of ['stock-count', 'stock-gain', 'stock-loss', 'gift-in', 'gift-return', 'other-in', 'other-out', 'transfer-out', 'transfer-in'] as const) {
    it(`keeps ${kind} as a local record, with the reason`, () => {
      const reports = plan(kind, [whole(1), reportLine([], { line: { lineNo: '2' } })]);
      expect(reports).to.have.length(1);
      expect(reports[0]).to.deep.include({ covers: ['1', '2'], codes: [] });
      expect(reports[0]?.notOwed).to.match(/本机留存/);
    });
  }

  const switched: readonly (readonly [EventKind, Partial<MahSettings>, string])[] = [
    ['stock-gain', { billTypes: { 'stock-gain': '111' } }, '111'], ['stock-loss', { billTypes: { 'stock-loss': '214' } }, '214'],
    ['gift-in', { billTypes: { 'gift-in': '110' } }, '110'], ['gift-return', { billTypes: { 'gift-return': '212' } }, '212'],
    ['other-in', { billTypes: { 'other-in': '113' } }, '113'], ['other-out', { billTypes: { 'other-out': '217' } }, '217'],
    ['transfer-out', { transfers: '203/104' }, '203'], ['transfer-in', { transfers: '203/104' }, '104'],
    ['transfer-out', { transfers: '209/107' }, '209'], ['transfer-in', { transfers: '209/107' }, '107'], ['dispense', { billTypes: { dispense: '322' } }, '322'],
  ];
  for (const [kind, change, billType] of switched) {
    it(`reports ${kind} with ${billType} where the site switched it on`, () => {
      expect(plan(kind, [whole(1)], change)[0]).to.deep.include({ operation: billType, codes: [codeOf(1)] });
    });
  }

  it('reports nothing of a kind that the site switched off', () => {
    expect(plan('receipt', [whole(1)], { billTypes: { receipt: 'off' } })[0]?.notOwed).to.include('off');
  });

  it('makes one bill of all lines of an event', () => {
    const reports = plan('receipt', [whole(1, 2), reportLine([lineCode(codeOf(3))], { line: { lineNo: '2' } })]);
    expect(reports).to.have.length(1);
    expect(reports[0]).to.deep.include({ covers: ['1', '2'], codes: [codeOf(1), codeOf(2), codeOf(3)] });
  });

  it('never repeats a code in a bill, and lets the bill speak for both lines that name it', () => {
    const [report] = plan('dispense', [whole(1), reportLine([lineCode(codeOf(1))], { line: { lineNo: '2' } })]);
    expect(report).to.deep.include({ codes: [codeOf(1)], covers: ['1', '2'] });
  });

  it('splits 15,444 codes into bills _1 to _5, each code once', () => {
    const codes = Array.from({ length: 15_444 }, (_, at) => lineCode(codeOf(at)));
    const reports = plan('receipt', [reportLine(codes.slice(0, 9_000)), reportLine(codes.slice(9_000), { line: { lineNo: '2' } })]);
    expect(reports.map((report) => report.codes.length)).to.deep.equal([3_500, 3_500, 3_500, 3_500, 1_444]);
    expect(reports.map((report) => report.key.replace(/^.*_/, ''))).to.deep.equal(['1', '2', '3', '4', '5']);
    expect(new Set(reports.flatMap((report) => report.codes)).size).to.equal(15_444);
    expect(reports.map((report) => report.covers)).to.deep.equal([['1'], ['1'], ['1', '2'], ['2'], ['2']]);
    expect(new Set(reports.map((report) => report.batchKey)).size).to.equal(5);
  });

  it('lets the site have bills of 10,000 codes, but never on the use side', () => {
    const line = reportLine(Array.from({ length: 7_001 }, (_, at) => lineCode(codeOf(at))));
    expect(plan('receipt', [line], { codesPerBill: 10_000 }).map((report) => report.codes.length)).to.deep.equal([7_001]);
    expect(plan('dispense', [line], { codesPerBill: 10_000 }).map((report) => report.codes.length)).to.deep.equal([3_500, 3_500, 1]);
  });

  describe('split packs', () => {
    const opened = lineCode(codeOf(1), { firstOpening: true });
    const later = lineCode(codeOf(2));

    it('reports a pack once, when it is opened', () => {
      expect(plan('split-open', [split([opened])])[0]).to.deep.include({ operation: '323', codes: [codeOf(1)] });
      expect(plan('split-open', [split([lineCode(codeOf(1))])])[0]?.notOwed).to.include('首次拆零');
    });

    it('reports only the codes that this line opened', () => {
      const reports = plan('dispense', [split([opened, later])]);
      expect(reports).to.have.length(1);
      expect(reports[0]).to.deep.include({ operation: '323', codes: [codeOf(1)], covers: ['1'] });
    });

    it('owes nothing for later uses of an opened pack, and says why', () => {
      const [report] = plan('dispense', [split([later])]);
      expect(report).to.deep.include({ covers: ['1'], codes: [] });
      expect(report?.notOwed).to.include('首次拆零');
    });

    it('owes nothing for loose units that come back, with or without codes', () => {
      for (const codes of [[], [later]]) expect(plan('dispense-return', [split(codes)])[0]?.notOwed).to.include('拆零');
    });

    it('puts a whole pack and an opened pack of one prescription into one bill', () => {
      const reports = plan('dispense', [whole(9), split([opened], '2')]);
      expect(reports).to.have.length(1);
      expect(reports[0]).to.deep.include({ codes: [codeOf(9), codeOf(1)], covers: ['1', '2'] });
    });

    it('tells a pack that a loss or destruction opened as used, because no bill knows a part of a pack', () => {
      for (const kind of ['destroy', 'stock-loss', 'other-out'] as const) expect(plan(kind, [split([opened])])[0]).to.deep.include({ operation: '323', codes: [codeOf(1)] });
    });

    it('reports none where the site says never', () => {
      expect(plan('dispense', [split([opened])], { splitReport: 'never' })[0]?.notOwed).to.include('never');
    });

    it('waits until the pack is used up where the site says so, and asks for a person where the ledger does not tell', () => {
      const whenEmpty = { splitReport: 'when-empty' } as const;
      expect(plan('dispense', [split([lineCode(codeOf(1), { emptied: true })])], whenEmpty)[0]).to.deep.include({ operation: '323', codes: [codeOf(1)] });
      expect(plan('dispense', [split([lineCode(codeOf(1), { emptied: false, firstOpening: true })])], whenEmpty)[0]?.notOwed).to.include('用完');
      expect(plan('dispense', [split([opened])], whenEmpty)[0]?.unsendable?.reason).to.equal('RULE');
    });
  });

  describe('codes that cannot go out', () => {
    it('shows a line without codes to a person', () => {
      const [report] = plan('dispense', [reportLine([])]);
      expect(report?.unsendable?.reason).to.equal('CODES_MISSING');
      expect(report?.unsendable?.detail).to.include('没有追溯码');
    });

    it('says so when codes were scanned and none can be used', () => {
      const [report] = plan('receipt', [reportLine([], { line: { codes: ['x', 'y'] } })]);
      expect(report?.unsendable?.detail).to.include('2 个码都不可用');
    });

    const foreign = [lineCode('69012345678901234567'), lineCode('8999001'), lineCode('01069012345678902100000001', { scheme: 'gs1' })];
    it('does not send codes of other trace systems, and sends the rest of the line', () => {
      const reports = plan('dispense', [reportLine([lineCode(codeOf(1)), ...foreign])]);
      expect(reports.map((report) => [report.operation, report.codes.length, report.unsendable?.reason])).to.deep.equal([['323', 1, undefined], ['none', 3, 'OWNER_UNKNOWN']]);
      expect(reports.map((report) => report.covers)).to.deep.equal([['1'], ['1']]);
    });

    it('leaves them to another destination where the site says so', () => {
      const reports = plan('dispense', [reportLine(foreign)], { otherOwners: 'not-owed' });
      expect(reports.map((report) => report.notOwed)).to.deep.equal(['追溯码属于其他追溯系统，由其他上报目标负责']);
    });

    it('accepts another code range by configuration', () => {
      expect(plan('dispense', [reportLine([lineCode('69012345678901234567')])], { acceptPrefix: '69' })[0]?.codes).to.deep.equal(['69012345678901234567']);
    });

    it('does not dispense a carton code while the drug has smaller ones', () => {
      const reports = plan('dispense', [reportLine([lineCode(codeOf(1, CASE)), lineCode(codeOf(2))])]);
      expect(reports.map((report) => [report.operation, report.codes, report.unsendable?.reason])).to.deep.equal([['323', [codeOf(2)], undefined], ['none', [codeOf(1, CASE)], 'INVALID_CODE']]);
    });

    it('dispenses a carton code where the drug has no smaller one', () => {
      const { prefixUnit: _, prefixInner: __, ...cartonOnly } = DRUG;
      expect(plan('dispense', [reportLine([lineCode(codeOf(1, CASE))], { drug: cartonOnly })])[0]).to.deep.include({ operation: '323', codes: [codeOf(1, CASE)] });
    });
  });

  describe('several package levels in a receipt', () => {
    const carton = lineCode(codeOf(1, CASE));
    const inners = Array.from({ length: 10 }, (_, at) => lineCode(codeOf(at, INNER)));
    const packs = Array.from({ length: 100 }, (_, at) => lineCode(codeOf(at)));
    const codesOf = (codes: readonly ReturnType<typeof lineCode>[], quantity: string | undefined): readonly string[] => plan('receipt', [reportLine(codes, { packs: quantity })])[0]?.codes ?? [];

    it('reports the carton alone when it makes up the quantity: the packs in it were scanned besides', () => {
      expect(codesOf([carton, ...packs], '100')).to.deep.equal([carton.code]);
      expect(codesOf([carton, ...inners, ...packs], '100')).to.deep.equal([carton.code]);
      expect(codesOf([...inners, ...packs], '100')).to.deep.equal(inners.map(({ code }) => code));
    });

    it('reports all when carton and loose packs together make up the quantity', () => {
      expect(codesOf([carton, ...packs.slice(0, 5)], '105')).to.have.length(6);
    });

    it('reports the packs alone when only they make up the quantity', () => {
      expect(codesOf([lineCode(codeOf(1, INNER)), ...packs.slice(0, 20)], '20')).to.have.length(20);
    });

    it('reports as scanned when nothing can be told', () => {
      expect(codesOf([carton, ...packs.slice(0, 5)], undefined)).to.have.length(6);
      expect(codesOf([carton, ...packs.slice(0, 5)], '7')).to.have.length(6);
    });
  });

  describe('bill numbers', () => {
    const keyOf = (event: object, change: Partial<MahSettings> = {}): string => plan('dispense', [whole(1)], change, event)[0]?.key ?? '';

    it('can be recognised by people and are the same again for the same event', () => {
      expect(keyOf({})).to.match(/^CF2026112200123-[0-9A-HJKMNP-TV-Z]{14}$/);
      expect(keyOf({})).to.equal(keyOf({}));
    });

    it('differ by institution, source, event and bill type', () => {
      const keys = [keyOf({}), keyOf({ id: 'E2' }), keyOf({ source: 'his2' }), keyOf({ institution: 'H35010200002' }), plan('dispense-return', [whole(1)])[0]?.key];
      expect(new Set(keys).size).to.equal(5);
    });

    it('stay within 40 characters of letters, digits, - and _, whatever the HIS calls its documents', () => {
      fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.string({ maxLength: 80 }), (documentNo, id) => {
        const reports = plan('dispense', [whole(1, 2)], { codesPerBill: 1, billPrefix: 'HZ01' }, { documentNo, id: `i${id}` });
        for (const { key } of reports) expect(key).to.match(/^HZ01[A-Za-z0-9_-]{10,36}$/);
        expect(new Set(reports.map(({ key }) => key)).size).to.equal(2);
      }));
    });

    it('keep the end of a long document number, and fall back to the event id', () => {
      expect(keyOf({ documentNo: 'X'.repeat(50) + '0042' })).to.match(/0042-/);
      expect(keyOf({ documentNo: '处方', id: 'EV7' })).to.match(/^EV7-/);
    });
  });

  it('covers every line by some report, whatever the event holds', () => {
    const code = fc.record({ code: fc.oneof(fc.integer({ min: 0, max: 50 }).map((n) => codeOf(n)), fc.integer({ min: 0, max: 5 }).map((n) => codeOf(n, CASE)), fc.constant('ABC'), fc.constant('69012345678901234567')), firstOpening: fc.boolean() });
    const line = fc.record({ codes: fc.array(code, { maxLength: 6 }), split: fc.boolean(), packs: fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined }), known: fc.boolean() });
    const change = fc.record({
      splitReport: fc.constantFrom('first-opening', 'when-empty', 'never'), transfers: fc.constantFrom('off', '203/104', '209/107'), otherOwners: fc.constantFrom('needs-attention', 'not-owed'),
      codesPerBill: fc.integer({ min: 1, max: 4 }), billTypes: fc.constantFrom({}, { 'stock-gain': '111', 'other-out': '217' }, { dispense: 'off' }),
    }) as fc.Arbitrary<Partial<MahSettings>>;
    fc.assert(fc.property(fc.constantFrom(...EVENT_KINDS.filter((kind) => kind !== 'void' && kind !== 'settlement')), fc.array(line, { minLength: 1, maxLength: 5 }), change, (kind, lines, settings) => {
      const made = lines.map(({ codes, split: isSplit, packs, known }, at) => reportLine(
        [...new Map(codes.map((each) => [each.code, lineCode(each.code, { firstOpening: each.firstOpening })])).values()],
        { line: { lineNo: String(at + 1), split: isSplit }, packs: packs === undefined ? undefined : String(packs), drug: known ? DRUG : undefined },
      ));
      const reports = plan(kind, made, settings);
      expect(new Set(reports.flatMap((report) => report.covers))).to.deep.equal(new Set(made.map((each) => each.line.lineNo)));
      expect(new Set(reports.map((report) => report.key)).size).to.equal(reports.length);
      for (const report of reports) {
        expect(new Set(report.codes).size).to.equal(report.codes.length);
        const sent = report.notOwed === undefined && report.unsendable === undefined;
        if (sent) for (const each of report.codes) expect(each).to.match(/^8\d{19}$/);
        if (sent) expect(report.codes.length).to.be.within(1, settings.codesPerBill ?? 1);
        else expect(report.operation).to.equal('none');
        expect(report.operation).to.not.equal('321');
      }
    }), { numRuns: 400 });
  });
});

describe('mah-alihealth reversal', () => {
  const by = { ...reported({ kind: 'void', id: 'V1', refers: 'E1', occurredAt: '2026-11-23T08:00:00+08:00' }, []).event };
  const original = (operation: string) => ({ operation, key: 'B1', covers: ['1'], codes: [codeOf(1)], reported: reported({}, [whole(1)]) });

  for (const [from, to] of [['323', '116'], ['116', '323'], ['102', '202'], ['202', '102'], ['111', '214'], ['214', '111']] as const) {
    it(`takes ${from} back with ${to}, the same codes under a number of its own`, () => {
      const plan = planReversal(original(from), by, mahSettings());
      expect(plan).to.deep.include({ operation: to, codes: [codeOf(1)], covers: ['1'] });
      expect(plan?.key).to.not.equal('B1');
      expect(plan?.key).to.have.length.at.most(40);
    });
  }

  it('leaves to a person what no bill undoes: destruction, transfers, rows of which nothing was sent', () => {
    for (const operation of ['205', '203', '104', '209', '107', 'none']) expect(planReversal(original(operation), by, mahSettings()), operation).to.equal(undefined);
  });

  it('gives each of several split bills a reversal of its own', () => {
    const keys = ['B_1', 'B_2'].map((key) => planReversal({ ...original('102'), key }, by, mahSettings())?.key);
    expect(new Set(keys).size).to.equal(2);
  });
});
