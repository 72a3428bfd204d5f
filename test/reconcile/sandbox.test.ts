import { expect } from 'chai';
import { chinaDate, chinaIso } from '../../adapter/domain/china-time.ts';
import { systemClock } from '../../adapter/ops/system-clock.ts';
import type { Destination, Report, ReportedEvent } from '../../adapter/ports/destination.ts';
import { silentLog } from '../../adapter/ports/log.ts';
import { reconcileDay } from '../../adapter/reconcile/reconcile-day.ts';
import type { Reconciliation } from '../../adapter/reconcile/reconciliation-store.ts';
import { nhsa } from '../../connectors/nhsa/index.ts';
import { startSandbox, type Sandbox } from '../../plugins/sandbox/index.ts';
import { code, DRUG, HOSPITAL, line, NEVER, reported, reportOf, settingsWith, TestCounters } from '../connectors/nhsa/fixtures.ts';
import { openTestHospital, type TestHospital } from '../support/test-hospital.ts';
import { waitFor } from '../support/wait-for.ts';

/** The real connector against the sandbox; differences are planted at the platform by another system that knows our keys. */
describe('reconciliation with the insurance platform of the sandbox', () => {
  let sandbox: Sandbox;
  let hospital: TestHospital;
  let ours: Destination;
  let other: Destination;
  const now = Date.now();
  const day = chinaDate(now);

  beforeEach(async () => {
    sandbox = await startSandbox();
    const counters = new TestCounters();
    const connect = (): Destination => nhsa.create({
      name: 'insurance', settings: settingsWith({ baseUrl: sandbox.insurance.url, paasId: sandbox.insurance.paasId, paasToken: sandbox.insurance.paasToken }),
      institutions: [HOSPITAL], clock: systemClock, log: silentLog, counters, count: () => undefined,
    });
    [ours, other] = [connect(), connect()];
    hospital = await openTestHospital([ours], { institutions: [HOSPITAL], drugs: [DRUG] });
    await hospital.dispatcher.start();
  });
  afterEach(async () => {
    await hospital.stop();
    await other.stop();
    await sandbox.stop();
  });

  const eventOf = (serial: number, more: { readonly quantity?: string; readonly at?: number } = {}): ReportedEvent => {
    const quantity = more.quantity ?? '1';
    return reported('dispense', [line('1', { codes: [code(serial)], line: { quantity }, units: String(24 * Number(quantity)), packs: quantity })], { id: `E${String(serial)}`, occurredAt: chinaIso(more.at ?? now) });
  };
  const reportsOf = (event: ReportedEvent): readonly Report[] => other.plan(event).map((plan) => reportOf(plan, event));
  const accepted = async (): Promise<number> => Number((await hospital.rows<{ n: number }>(`SELECT COUNT(*) AS n FROM delivery WHERE state = 'accepted'`))[0]?.n);
  const erase = async (event: ReportedEvent): Promise<void> => {
    const deletions = reportsOf(event).map((report): Report => ({ ...report, operation: '3507', key: `D${report.key}`.slice(0, 30), reverses: { operation: report.operation, key: report.key } }));
    expect((await other.send(deletions, { signal: NEVER })).map((result) => result.kind)).to.deep.equal(['accepted']);
  };
  const reconcile = async (): Promise<Reconciliation | undefined> => reconcileDay(
    { driver: hospital.driver, catalogue: { lookup: () => Promise.resolve(new Map([[DRUG.drug, DRUG]])) }, clock: systemClock, log: silentLog, patienceMs: 0 }, { institution: HOSPITAL, destination: ours, day }, NEVER,
  );

  it('finds what was dropped, changed, uploaded by another system and reported late', async function () {
    this.timeout(60_000);
    const events = [1, 2, 3, 4].map((serial) => eventOf(serial));
    for (const { event } of [...events, eventOf(5, { at: now - 2 * 86_400_000 })]) await hospital.submit(event);
    await waitFor('five accepted', async () => await accepted() === 5);
    expect(await reconcile()).to.include({ ours: 5, matched: 4, late: 1, missing: 0, unknownHere: 0, different: 0, complete: true });

    const [first, second] = events;
    if (first === undefined || second === undefined) throw new Error('no events');
    await erase(first);
    await erase(second);
    expect((await other.send(reportsOf(eventOf(2, { quantity: '3' })), { signal: NEVER })).map((result) => result.kind)).to.deep.equal(['accepted']);
    expect((await other.send(reportsOf(eventOf(900)), { signal: NEVER })).map((result) => result.kind)).to.deep.equal(['accepted']);
    const found = await reconcile();
    expect(found).to.include({ ours: 5, matched: 2, late: 1, missing: 1, unknownHere: 1, different: 1, unread: 0, complete: true });
    expect(found?.items.map((item) => [item.kind, item.drug])).to.deep.equal([['missing', DRUG.drug], ['unknown-here', DRUG.drug], ['different', DRUG.drug], ['late', DRUG.drug]]);
    expect((await hospital.rows<{ state: string }>(`SELECT state FROM delivery WHERE state <> 'accepted'`)).map((row) => row.state)).to.deep.equal(['needs-attention']);
    expect(Object.values(sandbox.insuranceBook.reportsByKey).filter((times) => times > 1), 'only the planted one is there twice').to.have.length(1);
  });

  it('asks by number about purchases, which no list by drug shows, and finds them', async function () {
    this.timeout(60_000);
    const receipt = reported('receipt', [line('1', { codes: [code(50)] })], { id: 'R1', occurredAt: chinaIso(now) });
    await hospital.submit(receipt.event);
    await waitFor('both accepted', async () => await accepted() === 2);
    expect(await reconcile()).to.include({ ours: 2, matched: 2, missing: 0, complete: true });
  });
});
