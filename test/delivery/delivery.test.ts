import { expect } from 'chai';
import type { EventLine, TraceEvent } from '../../adapter/domain/event.ts';
import { FakeDestination } from '../support/fake-destination.ts';
import { HOSPITAL, openTestHospital, packCode, type TestHospital } from '../support/test-hospital.ts';
import { onEachStore } from '../support/stores.ts';
import { waitFor } from '../support/wait-for.ts';

function line(lineNo: string, ...codes: string[]): EventLine {
  return { lineNo, drug: 'YP1', quantity: String(codes.length), unit: '盒', split: false, lot: 'A1', producedOn: '2026-01-02', expiresOn: '2027-12-31', codes };
}
const dispense = (id: string, code: string, more: Partial<TraceEvent> = {}): Partial<TraceEvent> & { id: string } => ({ id, kind: 'dispense', lines: [line('1', code)], ...more });

describe('delivery', () => { onEachStore((open) => {
  let fake: FakeDestination;
  let hospital: TestHospital;
  beforeEach(async () => {
    fake = new FakeDestination();
    hospital = await openTestHospital([fake], { driver: await open() });
    await hospital.dispatcher.start();
  });
  afterEach(async () => { await hospital.stop(); });

  const states = async (): Promise<string[]> => (await hospital.rows<{ state: string }>('SELECT state FROM delivery ORDER BY delivery_no')).map((row) => row.state);
  const settled = (count: number, ...names: string[]): Promise<void> => waitFor(`${String(count)} × ${names.join('/')}`, async () => (await states()).filter((state) => names.includes(state)).length === count);

  it('reports each event once and settles it', async () => {
    for (let at = 0; at < 30; at += 1) await hospital.submit(dispense(`E${String(at)}`, packCode(at)));
    await settled(30, 'accepted');
    expect([...fake.held.values()].every((times) => times === 1)).to.equal(true);
    expect(fake.held.size).to.equal(30);
  });

  it('asks before it sends again when the reply was lost after the commit, and never sends twice', async () => {
    fake.onSend = (report) => { fake.commit(report); return { kind: 'unknown', reason: 'TIMEOUT' }; };
    await hospital.submit(dispense('E1', packCode(1)));
    await settled(1, 'accepted');
    expect([...fake.held.values()]).to.deep.equal([1]);
    expect(fake.sent.length).to.equal(1);
  });

  it('sends the same key again only after the platform said twice that it has nothing', async () => {
    fake.onSend = (report, times) => { if (times === 1) return { kind: 'unknown', reason: 'NETWORK' }; fake.commit(report); return { kind: 'accepted' }; };
    await hospital.submit(dispense('E1', packCode(1)));
    await settled(1, 'accepted');
    expect(fake.asked.length).to.be.at.least(2);
    expect(new Set(fake.sent.flat().map((report) => report.key)).size).to.equal(1);
    expect([...fake.held.values()]).to.deep.equal([1]);
  });

  it('takes a throwing connector as unknown', async () => {
    fake.onSend = (report, times) => { if (times > 1) { fake.commit(report); return { kind: 'accepted' }; } throw new Error('defect'); };
    await hospital.submit(dispense('E1', packCode(1)));
    await settled(1, 'accepted');
    expect(fake.asked.length).to.be.at.least(1);
  });

  it('retries by itself while the platform is away and drains in order afterwards', async () => {
    let away = true;
    fake.onSend = (report) => { if (away) return { kind: 'unavailable', reason: 'NETWORK' }; fake.commit(report); return { kind: 'accepted' }; };
    for (let at = 0; at < 12; at += 1) await hospital.submit(dispense(`E${String(at)}`, packCode(at)));
    await waitFor('some tries', () => fake.sent.length > 3);
    away = false;
    await settled(12, 'accepted');
    expect([...fake.held.values()].every((times) => times === 1)).to.equal(true);
  });

  it('parks what was refused and lets other codes go on', async () => {
    const bad = packCode(1);
    fake.onSend = (report) => (report.codes.includes(bad) ? { kind: 'rejected', reason: 'RULE', peerText: 'no' } : { kind: 'accepted' });
    await hospital.submit(dispense('E1', bad));
    await hospital.submit(dispense('E2', packCode(2)));
    await settled(1, 'accepted');
    await settled(1, 'rejected');
    expect(fake.sent.flat().filter((report) => report.codes.includes(bad)).length).to.equal(1);
  });

  it('keeps the order per code: the return waits until the dispense is on the platform', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => { release = resolve; });
    fake.onSend = async (report) => { if (report.reported.event.id === 'E1') await gate; fake.commit(report); return { kind: 'accepted' }; };
    await hospital.submit(dispense('E1', packCode(1)));
    await hospital.submit({ id: 'E2', kind: 'dispense-return', refers: 'E1', lines: [line('1', packCode(1))] });
    await hospital.submit(dispense('E3', packCode(3)));
    await waitFor('E3 passed', () => fake.sent.flat().some((report) => report.reported.event.id === 'E3'));
    expect(fake.sent.flat().some((report) => report.reported.event.id === 'E2')).to.equal(false);
    release();
    await settled(3, 'accepted');
  });

  it('holds an insured dispense until its settlement arrives and reports it with the settlement id', async () => {
    await hospital.submit(dispense('E1', packCode(1), { patient: { visitNo: 'V1', settlementType: 'insured' } }));
    expect(await states()).to.deep.equal(['held']);
    await hospital.submit({ id: 'S1', kind: 'settlement', patient: { visitNo: 'V1', settlementId: 'SETL1', settlementType: 'insured', settlementArea: 'local' } });
    await settled(1, 'accepted');
    expect(fake.sent.flat()[0]?.reported.event.patient?.settlementId).to.equal('SETL1');
  });

  it('does not let a dispense that waits for its settlement hold up others from the same opened pack', async () => {
    const split = { ...line('1', packCode(1)), quantity: '2', unit: '片', split: true };
    await hospital.submit(dispense('E1', packCode(1), { lines: [split], patient: { visitNo: 'V1', settlementType: 'insured' } }));
    await hospital.submit(dispense('E2', packCode(1), { lines: [split] }));
    await settled(1, 'accepted');
    expect(await states()).to.deep.equal(['held', 'accepted']);
  });

  it('never sends what was voided before it went out, and takes back what went out', async () => {
    fake.onSend = (report) => { fake.commit(report); return { kind: 'accepted' }; };
    await hospital.dispatcher.switch({ institution: HOSPITAL.code, destination: 'fake' }, { stopped: true, reason: 'test', by: 'test' });
    await hospital.submit(dispense('E1', packCode(1)));
    await hospital.submit({ id: 'V1', kind: 'void', refers: 'E1' });
    await hospital.dispatcher.switch({ institution: HOSPITAL.code, destination: 'fake' }, { stopped: false, reason: 'test', by: 'test' });
    await hospital.submit(dispense('E2', packCode(2)));
    await settled(1, 'accepted');
    await hospital.submit({ id: 'V2', kind: 'void', refers: 'E2' });
    await settled(2, 'accepted');
    expect(await states()).to.deep.equal(['withdrawn', 'not-owed', 'accepted', 'accepted']);
    expect(fake.sent.flat().map((report) => `${report.operation} ${report.reported.event.id}`)).to.deep.equal(['sale E2', 'delete E2']);
  });

  it('does not send a voided report again only to take it back', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => { release = resolve; });
    fake.onSend = async () => { await gate; return { kind: 'unavailable', reason: 'SYSTEM' }; };
    await hospital.submit(dispense('E1', packCode(1)));
    await waitFor('under way', () => fake.sent.length === 1);
    await hospital.submit({ id: 'V1', kind: 'void', refers: 'E1' });
    release();
    await settled(1, 'withdrawn');
    await settled(1, 'not-owed');
    expect(fake.held.size).to.equal(0);
  });

  it('stops sending when the switch is thrown, although retries are waiting', async () => {
    fake.onSend = () => ({ kind: 'unavailable', reason: 'SYSTEM' });
    for (let at = 0; at < 20; at += 1) await hospital.submit(dispense(`E${String(at)}`, packCode(at)));
    await waitFor('a storm', () => fake.sent.length > 10);
    await hospital.dispatcher.switch({ institution: HOSPITAL.code, destination: 'fake' }, { stopped: true, reason: 'test', by: 'test' });
    await waitFor('calls under way ended', async () => !(await states()).includes('sent'));
    const sent = fake.sent.length;
    await new Promise((resolve) => { setTimeout(resolve, 300); });
    expect(fake.sent.length).to.equal(sent);
    expect((await states()).every((state) => state === 'queued')).to.equal(true);
  });

  it('files a line the plan forgot as needing attention', async () => {
    fake.onPlan = () => [];
    await hospital.submit(dispense('E1', packCode(1)));
    expect(await hospital.rows('SELECT state, reason, covers FROM delivery')).to.deep.equal([{ state: 'needs-attention', reason: 'UNPLANNED', covers: '["1"]' }]);
  });

  it('files a plan that throws as needing attention', async () => {
    fake.onPlan = () => { throw new Error('defect'); };
    await hospital.submit(dispense('E1', packCode(1)));
    expect((await hospital.rows('SELECT state, reason FROM delivery'))[0]).to.deep.equal({ state: 'needs-attention', reason: 'FAULT_IN_CONNECTOR' });
  });

  it('refuses locally to report the same code dispensed twice whole', async () => {
    await hospital.submit(dispense('E1', packCode(1)));
    const answer = await hospital.submit(dispense('E2', packCode(1)));
    expect(answer.kind === 'taken' ? answer.events[0]?.findings.map((finding) => finding.code) : []).to.deep.equal(['CODE_ALREADY_DISPENSED']);
    await settled(1, 'accepted');
    expect(await states()).to.deep.equal(['accepted', 'needs-attention']);
    expect(fake.sent.flat().length).to.equal(1);
  });

  it('leaves excluded drugs out with the reason', async () => {
    await hospital.submit({ id: 'E1', kind: 'dispense', lines: [{ lineNo: '1', drug: 'YP9', quantity: '10', unit: '克', split: false, codes: [] }] });
    expect(await hospital.rows('SELECT state, detail FROM delivery')).to.deep.equal([{ state: 'not-owed', detail: '除外品种：中药饮片' }]);
  });
}); });
