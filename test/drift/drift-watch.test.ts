import { expect } from 'chai';
import { createAlerts } from '../../adapter/checks/findings/alert-store.ts';
import type { SendResult } from '../../adapter/domain/outcome.ts';
import { COUNT_PARKED, SELECT_DRUGS, SELECT_FIRST_EVENT, SELECT_GROUP, SELECT_OPEN, SELECT_OPERATION_ACCEPTED, SELECT_PARKED, SELECT_PROBE, SELECT_PRODUCT_ACCEPTED, SELECT_REFUSED, SELECT_REFUSED_BEFORE, SELECT_TO_PARK } from '../../adapter/drift/drift-store.ts';
import { DriftWatch } from '../../adapter/drift/drift-watch.ts';
import { PROBE_EVERY_MS } from '../../adapter/drift/rules.ts';
import { systemClock } from '../../adapter/ops/system-clock.ts';
import type { Report } from '../../adapter/ports/destination.ts';
import { silentLog } from '../../adapter/ports/log.ts';
import { assertUsesIndex, explain } from '../support/explain.ts';
import { FakeDestination } from '../support/fake-destination.ts';
import { onEachStore } from '../support/stores.ts';
import { HOSPITAL, openTestHospital, packCode, type TestHospital } from '../support/test-hospital.ts';
import { waitFor } from '../support/wait-for.ts';

const CATALOG: SendResult = { kind: 'rejected', reason: 'CATALOG', peerCode: '-1', peerText: '医保目录编码 XJ01 不存在' };
const LANE = { institution: HOSPITAL.code, destination: 'fake' };

describe('drift watch', () => { onEachStore((open) => {
  let fake: FakeDestination;
  let hospital: TestHospital;
  let watch: DriftWatch;
  let hours: number;
  let serial: number;
  /** what the platform refuses at the moment */
  let refused: (report: Report) => SendResult | undefined;

  beforeEach(async () => {
    [hours, serial] = [0, 0];
    refused = () => undefined;
    fake = new FakeDestination();
    fake.onSend = (report) => {
      const refusal = refused(report);
      if (refusal !== undefined) return refusal;
      fake.commit(report);
      return { kind: 'accepted' };
    };
    hospital = await openTestHospital([fake], { driver: await open() });
    const clock = { ...systemClock, now: () => Date.now() + hours * PROBE_EVERY_MS };
    watch = new DriftWatch({
      driver: hospital.driver, institutions: [HOSPITAL.code], alerts: createAlerts(hospital.driver, clock), clock, log: silentLog,
      onQueued: (institution) => { hospital.dispatcher.wake(institution); }, renumbers: () => false, resend: () => Promise.resolve(),
    });
    await hospital.dispatcher.start();
  });
  afterEach(async () => { await watch.stop(); await hospital.stop(); });

  const sell = async (count: number, drug = 'YP1'): Promise<void> => {
    const prefix = drug === 'YP1' ? '8999001' : '8999002';
    for (let at = 0; at < count; at += 1) {
      serial += 1;
      await hospital.submit({ id: `E${String(serial)}`, kind: 'dispense', occurredAt: new Date().toISOString(), lines: [{ lineNo: '1', drug, quantity: '1', unit: '盒', split: false, lot: 'A1', codes: [packCode(serial, prefix)] }] });
    }
  };
  const paused = async (stopped: boolean): Promise<void> => { await hospital.dispatcher.switch(LANE, { stopped, reason: 'test', by: 'test' }); };
  const count = async (where: string): Promise<number> => Number((await hospital.rows<{ n: number }>(`SELECT COUNT(*) AS n FROM delivery WHERE ${where}`))[0]?.n);
  const reaches = (what: string, wanted: number): Promise<void> => waitFor(`${String(wanted)} × ${what}`, async () => await count(what) === wanted, 20_000);
  const alerts = async (): Promise<readonly { title: string; detail: string }[]> => hospital.rows<{ title: string; detail: string }>('SELECT title, detail FROM alert ORDER BY alert_no');
  const refusals = (): number => fake.sent.filter((reports) => reports.some((report) => !fake.held.has(report.key))).length;

  it('stops at a change of the platform: 500 reports, three calls refused at most, one alert, and all accepted once it is mended, by themselves', async function () {
    this.timeout(60_000);
    fake.limits = { batch: 1, concurrency: 2 };
    await sell(3);
    await reaches(`state = 'accepted'`, 3);
    // the reports of the next day are waiting when the platform has changed its catalogue
    await paused(true);
    await sell(500);
    refused = () => CATALOG;
    const before = fake.sent.length;
    await paused(false);
    await reaches(`state = 'held' AND hold LIKE 'drift:%'`, 500);
    await watch.step();
    await watch.step();
    expect(fake.sent.length - before, 'calls until the group is parked').to.be.at.most(2);
    expect((await alerts()).map((alert) => [alert.title, alert.detail])).to.deep.equal([['fake 对药品 YP1 的 sale 由接受变为拒绝，已暂缓 500 条', '医保目录编码 XJ01 不存在']]);

    // an hour later one is let through, the platform is mended, and the rest follows
    refused = () => undefined;
    hours += 1.01;
    await watch.step();
    await reaches(`state = 'accepted'`, 4);
    await watch.step();
    await reaches(`state = 'accepted'`, 503);
    expect(fake.held.size).to.equal(503);
    expect([...fake.held.values()].every((times) => times === 1), 'each once').to.equal(true);
    expect(await count(`state IN ('rejected', 'needs-attention') OR attempts > 3`)).to.equal(0);
    expect(await alerts()).to.have.length(1);
    expect(await watch.list(HOSPITAL.code)).to.deep.equal([]);
  });

  it('tries one an hour while the platform goes on refusing, and lets other products pass', async () => {
    await sell(1);
    await sell(1, 'YP2');
    await reaches(`state = 'accepted'`, 2);
    refused = (report) => (report.reported.lines[0]?.line.drug === 'YP1' ? CATALOG : undefined);
    await sell(3);
    await sell(2, 'YP2');
    await watch.step();
    await reaches(`hold LIKE 'drift:%'`, 3);
    await reaches(`state = 'accepted'`, 4);
    const sent = fake.sent.length;
    await watch.step();
    expect(fake.sent.length).to.equal(sent);
    for (let round = 1; round <= 3; round += 1) {
      hours += 1.01;
      await watch.step();
      await reaches(`state = 'held'`, 3);
      await watch.step();
      expect(fake.sent.length).to.equal(sent + round);
    }
    expect(await alerts()).to.have.length(1);
  });

  it('parks what arrives later before it is claimed', async () => {
    await sell(1);
    await reaches(`state = 'accepted'`, 1);
    refused = () => CATALOG;
    await sell(1);
    await reaches(`state = 'held'`, 1);
    await watch.step();
    await paused(true);
    const sent = fake.sent.length;
    await sell(5);
    await hospital.driver.write((q) => watch.beforeClaim(q, LANE));
    expect(await count(`state = 'held'`)).to.equal(6);
    await paused(false);
    await watch.step();
    expect(fake.sent.length).to.equal(sent);
  });

  it('files a refusal as before when the product was never accepted, and when it is of our own making', async () => {
    refused = () => CATALOG;
    await sell(1);
    await reaches(`state = 'rejected'`, 1);
    refused = () => undefined;
    await sell(1);
    await reaches(`state = 'accepted'`, 1);
    refused = () => ({ kind: 'rejected', reason: 'CATALOG', peerText: 'ours' });
    await sell(1);
    await reaches(`state = 'rejected'`, 2);
    expect(await watch.list(HOSPITAL.code)).to.deep.equal([]);
  });

  it('leaves a report refused that is refused again while its like are taken', async () => {
    await sell(1);
    await reaches(`state = 'accepted'`, 1);
    const bad = packCode(2);
    refused = (report) => (report.codes.includes(bad) ? CATALOG : undefined);
    await sell(1);
    await reaches(`state = 'held'`, 1);
    await sell(1);
    await reaches(`state = 'accepted'`, 2);
    await watch.step();
    await reaches(`state = 'rejected'`, 1);
    expect(await count(`state = 'rejected' AND attempts = 2`)).to.equal(1);
    expect(await watch.list(HOSPITAL.code)).to.deep.equal([]);
  });

  it('takes three alike for a field that is required now, and takes the first two along when it is mended', async () => {
    fake.limits = { batch: 1, concurrency: 2 };
    await sell(2);
    await sell(2, 'YP2');
    await reaches(`state = 'accepted'`, 4);
    await paused(true);
    await sell(2);
    await sell(28, 'YP2');
    let mended = false;
    let answers = 0;
    const accept = fake.onSend;
    // a platform that takes its time: what it said before has been filed when it answers
    fake.onSend = async (report, times) => {
      if (mended) return accept(report, times);
      answers += 1;
      const filed = answers - 2;
      await waitFor('the answers before are filed', async () => Number((await hospital.rows<{ n: number }>(`SELECT COUNT(*) AS n FROM delivery_attempt WHERE result = 'rejected'`))[0]?.n) >= filed);
      return { kind: 'rejected', reason: 'REQUIRED', peerCode: '-1', peerText: '第1行:phar_name(药师姓名)不能为空' };
    };
    await paused(false);
    await reaches(`state = 'held' AND hold LIKE 'drift:%'`, 30);
    // three alike, and what was under way while they were filed
    expect(refusals()).to.be.within(3, 10);
    expect((await watch.list(HOSPITAL.code)).map((group) => [group.product, group.parked])).to.deep.equal([['*', 30]]);
    mended = true;
    hours += 1.01;
    await watch.step();
    await reaches(`state = 'accepted'`, 5);
    await watch.step();
    await reaches(`state = 'accepted'`, 34);
  });

  it('lets a person release a group at once, and closes one for which nobody waits any more', async () => {
    await sell(1);
    await reaches(`state = 'accepted'`, 1);
    refused = () => CATALOG;
    await sell(2);
    await reaches(`state = 'held'`, 2);
    const [group] = await watch.list(HOSPITAL.code);
    expect(await watch.release(HOSPITAL.code, 999, '药师甲')).to.equal(undefined);
    refused = () => undefined;
    expect(await watch.release(HOSPITAL.code, group?.groupNo ?? 0, '药师甲')).to.equal(2);
    await reaches(`state = 'accepted'`, 3);
    refused = () => CATALOG;
    await sell(1);
    await reaches(`state = 'held'`, 1);
    await hospital.submit({ id: 'V4', kind: 'void', refers: 'E4' });
    expect(await count(`state = 'withdrawn'`)).to.equal(1);
    hours += 1.01;
    await watch.step();
    expect((await hospital.rows<{ closed_by: string }>('SELECT closed_by FROM drift_group ORDER BY group_no')).map((row) => row.closed_by)).to.deep.equal(['药师甲', 'nobody-waits']);
  });

  it('gives a refused report a new number where the platform takes none twice', async () => {
    const again: (readonly number[])[] = [];
    const renumbering = new DriftWatch({
      driver: hospital.driver, institutions: [HOSPITAL.code], alerts: createAlerts(hospital.driver, systemClock), clock: systemClock, log: silentLog,
      onQueued: () => undefined, renumbers: () => true, resend: (_, numbers) => { again.push(numbers); return Promise.resolve(); },
    });
    await sell(1);
    await reaches(`state = 'accepted'`, 1);
    refused = () => CATALOG;
    await sell(1);
    await reaches(`state = 'held'`, 1);
    const [group] = await renumbering.list(HOSPITAL.code);
    await renumbering.release(HOSPITAL.code, group?.groupNo ?? 0, 'it');
    const [row] = await hospital.rows<{ delivery_no: number }>(`SELECT delivery_no FROM delivery WHERE state = 'rejected'`);
    expect(again).to.deep.equal([[row?.delivery_no]]);
  });

  it('asks the store by indexes', async () => {
    const { driver } = hospital;
    const [h, d] = [HOSPITAL.code, 'fake'];
    await assertUsesIndex(driver, SELECT_OPEN, [h], 'drift_open');
    await assertUsesIndex(driver, SELECT_GROUP, [h, d, 'sale', 'YP1', 'CATALOG', 'a'], 'drift_open');
    await assertUsesIndex(driver, SELECT_TO_PARK, [h, d, 'sale', 0, 'YP1'], 'delivery_due');
    await assertUsesIndex(driver, SELECT_PARKED, [h, d, 'drift:1'], 'delivery_due');
    await assertUsesIndex(driver, SELECT_PROBE, [h, d, 'drift:1'], 'delivery_due');
    await assertUsesIndex(driver, COUNT_PARKED, [h, d, 'drift:1'], 'delivery_due');
    await assertUsesIndex(driver, SELECT_REFUSED, [h, d, 'sale', 'CATALOG', 0], 'delivery_attention');
    await assertUsesIndex(driver, SELECT_REFUSED_BEFORE, [h, 1], 'delivery_attempt_pkey');
    await assertUsesIndex(driver, SELECT_DRUGS, [h, 1], 'event_line_pkey');
    await assertUsesIndex(driver, SELECT_FIRST_EVENT, [h, '2026-11-01'], 'event_by_day');
    await assertUsesIndex(driver, SELECT_PRODUCT_ACCEPTED, [h, 'YP1', 1, d, 'sale', 0], 'event_line_by_drug');
    expect(await explain(driver, { sql: SELECT_OPERATION_ACCEPTED, params: [h, 1, 9, d, 'sale', 0] })).to.match(/PRIMARY KEY \(institution=\? AND delivery_no>|delivery_pkey/);
  });
}); });
