import { expect } from 'chai';
import { createAlerts, logSink, SELECT_LAST_OF_KEY, SELECT_UNTOLD, tellAlerts } from '../../adapter/checks/findings/alert-store.ts';
import { closeByPerson } from '../../adapter/checks/findings/close-by-person.ts';
import { listFindings, SELECT_STANDING, type FindingRow } from '../../adapter/checks/findings/finding-store.ts';
import { overdueEmergencies } from '../../adapter/checks/findings/overdue-emergencies.ts';
import { runChecks } from '../../adapter/checks/findings/run-checks.ts';
import { SELECT_STALE, staleAttention } from '../../adapter/checks/findings/stale-attention.ts';
import type { AlertSink, RaisedAlert } from '../../adapter/ports/alert.ts';
import type { ScheduledCheck } from '../../adapter/ports/check.ts';
import { silentLog, type LogFields } from '../../adapter/ports/log.ts';
import { emergencyDesk, HOSPITAL, HOUR, START, StandingClock, type EmergencyDesk } from '../emergency/clock-fixture.ts';
import { onBothStores, type TestStore } from '../http/fixture.ts';
import { seedDelivery, seedEvent } from '../http/seed.ts';
import { assertUsesIndex } from '../support/explain.ts';

const alert = { institution: HOSPITAL, key: 'k', severity: 'warn' as const, title: '题', detail: '详', nextStep: '做' };
const never = new AbortController().signal;

onBothStores((open) => {
  describe('checks: findings', () => {
    let store: TestStore;
    let clock: StandingClock;
    let desk: EmergencyDesk;
    beforeEach(async () => { store = await open(); clock = new StandingClock(); desk = emergencyDesk(store.driver, clock); });
    afterEach(() => store.close());

    const run = (...checks: readonly ScheduledCheck[]): Promise<void> => runChecks({ driver: store.driver, institutions: [HOSPITAL], checks, alerts: desk.alerts, clock, log: silentLog }, never);
    const list = (state: 'open' | 'closed' = 'open'): Promise<FindingRow[]> => store.driver.read((q) => listFindings(q, { institution: HOSPITAL, state }, { before: undefined, limit: 50 }));
    const seeing = (...subjects: readonly string[]): ScheduledCheck => ({
      name: 'planted', title: '示例', look: ({ nowMs }) => Promise.resolve(subjects.map((subject) => ({ subject, severity: 'warn' as const, title: `看到 ${subject}`, detail: String(nowMs), owner: '药房', nextStep: '处理' }))),
    });

    it('keeps a finding open with owner, next step and age until somebody closes it with a reason', async () => {
      await run(seeing('a'));
      clock.ms += 2 * HOUR;
      await run(seeing('a'));
      const [finding, ...more] = await list();
      expect(more).to.deep.equal([]);
      expect(finding).to.deep.include({ check_name: 'planted', subject: 'a', severity: 'warn', owner: '药房', next_step: '处理', opened_at: START, last_seen_at: START + 2 * HOUR, detail: String(START + 2 * HOUR), state: 'open' });
      const done = await closeByPerson(store.driver, { institution: HOSPITAL, findingNo: finding?.finding_no ?? 0, by: '药师甲', reason: '已核对实物', atMs: clock.ms });
      expect(done?.changed).to.equal(true);
      expect(await list()).to.deep.equal([]);
      expect((await list('closed'))[0]).to.deep.include({ state: 'closed', closed_by: '药师甲', close_reason: '已核对实物', closed_at: clock.ms });
    });

    it('leaves closed what a person closed as long as it is seen, and opens it anew after it had gone', async () => {
      await run(seeing('a'));
      const [first] = await list();
      const close = (reason: string): ReturnType<typeof closeByPerson> => closeByPerson(store.driver, { institution: HOSPITAL, findingNo: first?.finding_no ?? 0, by: '药师甲', reason, atMs: clock.ms });
      await close('已知');
      expect((await close('另一个理由'))?.finding.close_reason).to.equal('已知');
      await run(seeing('a'));
      expect(await list()).to.deep.equal([]);
      await run(seeing());
      expect((await list('closed'))[0]?.close_reason).to.equal('已知');
      await run(seeing('a'));
      expect((await list()).map(({ finding_no: no }) => no)).to.deep.equal([(first?.finding_no ?? 0) + 1]);
    });

    it('closes by itself what is no longer seen, and says so', async () => {
      await run(seeing('a', 'b'));
      await run(seeing('b', 'b'));
      expect((await list()).map(({ subject }) => subject)).to.deep.equal(['b']);
      expect((await list('closed'))[0]).to.deep.include({ subject: 'a', closed_by: 'check', close_reason: '核查不再发现该问题' });
    });

    it('leaves findings as they were when a check fails, and runs the other checks', async () => {
      await run(seeing('a'));
      await run({ name: 'planted', title: '坏', look: () => Promise.reject(new Error('broken')) }, { ...seeing('x'), name: 'other' });
      expect((await list()).map(({ subject }) => subject)).to.deep.equal(['x', 'a']);
    });

    it('alerts once about a new finding, not about the same again', async () => {
      await run(seeing('a'));
      clock.ms += 5 * HOUR;
      await run(seeing('a'));
      expect(await store.driver.read((q) => q.all('SELECT alert_key, repeats FROM alert'))).to.deep.equal([{ alert_key: 'finding:planted:a', repeats: 0 }]);
    });

    it('lists overdue emergencies and those without codes, and stops their clock when a person closes them', async () => {
      await desk.dispense(1, START);
      await desk.dispense(2, START, { codes: [], uncodedLines: 1 });
      await desk.dispense(3, START + 40 * HOUR);
      clock.ms = START + HOUR;
      await run(overdueEmergencies);
      expect((await list()).map(({ subject, severity }) => [subject, severity])).to.deep.equal([['2', 'warn']]);
      clock.ms = START + 50.5 * HOUR;
      await run(overdueEmergencies);
      const open = await list();
      expect(open.map(({ subject, severity, title }) => [subject, severity, title])).to.deep.equal([['1', 'block', '急抢救用药补核对已逾期 2 小时'], ['2', 'block', '急抢救用药补核对已逾期 2 小时']]);
      await closeByPerson(store.driver, { institution: HOSPITAL, findingNo: open[1]?.finding_no ?? 0, by: '药师甲', reason: '供应商书面确认', atMs: clock.ms });
      await run(overdueEmergencies);
      expect((await list()).map(({ subject }) => subject)).to.deep.equal(['1']);
      expect(await store.driver.read((q) => q.get('SELECT state, settled_by, settled_note FROM emergency_use WHERE institution = ? AND event_no = 2', [HOSPITAL]))).to.deep.equal({ state: 'settled', settled_by: 'person', settled_note: '药师甲：供应商书面确认' });
    });

    it('makes no flood of overdue emergencies: beyond 200 one finding counts the rest', async () => {
      for (let no = 1; no <= 205; no += 1) await desk.dispense(no, START);
      const findings = await overdueEmergencies.look({ driver: store.driver, institution: HOSPITAL, nowMs: START + 60 * HOUR, signal: never });
      expect(findings).to.have.length(201);
      expect(findings.at(-1)?.title).to.contain('5 笔');
    });

    it('groups deliveries that wait for a person into one finding per destination', async () => {
      await seedEvent(store.driver, { institution: HOSPITAL, eventNo: 1, id: 'E1' });
      const row = (deliveryNo: number, destination: string, state: string, hours: number, reason: string): Promise<unknown> =>
        seedDelivery(store.driver, { institution: HOSPITAL, deliveryNo, eventNo: 1, destination, state, covers: ['1'], reason, createdAt: START + hours * HOUR });
      for (let no = 1; no <= 300; no += 1) await row(no, 'mah', no % 2 === 0 ? 'rejected' : 'needs-attention', 0, no % 3 === 0 ? 'RULE' : 'CODES_MISSING');
      await row(301, 'mah', 'needs-attention', 20, 'RULE');
      await row(302, 'insurance', 'needs-attention', 20, 'RULE');
      await row(303, 'insurance', 'queued', 0, 'RULE');
      clock.ms = START + 30 * HOUR;
      const check = staleAttention({ destinations: ['insurance', 'mah'] });
      await run(check);
      const found = await list();
      expect(found.map(({ subject, title, owner }) => [subject, title, owner])).to.deep.equal([['mah', '上报目标 mah 有 300 条待人工处理超过 24 小时', '信息科']]);
      expect(found[0]?.detail).to.equal('CODES_MISSING 200 条、RULE 100 条；最早一条 2026-11-22 00:00:00');
      clock.ms = START + 45 * HOUR;
      await run(check);
      expect((await list()).map(({ subject }) => subject).sort()).to.deep.equal(['insurance', 'mah']);
    });

    it('reads by its indexes', async () => {
      await assertUsesIndex(store.driver, SELECT_STANDING, [HOSPITAL, 'planted'], 'check_finding_standing');
      await assertUsesIndex(store.driver, SELECT_STALE, [HOSPITAL, 'mah', 1], 'delivery_attention');
      await assertUsesIndex(store.driver, SELECT_LAST_OF_KEY, [HOSPITAL, 'k'], 'alert_by_key');
      await assertUsesIndex(store.driver, SELECT_UNTOLD, [HOSPITAL], 'alert_untold');
    });
  });

  describe('alerts', () => {
    let store: TestStore;
    const clock = new StandingClock();
    beforeEach(async () => { store = await open(); clock.ms = START; });
    afterEach(() => store.close());
    const rows = (): Promise<unknown[]> => store.driver.read((q) => q.all('SELECT alert_key, repeats, last_at FROM alert WHERE institution = ? ORDER BY alert_no', [HOSPITAL]));

    it('tells the same key once an hour at most and counts the rest, across a restart', async () => {
      expect(await createAlerts(store.driver, clock).raise(alert)).to.equal('raised');
      clock.ms += 59 * 60_000;
      expect(await createAlerts(store.driver, clock).raise(alert)).to.equal('repeated');
      clock.ms -= 100 * 60_000;
      expect(await createAlerts(store.driver, clock).raise(alert)).to.equal('repeated');
      expect(await createAlerts(store.driver, clock).raise({ ...alert, key: 'other' })).to.equal('raised');
      clock.ms = START + HOUR;
      expect(await createAlerts(store.driver, clock).raise(alert)).to.equal('raised');
      expect(await rows()).to.deep.equal([{ alert_key: 'k', repeats: 2, last_at: START - 41 * 60_000 }, { alert_key: 'other', repeats: 0, last_at: START - 41 * 60_000 }, { alert_key: 'k', repeats: 0, last_at: START + HOUR }]);
    });

    it('stands or falls with the transaction it was raised in', async () => {
      const alerts = createAlerts(store.driver, clock);
      const failed = await store.driver.write(async (q) => { await alerts.raise(alert, q); throw new Error('rolled back'); }).catch((error: unknown) => (error as Error).message);
      expect(failed).to.equal('rolled back');
      expect(await rows()).to.deep.equal([]);
    });

    it('offers an alert again until every sink had it, and then never', async () => {
      const told: RaisedAlert[] = [];
      const logged: LogFields[] = [];
      let broken = true;
      const sink: AlertSink = { name: 'webhook', tell: (one) => { told.push(one); return broken ? Promise.reject(new Error('no route')) : Promise.resolve(); } };
      const log = { ...silentLog, warn: (message: string, fields?: LogFields) => { if (message === 'alert') logged.push(fields ?? {}); } };
      await createAlerts(store.driver, clock).raise(alert);
      const tell = (): Promise<number> => tellAlerts({ driver: store.driver, institutions: [HOSPITAL], sinks: [sink, logSink(log)], clock, log }, never);
      expect(await tell()).to.equal(0);
      broken = false;
      expect(await tell()).to.equal(1);
      expect(await tell()).to.equal(0);
      expect(told).to.have.length(2);
      expect(logged).to.have.length(1);
      expect(logged[0]).to.deep.include({ institution: HOSPITAL, key: 'k', title: '题', nextStep: '做' });
    });
  });
});
