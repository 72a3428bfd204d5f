import { expect } from 'chai';
import type { EventLine } from '../../adapter/domain/event.ts';
import { FakeDestination } from '../support/fake-destination.ts';
import { HOSPITAL, openTestHospital, packCode, type TestHospital } from '../support/test-hospital.ts';
import { onEachStore } from '../support/stores.ts';
import { waitFor } from '../support/wait-for.ts';

const REPORTS = 24;

function line(serial: number): EventLine {
  return { lineNo: '1', drug: 'YP1', quantity: '1', unit: '盒', split: false, lot: 'A1', producedOn: '2026-01-02', expiresOn: '2027-12-31', codes: [packCode(serial)] };
}

describe('delivery of a claim that belongs to many calls', () => { onEachStore((open) => {
  let fake: FakeDestination;
  let hospital: TestHospital;
  let under = 0;
  let most = 0;
  const lane = { institution: HOSPITAL.code, destination: 'fake' };
  const pause = (stopped: boolean): Promise<void> => hospital.dispatcher.switch(lane, { stopped, reason: 'test', by: 'test' });
  const states = async (): Promise<string[]> => (await hospital.rows<{ state: string }>('SELECT state FROM delivery ORDER BY delivery_no')).map((row) => row.state);

  beforeEach(async () => {
    [under, most] = [0, 0];
    fake = new FakeDestination();
    fake.limits = { batch: 10, concurrency: 2 };
    // every report has a batch key of its own, as sales of patients of many insured areas do
    const plan = fake.onPlan;
    fake.onPlan = (reported) => plan(reported).map((one) => ({ ...one, batchKey: one.key }));
    hospital = await openTestHospital([fake], { driver: await open() });
    await hospital.dispatcher.start();
    await pause(true);
    for (let at = 0; at < REPORTS; at += 1) await hospital.submit({ id: `E${String(at)}`, kind: 'dispense', lines: [line(at)] });
  });
  afterEach(async () => { await hospital.stop(); });

  it('never has more calls under way than the destination bears', async () => {
    fake.onSend = async (report) => {
      under += 1;
      most = Math.max(most, under);
      await new Promise((resolve) => { setImmediate(resolve); });
      under -= 1;
      fake.commit(report);
      return { kind: 'accepted' };
    };
    await pause(false);
    await waitFor('all reported', async () => (await states()).every((state) => state === 'accepted'));
    expect(fake.sent.length).to.equal(REPORTS);
    expect(most).to.be.within(1, 2);
  });

  it('tries a platform that is away with one call and holds nothing claimed through the pause', async () => {
    await hospital.stop();
    hospital = await openTestHospital([fake], { driver: hospital.driver, retry: { baseBackOffMs: 600_000, maxBackOffMs: 600_000 } });
    fake.onSend = () => ({ kind: 'unavailable', reason: 'NETWORK' });
    await hospital.dispatcher.start();
    await pause(false);
    await waitFor('the lane to pause', () => hospital.dispatcher.lane(HOSPITAL.code, 'fake')?.health.isWell === false);
    await waitFor('everything back in the queue', async () => (await states()).every((state) => state === 'queued'));
    // both places were taken before the first call showed that nobody is there
    expect(fake.sent.length).to.be.at.most(2);
    await hospital.submit({ id: 'V0', kind: 'void', refers: 'E5' });
    expect((await states()).filter((state) => state === 'withdrawn').length).to.equal(1);
  });

  it('gives back what waits for its call when it is told to stop', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => { release = resolve; });
    fake.onSend = async (report) => { await gate; fake.commit(report); return { kind: 'accepted' }; };
    await pause(false);
    await waitFor('two calls under way', () => fake.sent.length === 2);
    const stopping = hospital.dispatcher.stop(5_000);
    release();
    await stopping;
    expect((await states()).sort()).to.deep.equal([...Array.from({ length: 2 }, () => 'accepted'), ...Array.from({ length: REPORTS - 2 }, () => 'queued')]);
  });
}); });
