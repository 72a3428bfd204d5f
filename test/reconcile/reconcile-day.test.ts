import { expect } from 'chai';
import { chinaDate } from '../../adapter/domain/china-time.ts';
import type { FaultReason } from '../../adapter/domain/outcome.ts';
import { systemClock } from '../../adapter/ops/system-clock.ts';
import type { ReadBackEntry, ReadBackPage, ReadBackRange } from '../../adapter/ports/destination.ts';
import { silentLog } from '../../adapter/ports/log.ts';
import { SELECT_KEYS } from '../../adapter/reconcile/foreign-entries.ts';
import { reconcileNightly, reconciliationCheck } from '../../adapter/reconcile/nightly-reconciliation.ts';
import { businessDays, SELECT_ACCEPTED, SELECT_LINES } from '../../adapter/reconcile/our-reports.ts';
import { SELECT_SOMETHING_DUE } from '../../adapter/reconcile/patience.ts';
import { reconcileDay } from '../../adapter/reconcile/reconcile-day.ts';
import { SELECT_DAYS, type Reconciliation } from '../../adapter/reconcile/reconciliation-store.ts';
import { SELECT_TAKEN_BACK } from '../../adapter/reconcile/confirm.ts';
import { CHUNK_EVENTS } from '../../adapter/store/queries/summary-view.ts';
import { assertUsesIndex } from '../support/explain.ts';
import { FakeDestination } from '../support/fake-destination.ts';
import { onEachStore } from '../support/stores.ts';
import { DRUGS, HOSPITAL, openTestHospital, packCode, type TestHospital } from '../support/test-hospital.ts';
import { waitFor } from '../support/wait-for.ts';

const NEVER = new AbortController().signal;

/** A platform that can be read: what it holds, with whatever a test plants. */
class ReadablePlatform extends FakeDestination {
  readonly ranges: ReadBackRange[] = [];
  entries: ReadBackEntry[] = [];
  down: FaultReason | undefined;

  readBack(range: ReadBackRange): Promise<ReadBackPage> {
    this.ranges.push(range);
    const at = Number(range.cursor ?? '0');
    const drug = range.drugs[at] ?? '';
    const more = at + 1 < range.drugs.length ? { next: String(at + 1) } : {};
    if (this.down !== undefined) return Promise.resolve({ entries: [], unread: [{ drug, reason: this.down }], ...more });
    return Promise.resolve({ entries: this.entries.filter((entry) => entry.drug === drug), unread: [], ...more });
  }
}

describe('reconcile: days', () => {
  it('looks at the business of a month before, and of the next day', () => {
    const days = businessDays('2026-03-01');
    expect([days[0], days[1], days.at(-2), days.at(-1), days.length]).to.deep.equal(['2026-03-01', '2026-02-28', '2026-01-29', '2026-03-02', 33]);
  });
});

describe('reconciliation', () => { onEachStore((open) => {
  let platform: ReadablePlatform;
  let hospital: TestHospital;
  const day = chinaDate(Date.now());
  const catalogue = { lookup: (_q: unknown, _institution: string, ids: readonly string[]) => Promise.resolve(new Map(DRUGS.filter((drug) => ids.includes(drug.drug)).map((drug) => [drug.drug, drug]))) };
  // pauses between tries pass at once
  const clock = { now: () => systemClock.now(), sleep: (_: number, signal?: AbortSignal) => { signal?.throwIfAborted(); return Promise.resolve(); } };
  const deps = (): Parameters<typeof reconcileDay>[0] => ({ driver: hospital.driver, catalogue, clock, log: silentLog, patienceMs: 0 });

  beforeEach(async () => {
    platform = new ReadablePlatform('insurance');
    platform.onSend = (report) => {
      platform.commit(report);
      platform.entries.push({ operation: report.operation, key: report.key, drug: report.reported.lines[0]?.line.drug ?? '', codes: report.codes, quantity: report.reported.lines[0]?.line.quantity ?? '', at: `${chinaDate(Date.parse(report.reported.event.occurredAt))} 09:00:00` });
      return { kind: 'accepted' };
    };
    hospital = await openTestHospital([platform], { driver: await open() });
    await hospital.dispatcher.start();
  });
  afterEach(() => hospital.stop());

  const sell = async (from: number, count: number, occurredAt = new Date().toISOString()): Promise<void> => {
    for (let at = from; at < from + count; at += 1) {
      await hospital.submit({ id: `E${String(at)}`, kind: 'dispense', occurredAt, lines: [{ lineNo: '1', drug: 'YP1', quantity: '1', unit: '盒', split: false, lot: 'A1', codes: [packCode(at)] }] });
    }
    await waitFor('all accepted', async () => Number((await hospital.rows<{ n: number }>(`SELECT COUNT(*) AS n FROM delivery WHERE state = 'accepted'`))[0]?.n) >= from + count - 1);
  };
  const drop = (at: number, byKey: boolean): void => {
    const [gone] = platform.entries.splice(at, 1);
    if (byKey && gone !== undefined) platform.held.delete(gone.key);
  };
  const run = async (): Promise<Reconciliation> => {
    const result = await reconcileDay(deps(), { institution: HOSPITAL, destination: platform, day }, NEVER);
    if (result === undefined) throw new Error('not readable');
    return result;
  };
  const figures = ({ ours, matched, missing, unknownHere, different, late, unread, complete }: Reconciliation): object => ({ ours, matched, missing, unknownHere, different, late, unread, complete });
  const NONE = { missing: 0, unknownHere: 0, different: 0, late: 0, unread: 0, complete: true };

  it('finds every report of the day on record', async () => {
    await sell(1, 4);
    expect(figures(await run())).to.deep.equal({ ...NONE, ours: 4, matched: 4 });
    expect(platform.asked).to.deep.equal([]);
  });

  it('tells dropped, foreign, changed and late reports apart, and files them', async () => {
    await sell(1, 4);
    await sell(5, 1, new Date(Date.now() - 3 * 86_400_000).toISOString());
    drop(0, true);
    const [second, third] = platform.entries;
    if (second === undefined || third === undefined) throw new Error('not sent');
    platform.entries[0] = { ...second, quantity: '3' };
    platform.entries[1] = { ...third, codes: [...third.codes, packCode(999)] };
    platform.entries.push({ operation: 'sale', key: 'OTHER-SYSTEM', drug: 'YP1', codes: [], quantity: '1', at: `${day} 10:00:00` });
    // business of another day belongs to another comparison
    platform.entries.push({ operation: 'sale', key: 'OTHER-DAY', drug: 'YP1', codes: [], at: `${chinaDate(Date.now() - 86_400_000)} 10:00:00` });
    const result = await run();
    expect(figures(result)).to.deep.equal({ ours: 5, matched: 1, missing: 1, unknownHere: 1, different: 2, late: 1, unread: 0, complete: true });
    expect(result.items.map((item) => [item.kind, item.detail])).to.deep.equal([
      ['missing', undefined], ['unknown-here', '数量 1'], ['different', '数量不一致：平台 3，本机 1'], ['different', '追溯码不一致：平台少 0 个，多 1 个'], ['late', `业务日期 ${chinaDate(Date.now() - 3 * 86_400_000)}`],
    ]);
    const seen = await reconciliationCheck.look({ driver: hospital.driver, institution: HOSPITAL.code, nowMs: Date.now(), signal: NEVER });
    expect(seen.map((finding) => [finding.subject, finding.severity, finding.detail])).to.deep.equal([[`insurance:${day}`, 'warn', '平台查不到 1 条、本机没有 1 条、内容不同 2 条']]);
  });

  it('asks about what is missing and leaves it to a person, never sends it again by itself', async () => {
    await sell(1, 2);
    drop(0, true);
    const sent = platform.sent.length;
    await run();
    expect(platform.asked.flat()).to.have.length(1);
    const [row] = await hospital.rows<{ state: string; detail: string; delivery_no: number }>(`SELECT state, detail, delivery_no FROM delivery WHERE state = 'needs-attention'`);
    expect(row?.detail).to.equal(`对账 ${day}：平台曾接受，但按药品和按编号都查不到，请在平台上核对后重发`);
    expect((await hospital.rows<{ result: string }>('SELECT result FROM delivery_attempt WHERE delivery_no = ? ORDER BY attempt_no', row?.delivery_no ?? 0)).map((one) => one.result)).to.deep.equal(['accepted', 'absent']);
    hospital.dispatcher.wake(HOSPITAL.code);
    await run();
    expect(platform.sent.length).to.equal(sent);
  });

  it('believes the platform that has it by its number although no list shows it', async () => {
    await sell(1, 2);
    drop(0, false);
    expect(figures(await run())).to.deep.equal({ ...NONE, ours: 2, matched: 2 });
  });

  it('does not miss what was taken back since', async () => {
    await sell(1, 2);
    await hospital.submit({ id: 'V1', kind: 'void', refers: 'E1', occurredAt: new Date().toISOString() });
    await waitFor('taken back', async () => Number((await hospital.rows<{ n: number }>(`SELECT COUNT(*) AS n FROM delivery WHERE operation = 'delete' AND state = 'accepted'`))[0]?.n) === 1);
    drop(0, true);
    expect(figures(await run())).to.deep.equal({ ...NONE, ours: 3, matched: 3 });
    expect(await hospital.rows(`SELECT 1 AS one FROM delivery WHERE state = 'needs-attention'`)).to.deep.equal([]);
  });

  it('names what the platform has although it was not accepted here', async () => {
    await sell(1, 1);
    const accept = platform.onSend;
    platform.onSend = async (report, times) => { await accept(report, times); return { kind: 'rejected', reason: 'RULE', peerText: 'no' }; };
    await hospital.submit({ id: 'E2', kind: 'dispense', occurredAt: new Date().toISOString(), lines: [{ lineNo: '1', drug: 'YP1', quantity: '1', unit: '盒', split: false, codes: [packCode(2)] }] });
    await waitFor('refused', async () => (await hospital.rows(`SELECT 1 AS one FROM delivery WHERE state = 'rejected'`)).length === 1);
    const result = await run();
    expect(result.different).to.equal(1);
    expect(result.items.map((item) => [item.kind, item.detail])).to.deep.equal([['not-accepted-here', '本机状态：平台拒绝']]);
  });

  it('takes nothing for missing while the platform cannot be read, and compares the day again the next night', async () => {
    await sell(1, 2);
    platform.down = 'TIMEOUT';
    expect(figures(await run())).to.deep.equal({ ...NONE, ours: 2, matched: 0, unread: 2, complete: false });
    expect(platform.ranges).to.have.length(3);
    platform.down = undefined;
    const tomorrow = { ...clock, now: () => Date.now() + 86_400_000 };
    const before = platform.ranges.length;
    await reconcileNightly({ ...deps(), clock: tomorrow }, { institutions: [HOSPITAL], destinations: [platform, new FakeDestination('mah')] }, NEVER);
    expect(platform.ranges.length).to.equal(before + 1);
    await reconcileNightly({ ...deps(), clock: tomorrow }, { institutions: [HOSPITAL], destinations: [platform] }, NEVER);
    expect(platform.ranges.length, 'a day that was compared whole is done').to.equal(before + 1);
  });

  it('does not file a report as missing when the question about it failed', async () => {
    await sell(1, 1);
    drop(0, true);
    platform.onAsk = () => ({ kind: 'no-answer', reason: 'TIMEOUT' });
    expect(figures(await run())).to.deep.equal({ ...NONE, ours: 1, matched: 0, unread: 1, complete: false });
    expect(await hospital.rows(`SELECT 1 AS one FROM delivery WHERE state = 'needs-attention'`)).to.deep.equal([]);
  });

  it('waits for reports that are due before every call, as long as its patience lasts, and ends when it is told to', async () => {
    await sell(1, 1);
    await hospital.dispatcher.switch({ institution: HOSPITAL.code, destination: 'insurance' }, { stopped: true, reason: 'test', by: 'test' });
    await hospital.submit({ id: 'E2', kind: 'dispense', occurredAt: new Date().toISOString(), lines: [{ lineNo: '1', drug: 'YP1', quantity: '1', unit: '盒', split: false, codes: [packCode(2)] }] });
    let slept = 0;
    const waiting = { ...clock, sleep: () => { slept += 1; return Promise.resolve(); } };
    await reconcileDay({ ...deps(), clock: waiting, patienceMs: 30_000 }, { institution: HOSPITAL, destination: platform, day }, NEVER);
    expect(slept).to.equal(30);
    const ended = await reconcileDay(deps(), { institution: HOSPITAL, destination: platform, day }, AbortSignal.abort(new Error('stopping'))).catch((error: unknown) => error);
    expect(ended).to.be.instanceOf(Error);
  });

  it('asks the store by indexes', async () => {
    const { driver } = hospital;
    const h = HOSPITAL.code;
    await assertUsesIndex(driver, SELECT_ACCEPTED, [h, ...Array.from({ length: CHUNK_EVENTS }, (_, at) => at), 'insurance', 0, 1], 'delivery_by_event');
    await assertUsesIndex(driver, SELECT_LINES, [h, 1], 'event_line_pkey');
    await assertUsesIndex(driver, SELECT_SOMETHING_DUE, [h, 'insurance', 0], 'delivery_due');
    await assertUsesIndex(driver, SELECT_DAYS, [h, '2026-11-01', '2026-11-30'], 'reconciliation_pkey');
    await assertUsesIndex(driver, SELECT_TAKEN_BACK, [h, 1, 1], 'event_by_refers');
    await assertUsesIndex(driver, SELECT_KEYS, [h, ...Array.from({ length: CHUNK_EVENTS }, (_, at) => at), 'insurance'], 'delivery_by_event');
  });
}); });
