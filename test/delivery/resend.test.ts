import { expect } from 'chai';
import { resendDeliveries, type ResendCount } from '../../adapter/delivery/resend.ts';
import { nationalPolicy } from '../../adapter/checks/national-policy.ts';
import type { Drug } from '../../adapter/domain/drug.ts';
import type { EventLine } from '../../adapter/domain/event.ts';
import { systemClock } from '../../adapter/ops/system-clock.ts';
import type { DrugLookup } from '../../adapter/ports/drug-lookup.ts';
import type { PlannedReport, Report, ReportedEvent } from '../../adapter/ports/destination.ts';
import { createCounters } from '../../adapter/store/counters.ts';
import { Numbers } from '../../adapter/store/numbers.ts';
import { FakeDestination } from '../support/fake-destination.ts';
import { onEachStore } from '../support/stores.ts';
import { DRUGS, HOSPITAL, openTestHospital, packCode, type TestHospital } from '../support/test-hospital.ts';
import { waitFor } from '../support/wait-for.ts';

/** A platform with one bill per event, whose numbers are never taken twice. */
class BillPlatform extends FakeDestination {
  constructor() {
    super('bills');
    this.onPlan = (reported: ReportedEvent): readonly PlannedReport[] => {
      const ready = reported.lines.filter((line) => line.drug !== undefined);
      const missing = reported.lines.filter((line) => line.drug === undefined);
      const base = { operation: '323', priority: 0, batchKey: 'bill' };
      return [
        ...(ready.length === 0 ? [] : [{ ...base, key: `B-${reported.event.id}`, covers: ready.map(({ line }) => line.lineNo), codes: ready.flatMap(({ codes }) => codes.map((code) => code.code)) }]),
        ...missing.map(({ line, codes }) => ({ ...base, operation: 'none', key: `X-${reported.event.id}-${line.lineNo}`, covers: [line.lineNo], codes: codes.map((code) => code.code), unsendable: { reason: 'DRUG_UNKNOWN' as const, detail: '药品目录中没有' } })),
      ];
    };
  }

  reviseReport(plan: PlannedReport, revision: number): PlannedReport {
    return { ...plan, key: `${plan.key.replace(/-R\d+$/, '')}-R${String(revision)}` };
  }
}

const line = (lineNo: string, drug: string, ...codes: string[]): EventLine => ({ lineNo, drug, quantity: String(codes.length), unit: '盒', split: false, codes });
const A = packCode(1);
const B = packCode(2);
const NEW_DRUG: Drug = { drug: 'NEW', name: '新药', packUnit: '盒', smallestUnit: '片', unitsPerPack: 12 };

describe('resend', () => { onEachStore((open) => {
  let bills: BillPlatform;
  let lines: FakeDestination;
  let hospital: TestHospital;
  let drugs: Drug[];
  let numbers: Numbers;
  let queued = 0;
  beforeEach(async () => {
    bills = new BillPlatform();
    lines = new FakeDestination('lines');
    drugs = [];
    hospital = await openTestHospital([bills, lines], { driver: await open(), drugs });
    numbers = new Numbers(createCounters(hospital.driver));
    queued = 0;
    await hospital.dispatcher.start();
  });
  afterEach(async () => { await hospital.stop(); });

  const catalogue: DrugLookup = { lookup: (_q, _institution, ids) => Promise.resolve(new Map([...DRUGS, ...drugs].filter((drug) => ids.includes(drug.drug)).map((drug) => [drug.drug, drug]))) };
  const resend = (destination = 'bills', dryRun = false): Promise<ResendCount> => resendDeliveries({
    driver: hospital.driver, numbers, institutions: [HOSPITAL], destinations: [bills, lines], catalogue, policy: nationalPolicy, clock: systemClock,
    onQueued: (institution) => { queued += 1; hospital.dispatcher.wake(institution); },
  }, { institution: HOSPITAL.code, destination }, { dryRun, by: 'test' });
  interface Row { readonly report_key: string; readonly state: string; readonly codes: string; readonly covers: string }
  const rows = (destination = 'bills'): Promise<Row[]> => hospital.rows<Row>('SELECT report_key, state, codes, covers FROM delivery WHERE destination = ? ORDER BY delivery_no', destination);
  const stateOf = async (key: string): Promise<string | undefined> => (await rows()).find((row) => row.report_key === key)?.state;
  const become = (key: string, state: string): Promise<void> => waitFor(`${key} ${state}`, async () => (await stateOf(key)) === state);
  const billsSent = (): [string, readonly string[]][] => bills.sent.flat().map((report) => [report.key, report.codes]);
  const onFirst = (answer: (report: Report) => ReturnType<FakeDestination['onSend']>): void => {
    bills.onSend = (report) => { if (report.key === 'B-E1') return answer(report); bills.commit(report); return { kind: 'accepted' }; };
  };

  it('sends lines that were completed after their bill had gone in a bill of their own, and nothing of the first one again', async () => {
    await hospital.submit({ id: 'E1', kind: 'dispense', lines: [line('1', 'YP1', A), line('2', 'NEW', B)] });
    await become('B-E1', 'accepted');
    drugs.push(NEW_DRUG);
    expect(await resend()).to.deep.include({ matched: 1, changed: 1 });
    await become('B-E1-R2', 'accepted');
    expect(billsSent()).to.deep.equal([['B-E1', [A]], ['B-E1-R2', [B]]]);
    expect((await rows()).map((row) => [row.report_key, row.state])).to.deep.equal([['B-E1', 'accepted'], ['X-E1-2', 'withdrawn'], ['B-E1-R2', 'accepted']]);
  });

  it('does not lay a line upon a report that went out, and leaves it to a person where keys are not revised', async () => {
    lines.onPlan = (reported) => [{
      operation: 'sale', key: 'S1', batchKey: 'sale', priority: 0, covers: reported.lines.map(({ line: { lineNo } }) => lineNo), codes: reported.lines.flatMap(({ codes }) => codes.map((code) => code.code)),
      ...(reported.lines.every(({ drug }) => drug === undefined) ? { unsendable: { reason: 'DRUG_UNKNOWN' as const, detail: '' } } : {}),
    }].flatMap((plan) => (reported.lines.length === 2 && plan.covers.length === 2 ? [{ ...plan, covers: ['1'], codes: [A] }] : [plan]));
    await hospital.submit({ id: 'E1', kind: 'dispense', lines: [line('1', 'YP1', A), line('2', 'NEW', B)] });
    await waitFor('accepted', async () => (await rows('lines')).some((row) => row.state === 'accepted'));
    drugs.push(NEW_DRUG);
    await resend('lines');
    const after = await rows('lines');
    expect(after.find((row) => row.report_key === 'S1')).to.include({ state: 'accepted', codes: JSON.stringify([A]), covers: '["1"]' });
    expect(after.filter((row) => row.covers === '["2"]').map((row) => row.state)).to.deep.equal(['needs-attention']);
    expect(lines.sent.flat()).to.have.length(1);
  });

  it('sends a refused bill again under a new number, on file before it goes', async () => {
    onFirst(() => ({ kind: 'rejected', reason: 'RULE' }));
    await hospital.submit({ id: 'E1', kind: 'dispense', lines: [line('1', 'YP1', A)] });
    await become('B-E1', 'rejected');
    expect(await resend('bills', true)).to.deep.include({ matched: 1, changed: 0 });
    expect(bills.asked).to.have.length(0);
    await resend();
    await become('B-E1-R2', 'accepted');
    expect(billsSent()).to.deep.equal([['B-E1', [A]], ['B-E1-R2', [A]]]);
    expect(await stateOf('B-E1')).to.equal('withdrawn');
    expect(queued).to.equal(1);
  });

  it('counts on when the second number was refused too', async () => {
    bills.onSend = (report) => { if (report.key !== 'B-E1-R3') return { kind: 'rejected', reason: 'RULE' }; bills.commit(report); return { kind: 'accepted' }; };
    await hospital.submit({ id: 'E1', kind: 'dispense', lines: [line('1', 'YP1', A)] });
    await become('B-E1', 'rejected');
    await resend();
    await become('B-E1-R2', 'rejected');
    await resend();
    await become('B-E1-R3', 'accepted');
  });

  it('asks before it sends a refused bill again, and sends nothing when the platform has it by now', async () => {
    onFirst((report) => { bills.commit(report); return { kind: 'rejected', reason: 'UNKNOWN_TEXT' }; });
    await hospital.submit({ id: 'E1', kind: 'dispense', lines: [line('1', 'YP1', A)] });
    await become('B-E1', 'rejected');
    await resend();
    expect(await stateOf('B-E1')).to.equal('accepted');
    expect(billsSent()).to.have.length(1);
  });

  for (const [name, answer] of [['does not answer', { kind: 'no-answer', reason: 'NETWORK' }], ['still works on it', { kind: 'processing' }]] as const) {
    it(`sends nothing of a refused bill while the platform ${name}`, async () => {
      onFirst(() => ({ kind: 'rejected', reason: 'RULE' }));
      bills.onAsk = () => answer;
      await hospital.submit({ id: 'E1', kind: 'dispense', lines: [line('1', 'YP1', A)] });
      await become('B-E1', 'rejected');
      const count = await resend();
      expect([count.changed, count.skipped.length]).to.deep.equal([0, 1]);
      expect((await rows()).map((row) => row.state)).to.deep.equal(['rejected']);
    });
  }

  const partly = (codes: readonly string[]) => ({ kind: 'rejected' as const, reason: 'PARTLY_REJECTED' as const, codes });

  it('sends of a bill taken in part only the codes that were refused, in a bill of its own', async () => {
    onFirst(() => partly([B]));
    bills.onAsk = (report) => (report.key === 'B-E1' ? { kind: 'settled', outcome: partly([B]) } : { kind: 'absent' });
    await hospital.submit({ id: 'E1', kind: 'dispense', lines: [line('1', 'YP1', A), line('2', 'YP1', B)] });
    await become('B-E1', 'rejected');
    await resend();
    await become('B-E1-R2', 'accepted');
    expect(billsSent()).to.deep.equal([['B-E1', [A, B]], ['B-E1-R2', [B]]]);
    expect(await rows()).to.deep.equal([
      { report_key: 'B-E1', state: 'accepted', codes: JSON.stringify([A]), covers: '["1"]' }, { report_key: 'B-E1-R2', state: 'accepted', codes: JSON.stringify([B]), covers: '["2"]' },
    ]);
    expect((await resend()).matched).to.equal(0);
  });

  it('takes back both bills, each with its own codes, when the event is voided after that', async () => {
    onFirst(() => partly([B]));
    bills.onAsk = () => ({ kind: 'settled', outcome: partly([B]) });
    await hospital.submit({ id: 'E1', kind: 'dispense', lines: [line('1', 'YP1', A), line('2', 'YP1', B)] });
    await become('B-E1', 'rejected');
    await resend();
    await become('B-E1-R2', 'accepted');
    await hospital.submit({ id: 'V1', kind: 'void', refers: 'E1' });
    await waitFor('two reversals', () => bills.sent.flat().filter((report) => report.operation === 'delete').length === 2);
    expect(bills.sent.flat().filter((report) => report.operation === 'delete').map((report) => [report.reverses?.key, report.codes])).to.have.deep.members([['B-E1', [A]], ['B-E1-R2', [B]]]);
  });

  it('leaves a bill taken in part to a person when the platform names no refused code', async () => {
    onFirst(() => partly([]));
    bills.onAsk = () => ({ kind: 'settled', outcome: partly([]) });
    await hospital.submit({ id: 'E1', kind: 'dispense', lines: [line('1', 'YP1', A)] });
    await become('B-E1', 'rejected');
    expect((await resend()).skipped.map(({ reason }) => reason)).to.deep.equal(['平台没有列出被拒的码，请在平台上核对']);
    expect(billsSent()).to.have.length(1);
  });

  it('takes a bill that was taken in part back when its event is voided later', async () => {
    onFirst(() => partly([B]));
    await hospital.submit({ id: 'E1', kind: 'dispense', lines: [line('1', 'YP1', A, B)] });
    await become('B-E1', 'rejected');
    await hospital.submit({ id: 'V1', kind: 'void', refers: 'E1' });
    await waitFor('the reversal', () => bills.sent.flat().some((report) => report.operation === 'delete'));
    const count = await resend();
    expect(count.changed).to.equal(0);
    expect(billsSent().map(([key]) => key).filter((key) => key.startsWith('B-'))).to.deep.equal(['B-E1']);
  });

  it('takes a bill back that turns out to be taken in part after the void arrived', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => { release = resolve; });
    bills.onSend = async (report) => { if (report.key !== 'B-E1') { bills.commit(report); return { kind: 'accepted' }; } await gate; return partly([B]); };
    await hospital.submit({ id: 'E1', kind: 'dispense', lines: [line('1', 'YP1', A, B)] });
    await waitFor('under way', () => bills.sent.length === 1);
    await hospital.submit({ id: 'V1', kind: 'void', refers: 'E1' });
    release();
    await waitFor('the reversal', () => bills.sent.flat().some((report) => report.operation === 'delete'));
  });

  it('sends a refused report again under the same key where keys may be used again', async () => {
    let refuse = true;
    lines.onSend = (report) => { if (refuse) return { kind: 'rejected', reason: 'CATALOG' }; lines.commit(report); return { kind: 'accepted' }; };
    await hospital.submit({ id: 'E1', kind: 'dispense', lines: [line('1', 'YP1', A)] });
    await waitFor('refused', async () => (await rows('lines'))[0]?.state === 'rejected');
    refuse = false;
    await resend('lines');
    await waitFor('accepted', async () => (await rows('lines'))[0]?.state === 'accepted');
    expect(new Set(lines.sent.flat().map((report) => report.key)).size).to.equal(1);
    expect(await rows('lines')).to.have.length(1);
  });

  it('keeps what waited for a refused bill waiting for the one that takes its place', async () => {
    onFirst(() => ({ kind: 'rejected', reason: 'RULE' }));
    await hospital.submit({ id: 'E1', kind: 'dispense', lines: [line('1', 'YP1', A)] });
    await become('B-E1', 'rejected');
    await hospital.submit({ id: 'E2', kind: 'dispense-return', refers: 'E1', lines: [line('1', 'YP1', A)] });
    await resend();
    await become('B-E2', 'accepted');
    expect(billsSent().map(([key]) => key)).to.deep.equal(['B-E1', 'B-E1-R2', 'B-E2']);
  });
}); });
