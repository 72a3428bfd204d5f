import { expect } from 'chai';
import type { EventKind } from '../../../adapter/domain/event.ts';
import type { SendResult } from '../../../adapter/domain/outcome.ts';
import type { PlannedReport, ReadBackEntry, Report, ReportedEvent, ReportLine } from '../../../adapter/ports/destination.ts';
import { regionProfile } from '../../../connectors/nhsa/profile.ts';
import { startSandbox } from '../../../plugins/sandbox/index.ts';
import type { InsuranceEntry, Sandbox } from '../../../plugins/sandbox/index.ts';
import { code, HOSPITAL, line, NEVER, open, reported, reportOf, TestClock } from './fixtures.ts';
import type { Opened } from './fixtures.ts';
import { variants } from './regions.ts';

/** What each kind becomes at the platform (insurance.md section 8). */
const KINDS: readonly (readonly [EventKind, readonly string[]])[] = [
  ['stock-count', ['stock-count', 'stock-change 103']], ['receipt', ['purchase', 'stock-change 108']], ['supplier-return', ['purchase-return', 'stock-change 109']],
  ['transfer-in', ['stock-change 101']], ['transfer-out', ['stock-change 102']], ['stock-gain', ['stock-change 103']], ['stock-loss', ['stock-change 104']], ['destroy', ['stock-change 105']],
  ['other-in', ['stock-change 106']], ['other-out', ['stock-change 107']], ['gift-in', ['stock-change 110']], ['gift-return', ['stock-change 111']],
  ['dispense', ['sale']], ['dispense-return', ['sale-return']],
];
const LETTERS = { accepted: 'A', duplicate: 'D', rejected: 'R', unavailable: 'N', unknown: 'U', processing: 'P', 'not-owed': 'O' } as const;
const letters = (results: readonly SendResult[]): string => results.map((result) => LETTERS[result.kind]).join('');

for (const variant of variants()) {
  describe(`nhsa contract: ${variant.title}`, () => {
    let sandbox: Sandbox;
    let opened: Opened;
    let serial = 0;

    beforeEach(async () => {
      const clock = new TestClock();
      sandbox = await startSandbox({ insurance: variant.sandbox, now: () => clock.at });
      opened = open(sandbox.insurance.url, { clock, settings: { ...variant.settings, timeouts: { connect: 1_000, reply: 2_000 } } });
    });
    afterEach(async () => {
      await opened.destination.stop();
      await sandbox.stop();
    });

    const lines = (): readonly ReportLine[] => { serial += 1; return [line('1', { codes: [code(serial)] })]; };
    const reportsOf = (of: ReportedEvent): readonly Report[] => opened.destination.plan(of).map((plan) => { expect(plan.unsendable, plan.operation).to.equal(undefined); return reportOf(plan, of, { firstSentAt: opened.clock.at }); });
    const event = (kind: EventKind, id: string, with_: readonly ReportLine[] = lines()): readonly Report[] => reportsOf(reported(kind, with_, { id }));
    const send = async (reports: readonly Report[]): Promise<readonly SendResult[]> => opened.destination.send(reports, { signal: NEVER });
    const live = (): readonly InsuranceEntry[] => sandbox.insuranceBook.entries.filter((entry) => entry.live);
    const sale = (id: string): Report => first(event('dispense', id));

    for (const [kind, entries] of KINDS) {
      it(`takes ${kind} as ${entries.join(' and ')}, one and several at a time`, async () => {
        const [one, two, three] = [event(kind, 'a'), event(kind, 'b'), event(kind, 'c')];
        for (const report of one) expect(letters(await send([report])), report.operation).to.equal('A');
        for (const index of one.keys()) expect(letters(await send([two, three].flatMap((reports) => reports[index] ?? [])))).to.equal('AA');
        expect(live().map((entry) => entry.kind).sort()).to.deep.equal([...entries, ...entries, ...entries].sort());
        expect(live().every((entry) => entry.institution === HOSPITAL.code)).to.equal(true);
        expect(Object.values(sandbox.insuranceBook.reportsByKey).every((count) => count === 1)).to.equal(true);
        expect(Object.keys(sandbox.notes.insurance).filter((note) => note.startsWith('unknown field'))).to.deep.equal([]);
      });
    }

    it('keeps whole packs and split units in rows of their own', async () => {
      serial += 2;
      const mixed = line('1', { codes: [code(serial - 1), code(serial, { units: '6' })], line: { quantity: '30', unit: '粒' }, units: '30', packs: '1.25' });
      const reports = event('dispense', 'mixed', [mixed]);
      expect(letters(await send(reports))).to.equal('AA');
      expect(live().map((entry) => [entry.split, entry.codes.length, entry.quantity])).to.deep.equal([[false, 1, '1'], [true, 1, '6']]);
    });

    it('takes a sale back, exactly that one', async () => {
      const [kept, gone] = [sale('kept'), sale('gone')];
      expect(letters(await send([kept, gone]))).to.equal('AA');
      const back = reversalOf(gone, opened);
      expect(letters(await send([back]))).to.equal('A');
      const sales = live().filter((entry) => entry.kind === 'sale').map((entry) => entry.key);
      if (back.operation === '3507') expect(sales).to.deep.equal([kept.key]);
      else expect(live().filter((entry) => entry.kind === 'sale-return').map((entry) => entry.codes)).to.deep.equal([gone.codes]);
    });

    it('keeps a refused row apart from its neighbours, with the platform\'s own words', async () => {
      const reports = [sale('1'), sale('2'), sale('3'), sale('4')];
      const again = reportsOf(reported('dispense', [line('1', { codes: [code(serial)] })], { id: 'again' }));
      expect(letters(await send(reports.slice(3)))).to.equal('A');
      const results = await send([...reports.slice(0, 2), ...again, ...reports.slice(2, 3)]);
      expect(letters(results)).to.equal('AARA');
      expect(results[2]).to.include({ reason: 'DUPLICATE_CODE' });
      expect(live()).to.have.length(4);
    });

    for (const [text, expected] of [['医保目录编码不存在', 'rejected CATALOG'], ['系统繁忙,请稍后再试', 'unavailable SYSTEM'], ['服务器处理超时', 'unknown SYSTEM'], ['从未见过的说法', 'rejected UNKNOWN_TEXT']] as const) {
      it(`reads the refusal “${text}” as ${expected}`, async () => {
        sandbox.faults.set([{ effect: 'errorBody', platform: 'insurance', operation: '3505*', text }]);
        const [result] = await send([sale('x')]);
        expect(result === undefined ? '' : `${result.kind} ${'reason' in result ? result.reason : ''}`).to.equal(expected);
      });
    }

    it('does not know the outcome when the reply is lost, and finds it by asking', async () => {
      sandbox.faults.set([{ effect: 'dropReplyAfterCommit', platform: 'insurance', operation: '3505*', calls: 1 }, { effect: 'dropBeforeCommit', platform: 'insurance', operation: '3506*', calls: 1 }]);
      const [done, undone] = [sale('done'), first(event('dispense-return', 'undone'))];
      expect(letters(await send([done])) + letters(await send([undone]))).to.equal('UU');
      const [found, missing] = await opened.destination.ask([done, undone], { signal: NEVER });
      expect(found?.kind === 'settled' && found.outcome.kind).to.equal('accepted');
      expect(missing).to.deep.equal({ kind: 'absent' });
      expect(letters(await send([undone]))).to.equal('A');
      expect(Object.values(sandbox.insuranceBook.reportsByKey)).to.deep.equal([1, 1]);
    });

    it('reads back what the platform has on record', async () => {
      const sent: Report[] = [];
      for (const kind of ['dispense', 'dispense-return', 'transfer-in', 'destroy'] as const) sent.push(...event(kind, kind));
      for (const report of sent) expect(letters(await send([report]))).to.equal('A');
      const page = await opened.destination.readBack?.({ institution: HOSPITAL, from: '2026-11-20', to: '2026-11-22', drugs: ['YP00012'] }, { signal: NEVER });
      expect(page?.unread).to.deep.equal([]);
      expect(page?.next).to.equal(undefined);
      expect(sorted(page?.entries ?? [])).to.deep.equal(sorted(sent.map((report) => ({ operation: report.operation, key: report.key, drug: 'YP00012', codes: report.codes, quantity: '1', at: '2026-11-22 09:31:05' }))));
    });

    it('shows in the probe that it works', async () => {
      const results = await opened.destination.probe();
      expect(results.filter((result) => !result.ok)).to.deep.equal([]);
    });
  });
}

describe('nhsa profiles', () => {
  it('each name a title, their own file and only what the code knows', () => {
    const names = variants().map((variant) => String(variant.settings['profile']));
    expect(names).to.include.members(['national', 'inner-mongolia', 'jilin', 'hubei', 'guangzhou', 'shanghai', 'beijing']);
    const known = new Set(Object.keys(regionProfile('national')));
    for (const name of new Set(names)) {
      const profile = regionProfile(name);
      expect(profile.name).to.equal(name);
      expect(Object.keys(profile).filter((key) => !known.has(key)), name).to.deep.equal([]);
    }
  });
});

function first(reports: readonly Report[]): Report {
  const [report] = reports;
  if (report === undefined) throw new Error('nothing planned');
  return report;
}

function reversalOf(report: Report, { destination }: Opened): Report {
  const plan: PlannedReport | undefined = destination.planReversal(report, { ...report.reported.event, kind: 'void' });
  if (plan === undefined) throw new Error('no reversal');
  return reportOf(plan, report.reported, { reverses: { operation: report.operation, key: report.key } });
}

function sorted(entries: readonly ReadBackEntry[]): readonly ReadBackEntry[] {
  return [...entries].sort((a, b) => (a.key < b.key ? -1 : 1));
}
