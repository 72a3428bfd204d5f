import { expect } from 'chai';
import { CARRIERS_HEAD } from '../../adapter/delivery/carriers.ts';
import type { EventLine } from '../../adapter/domain/event.ts';
import type { PlannedReport, ReportedEvent } from '../../adapter/ports/destination.ts';
import { assertUsesIndex } from '../support/explain.ts';
import { FakeDestination } from '../support/fake-destination.ts';
import { onEachStore } from '../support/stores.ts';
import { openTestHospital, packCode, type TestHospital } from '../support/test-hospital.ts';
import { waitFor } from '../support/wait-for.ts';

function whole(...codes: string[]): EventLine {
  return { lineNo: '1', drug: 'YP1', quantity: String(codes.length), unit: '盒', split: false, codes };
}

describe('order per code and destination', () => { onEachStore((open) => {
  let fake: FakeDestination;
  let hospital: TestHospital;
  let release = (): void => undefined;
  beforeEach(async () => {
    fake = new FakeDestination();
    const planned = fake.onPlan;
    // a stock count is nothing this platform is told of
    fake.onPlan = (reported: ReportedEvent): readonly PlannedReport[] => (reported.event.kind === 'stock-count'
      ? planned(reported).map((plan) => ({ ...plan, codes: [], notOwed: '只在本机留存' })) : planned(reported));
    const gate = new Promise<void>((resolve) => { release = resolve; });
    fake.onSend = async (report) => { if (report.reported.event.id === 'E1') await gate; fake.commit(report); return { kind: 'accepted' }; };
    hospital = await openTestHospital([fake], { driver: await open() });
    await hospital.dispatcher.start();
  });
  afterEach(async () => { release(); await hospital.stop(); });

  const sent = (): string[] => fake.sent.flat().map((report) => report.reported.event.id);
  const waits = (): Promise<{ event_no: number; hard: number }[]> => hospital.rows('SELECT w.hard FROM delivery_wait w ORDER BY w.delivery_no, w.waits_for');

  it('holds a return that names no dispense back until the dispense before a stock count is on the platform', async () => {
    await hospital.submit({ id: 'E1', kind: 'dispense', lines: [whole(packCode(1))] });
    await waitFor('E1 under way', () => sent().includes('E1'));
    await hospital.submit({ id: 'C1', kind: 'stock-count', lines: [whole(packCode(1))] });
    await hospital.submit({ id: 'E2', kind: 'dispense-return', lines: [whole(packCode(1))] });
    await hospital.submit({ id: 'E3', kind: 'dispense', lines: [whole(packCode(3))] });
    await waitFor('E3 passed', () => sent().includes('E3'));
    expect(sent()).to.not.include('E2');
    release();
    await waitFor('E2 followed', () => sent().includes('E2'));
    expect(sent()).to.deep.equal(['E1', 'E3', 'E2']);
  });

  it('keeps a sale behind an earlier one of the same code although a stock count lies between, also among several codes', async () => {
    await hospital.submit({ id: 'E1', kind: 'other-in', lines: [whole(packCode(1))] });
    await waitFor('E1 under way', () => sent().includes('E1'));
    await hospital.submit({ id: 'C1', kind: 'stock-count', lines: [whole(packCode(1), packCode(2))] });
    await hospital.submit({ id: 'E2', kind: 'dispense', lines: [whole(packCode(1), packCode(2))] });
    await hospital.submit({ id: 'E3', kind: 'dispense', lines: [whole(packCode(3))] });
    await waitFor('E3 passed', () => sent().includes('E3'));
    expect(sent()).to.not.include('E2');
    expect((await waits()).map((wait) => wait.hard)).to.deep.equal([0]);
    release();
    await waitFor('E2 followed', () => sent().includes('E2'));
  });

  it('waits for nothing once the platform has what came before', async () => {
    release();
    await hospital.submit({ id: 'E1', kind: 'other-in', lines: [whole(packCode(1))] });
    await waitFor('accepted', async () => (await hospital.rows("SELECT 1 AS one FROM delivery WHERE state = 'accepted'")).length === 1);
    await hospital.submit({ id: 'C1', kind: 'stock-count', lines: [whole(packCode(1))] });
    await hospital.submit({ id: 'E2', kind: 'dispense', lines: [whole(packCode(1))] });
    expect(await waits()).to.deep.equal([]);
    await waitFor('E2', () => sent().includes('E2'));
  });

  it('lets the next sale pass a return whose dispense was refused, and keeps the return back', async () => {
    release();
    fake.onSend = (report) => (report.reported.event.id === 'E1' ? { kind: 'rejected', reason: 'RULE' } : { kind: 'accepted' });
    await hospital.submit({ id: 'E1', kind: 'dispense', lines: [whole(packCode(1))] });
    await waitFor('refused', async () => (await hospital.rows("SELECT 1 AS one FROM delivery WHERE state = 'rejected'")).length === 1);
    await hospital.submit({ id: 'E2', kind: 'dispense-return', refers: 'E1', lines: [whole(packCode(1))] });
    await hospital.submit({ id: 'E3', kind: 'dispense', lines: [whole(packCode(1))] });
    await waitFor('E3', () => sent().includes('E3'));
    expect(sent()).to.deep.equal(['E1', 'E3']);
  });

  it('finds what carried a code by the indexes', async () => {
    await assertUsesIndex(hospital.driver, `${CARRIERS_HEAD} (?) ORDER BY c.event_no DESC, d.delivery_no`, ['fake', 'H1', 'H1', 1, packCode(1)], 'delivery_by_event');
  });
}); });
