import { expect } from 'chai';
import { claimDue, claimToAsk, markSent } from '../../adapter/delivery/claim.ts';
import { LEASE_WATCH_MS } from '../../adapter/delivery/lease-watch.ts';
import { PlatformHealth } from '../../adapter/delivery/platform-health.ts';
import { recoverLane } from '../../adapter/delivery/recovery.ts';
import { createRetryPolicy, DEFAULT_RETRY, LONGEST_WAIT_MS } from '../../adapter/delivery/retry-policy.ts';
import { problemsOfDelivery, retryFrom, settings } from '../../adapter/delivery/settings.ts';
import { afterAsk, afterSend } from '../../adapter/delivery/settle.ts';
import { FakeDestination } from '../support/fake-destination.ts';
import { onEachStore } from '../support/stores.ts';
import { HOSPITAL, openTestHospital, packCode, type TestHospital } from '../support/test-hospital.ts';

const HOUR = 3_600_000;
const policy = createRetryPolicy(DEFAULT_RETRY, () => 0.5);
const lane = { institution: HOSPITAL.code, destination: 'fake' };

describe('clocks that are set', () => { onEachStore((open) => {
  let hospital: TestHospital;
  let now = 0;
  beforeEach(async () => {
    hospital = await openTestHospital([new FakeDestination()], { driver: await open() });
    await hospital.submit({ id: 'E1', kind: 'dispense', lines: [{ lineNo: '1', drug: 'YP1', quantity: '1', unit: '盒', split: false, codes: [packCode(1)] }] });
    now = Date.now() + 1;
  });
  afterEach(async () => { await hospital.stop(); });

  const claiming = (nowMs: number, claimedBy = 'one') => ({ ...lane, claimedBy, nowMs, leaseMs: 120_000 });
  const set = (assignment: string): Promise<number> => hospital.driver.write((q) => q.run(`UPDATE delivery SET ${assignment}`));
  const state = async (): Promise<string | undefined> => (await hospital.rows<{ state: string }>('SELECT state FROM delivery'))[0]?.state;
  const due = (nowMs: number): Promise<number> => hospital.driver.write(async (q) => (await claimDue(q, claiming(nowMs), 10)).length);
  const toAsk = (nowMs: number): Promise<number> => hospital.driver.write(async (q) => (await claimToAsk(q, claiming(nowMs), 10)).length);
  async function sending(claimedBy: string, nowMs: number): Promise<void> {
    await hospital.driver.write(async (q) => { await markSent(q, claiming(nowMs, claimedBy), await claimDue(q, claiming(nowMs, claimedBy), 10)); });
    expect(await state()).to.equal('sent');
  }
  const recover = (nowMs: number, steadyNow: number): Promise<number> => recoverLane(hospital.driver, lane, { nowMs, expiredBefore: nowMs, steadyNow });

  it('sends what was filed before the host clock was set back by hours', async () => {
    expect(await due(now - 5 * HOUR)).to.equal(1);
  });

  it('sends what was filed before the host clock was set back by some minutes', async () => {
    expect(await due(now - 5 * 60_000)).to.equal(1);
  });

  it('keeps to a back-off as long as no clock was set', async () => {
    await set(`due_at = ${String(now + 60_000)}`);
    expect(await due(now)).to.equal(0);
    await set(`due_at = ${String(now + LONGEST_WAIT_MS)}`);
    expect(await due(now)).to.equal(0);
    expect(await due(now + LONGEST_WAIT_MS)).to.equal(1);
  });

  it('asks what was to be asked before the host clock was set back', async () => {
    await set(`state = 'unknown', due_at = ${String(now + 2_000)}`);
    expect(await toAsk(now)).to.equal(0);
    expect(await toAsk(now - 3 * HOUR)).to.equal(1);
  });

  it('never takes a report from a living sender because the clock was set forward', async () => {
    await sending('other', now);
    await recover(now + 3 * HOUR, 0);
    expect(await state()).to.equal('sent');
    // the sender renews its lease by its own clock, whatever that says
    for (let steady = 30_000; steady <= 10 * LEASE_WATCH_MS; steady += 30_000) {
      await set(`lease_until = ${String(now + steady + 120_000)}`);
      await recover(now + 3 * HOUR + steady, steady);
      expect(await state()).to.equal('sent');
    }
  });

  it('takes a report from a dead sender after its lease stood still, also when the clock was set back', async () => {
    await sending('dead', now);
    await recover(now - 3 * HOUR, 0);
    await recover(now - 3 * HOUR, LEASE_WATCH_MS - 1);
    expect(await state()).to.equal('sent');
    await recover(now - 3 * HOUR, LEASE_WATCH_MS);
    expect(await state()).to.equal('unknown');
    expect(await toAsk(now - 3 * HOUR)).to.equal(1);
  });

  it('puts back at once what a dead process claimed and never sent, also when its lease ends hours ahead', async () => {
    expect(await due(now)).to.equal(1);
    await recover(now - 3 * HOUR, 0);
    expect(await state()).to.equal('queued');
  });

  it('takes everything up at start-up when nobody else can be running', async () => {
    await sending('before', now);
    expect(await recoverLane(hospital.driver, lane, { nowMs: now, expiredBefore: Infinity })).to.equal(1);
    expect(await state()).to.equal('unknown');
  });
}); });

describe('delivery retry policy', () => {
  const row = { attempts: 1, asks: 1, state: 'unknown' as const, absentSince: undefined, lastSentAt: undefined };

  it('counts "absent" anew after the clock was set back, and believes it after the quiet time', () => {
    const T = 1_000_000_000;
    const first = afterAsk({ kind: 'absent' }, { ...row, lastSentAt: T + 5 * HOUR, absentSince: T + 5 * HOUR }, T, policy);
    expect(first).to.deep.equal({ state: 'unknown', dueAt: T + 15_000, absentSince: T });
    const second = afterAsk({ kind: 'absent' }, { ...row, lastSentAt: T + 5 * HOUR, absentSince: T }, T + 15_000, policy);
    expect(second.state).to.equal('queued');
  });

  it('does not believe "absent" sooner because the clock was set forward by hours', () => {
    const T = 1_000_000_000;
    const next = afterAsk({ kind: 'absent' }, { ...row, lastSentAt: T - 1_000, absentSince: T }, T + 3 * HOUR, policy);
    expect(next).to.deep.include({ state: 'unknown', dueAt: T + 3 * HOUR + 15_000 });
  });

  it('lets no peer and no setting put a report off longer than anything may wait', () => {
    expect(policy.backOff(1, 5 * HOUR)).to.equal(LONGEST_WAIT_MS);
    expect(afterSend({ kind: 'processing', askAfterMs: 5 * HOUR }, { attempts: 1 }, 0, policy).dueAt).to.equal(LONGEST_WAIT_MS);
    expect(createRetryPolicy({ ...DEFAULT_RETRY, pollMs: 2 * HOUR, maxPollMs: 2 * HOUR }, () => 0.5).pollAgain(1)).to.equal(LONGEST_WAIT_MS);
  });

  it('offers its times as settings with the same defaults, and names what single ranges cannot say', () => {
    const defaults = Object.fromEntries(Object.entries(settings).map(([name, setting]) => [name, setting.default])) as unknown as Parameters<typeof retryFrom>[0];
    expect(retryFrom(defaults)).to.deep.equal(DEFAULT_RETRY);
    for (const [name, setting] of Object.entries(settings)) expect(setting.default, name).to.be.within(setting.min, setting.max);
    expect(problemsOfDelivery(defaults)).to.deep.equal([]);
    expect(problemsOfDelivery({ ...defaults, baseBackOff: 60_000, maxBackOff: 1_000, poll: 60_000, maxPoll: 1_000 })).to.have.length(2);
  });
});

describe('platform health', () => {
  it('does not pause a lane for an interface that is not granted; the report alone is put off', () => {
    const health = new PlatformHealth(policy);
    for (let times = 0; times < 5; times += 1) health.note([{ kind: 'unavailable', reason: 'NOT_GRANTED', retryAfterMs: 60_000 }], 1_000);
    expect([health.notBefore, health.isWell]).to.deep.equal([0, true]);
    const next = afterSend({ kind: 'unavailable', reason: 'NOT_GRANTED', retryAfterMs: 60_000 }, { attempts: 1 }, 1_000, policy);
    expect(next).to.include({ state: 'queued', reason: 'NOT_GRANTED' });
    expect(next.dueAt).to.be.at.least(61_000);
  });

  it('pauses a lane whose account is refused', () => {
    const health = new PlatformHealth(policy);
    health.note([{ kind: 'unavailable', reason: 'AUTH' }], 1_000);
    expect(health.notBefore).to.be.above(1_000);
  });

  it('ends a pause in its time although the clock was set back', () => {
    let steady = 0;
    const health = new PlatformHealth(policy, () => steady);
    health.note([{ kind: 'unavailable', reason: 'NETWORK', retryAfterMs: 30_000 }], 100 * HOUR);
    expect(health.notBefore).to.equal(100 * HOUR + 30_000);
    steady = 30_000;
    expect(health.notBefore).to.equal(0);
  });
});
