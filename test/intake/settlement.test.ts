import { expect } from 'chai';
import fc from 'fast-check';
import { replanEvent } from '../../adapter/delivery/replan.ts';
import type { Drug } from '../../adapter/domain/drug.ts';
import type { EventLine, Patient, TraceEvent } from '../../adapter/domain/event.ts';
import type { Finding } from '../../adapter/domain/finding.ts';
import { settlementFor } from '../../adapter/intake/settlement-rule.ts';
import { nationalPolicy } from '../../adapter/checks/national-policy.ts';
import type { ReportedEvent } from '../../adapter/ports/destination.ts';
import { FakeDestination } from '../support/fake-destination.ts';
import { onEachStore } from '../support/stores.ts';
import { DRUGS, HOSPITAL, openTestHospital, packCode, type TestHospital } from '../support/test-hospital.ts';
import { waitFor } from '../support/wait-for.ts';

type Sent = Partial<TraceEvent> & { readonly id: string };
const time = (clock: string): string => `2026-11-22T${clock}:00+08:00`;
const whole = (...codes: string[]): EventLine => ({ lineNo: '1', drug: 'YP1', quantity: String(codes.length), unit: '盒', split: false, codes });
const dispense = (id: string, clock: string, serial: number, patient: Patient = {}): Sent => ({ id, occurredAt: time(clock), lines: [whole(packCode(serial))], patient: { visitNo: 'V1', settlementType: 'insured', ...patient } });
const settlement = (id: string, clock: string, more: Patient = {}): Sent => ({ id, kind: 'settlement', occurredAt: time(clock), patient: { visitNo: 'V1', settlementId: `${id}-SETL`, settlementType: 'insured', ...more } });

/** A platform that is told at once, like those of the MAH side: nothing waits for a settlement there. */
function indifferent(): FakeDestination {
  const mah = new FakeDestination('mah');
  const plan = mah.onPlan;
  mah.onPlan = (reported: ReportedEvent) => plan({ ...reported, event: { ...reported.event, patient: {} } });
  return mah;
}

describe('settlements and dispenses', () => { onEachStore((open) => {
  let hospital: TestHospital;
  let insurance: FakeDestination;
  let mah: FakeDestination;
  let drugs: Drug[];
  beforeEach(async () => {
    insurance = new FakeDestination('insurance');
    mah = indifferent();
    drugs = [];
    hospital = await openTestHospital([insurance, mah], { driver: await open(), drugs });
  });
  afterEach(async () => { await hospital.stop(); });

  const take = async (event: Sent): Promise<readonly Finding[]> => {
    const answer = await hospital.submit(event);
    if (answer.kind !== 'taken' || answer.events[0]?.status !== 'accepted') throw new Error(`${event.id}: ${JSON.stringify(answer)}`);
    return answer.events[0].findings;
  };
  const attached = async (): Promise<Record<string, string>> => Object.fromEntries((await hospital.rows<{ event_id: string; settlement_id: string }>(
    'SELECT e.event_id, s.settlement_id FROM event_settlement s JOIN event e ON e.institution = s.institution AND e.event_no = s.event_no ORDER BY e.event_id')).map((row) => [row.event_id, row.settlement_id]));
  const states = async (id: string, destination = 'insurance'): Promise<string[]> => (await hospital.rows<{ state: string }>(
    'SELECT d.state FROM delivery d JOIN event e ON e.institution = d.institution AND e.event_no = d.event_no WHERE e.event_id = ? AND d.destination = ? ORDER BY d.delivery_no', id, destination)).map((row) => row.state);
  const accepted = (id: string): Promise<void> => waitFor(`${id} accepted`, async () => (await states(id)).every((state) => state === 'accepted'));

  it('lets a dispense go at once when its visit was settled before (先收费后发药)', async () => {
    await take(settlement('S1', '08:30'));
    await take(dispense('D1', '08:40', 1));
    expect(await states('D1')).to.deep.equal(['queued']);
    expect(await attached()).to.deep.equal({ D1: 'S1-SETL' });
    expect(await hospital.rows("SELECT due_at FROM delivery WHERE due_at > 9e15")).to.deep.equal([]);
    await hospital.dispatcher.start();
    await accepted('D1');
    expect(insurance.sent.flat()[0]?.reported.event.patient?.settlementId).to.equal('S1-SETL');
  });

  it('gives each dispense its own settlement, although both waited when the first one came', async () => {
    await take(dispense('D1', '08:00', 1));
    await take(dispense('D2', '10:00', 2));
    await take(settlement('S1', '08:30'));
    expect(await take(settlement('S2', '10:30'))).to.deep.equal([]);
    expect(await attached()).to.deep.equal({ D1: 'S1-SETL', D2: 'S2-SETL' });
  });

  it('does not send a dispense with the settlement of an earlier one while its own may be on its way', async () => {
    const now = new Date();
    const clock = (minutes: number): string => new Date(now.getTime() + minutes * 60_000).toISOString();
    await hospital.dispatcher.start();
    await take({ ...dispense('D1', '08:00', 1), occurredAt: clock(-90) });
    await take({ ...settlement('S1', '08:30'), occurredAt: clock(-60) });
    await accepted('D1');
    await take({ ...dispense('D2', '10:00', 2), occurredAt: clock(-2) });
    expect(await states('D2')).to.deep.equal(['queued']);
    expect(await hospital.rows('SELECT 1 AS n FROM delivery WHERE state = ? AND destination = ? AND due_at > ?', 'queued', 'insurance', now.getTime() + 600_000)).to.have.length(1);
    expect(await take({ ...settlement('S2', '10:30'), occurredAt: clock(0) })).to.deep.equal([]);
    await accepted('D2');
    expect(insurance.sent.flat().map((report) => report.reported.event.patient?.settlementId)).to.deep.equal(['S1-SETL', 'S2-SETL']);
  });

  it('attaches a settlement that came while the line needed the catalogue, and reports it once that is mended', async () => {
    insurance.onPlan = (reported) => reported.lines.map(({ line, drug }) => ({
      operation: 'sale', key: `K-${reported.event.id}-${line.lineNo}`, covers: [line.lineNo], codes: line.codes, batchKey: 'sale', priority: 0,
      ...(drug === undefined ? { unsendable: { reason: 'DRUG_UNKNOWN' as const, detail: 'x' } } : reported.event.patient?.settlementId === undefined ? { hold: 'settlement' as const } : {}),
    }));
    await take({ ...dispense('D1', '08:00', 1), lines: [{ ...whole(packCode(1)), drug: 'NEW' }] });
    expect(await states('D1')).to.deep.equal(['needs-attention']);
    await take(settlement('S1', '08:30'));
    drugs.push({ drug: 'NEW', name: '新药', packUnit: '盒', smallestUnit: '片', unitsPerPack: 12 });
    await replan('D1');
    expect(await states('D1')).to.deep.equal(['queued']);
    expect(await attached()).to.deep.equal({ D1: 'S1-SETL' });
  });

  it('looks for the settlement again when a dispense is planned again', async () => {
    insurance.onPlan = (reported) => [{ operation: 'sale', key: `K-${reported.event.id}`, covers: ['1'], codes: [], batchKey: 'sale', priority: 0, ...(reported.event.patient?.settlementId === undefined ? { unsendable: { reason: 'SETTLEMENT' as const, detail: 'x' } } : {}) }];
    await take(dispense('D1', '08:00', 1));
    await take(settlement('S1', '08:30'));
    // as a store of an earlier version left it: the settlement is on file and was attached to nothing
    await hospital.driver.write((q) => q.run('DELETE FROM event_settlement', []));
    await replan('D1');
    expect(await states('D1')).to.deep.equal(['queued']);
    expect(await attached()).to.deep.equal({ D1: 'S1-SETL' });
  });

  it('moves a dispense that has not gone out to the settlement that fits better', async () => {
    await take(settlement('S1', '08:30'));
    await take(dispense('D1', '09:00', 1));
    expect(await take(settlement('S2', '09:10'))).to.deep.equal([]);
    expect(await attached()).to.deep.equal({ D1: 'S2-SETL' });
  });

  it('leaves what was sent as it was sent, and says so', async () => {
    await hospital.dispatcher.start();
    await take(settlement('S1', '08:30'));
    await take(dispense('D1', '09:00', 1));
    await accepted('D1');
    const findings = await take(settlement('S2', '09:10'));
    expect(findings.map(({ code, severity }) => [code, severity])).to.deep.equal([['SETTLEMENT_AFTER_REPORT', 'warn']]);
    expect(findings[0]?.detail).to.contain('D1').and.contain('S1-SETL');
    expect(await attached()).to.deep.equal({ D1: 'S1-SETL' });
    // and it does not use the settlement up: the next dispense has it
    await take(dispense('D2', '09:05', 2));
    expect(await attached()).to.deep.equal({ D1: 'S1-SETL', D2: 'S2-SETL' });
    expect((await hospital.rows('SELECT code FROM finding WHERE code = ?', 'SETTLEMENT_AFTER_REPORT')).length).to.equal(1);
  });

  it('still attaches a settlement to a dispense that only the MAH side was told of', async () => {
    await hospital.dispatcher.start();
    await take(dispense('D1', '08:00', 1));
    await waitFor('told', async () => (await states('D1', 'mah'))[0] === 'accepted');
    expect(await take(settlement('S1', '08:30'))).to.deep.equal([]);
    await accepted('D1');
    await take(settlement('S2', '08:20')); // arrives late; the MAH row is out and says nothing about it, the insurance row does
    expect(await attached()).to.deep.equal({ D1: 'S1-SETL' });
  });

  it('says that a dispense went out without a settlement id before its settlement came', async () => {
    await hospital.dispatcher.start();
    await take({ id: 'D1', occurredAt: time('08:00'), lines: [whole(packCode(1))], patient: { visitNo: 'V1' } });
    await accepted('D1');
    const findings = await take(settlement('S1', '08:30'));
    expect(findings.map(({ code, severity }) => [code, severity])).to.deep.equal([['SETTLEMENT_AFTER_REPORT', 'warn']]);
    expect(await attached()).to.deep.equal({});
  });

  it('says that a dispense the HIS called self-pay was reported so, when the visit is settled insured', async () => {
    await hospital.dispatcher.start();
    await take(dispense('D1', '08:00', 1, { settlementType: 'self-pay' }));
    await accepted('D1');
    expect((await take(settlement('S1', '08:30')))[0]?.detail).to.contain('D1 已按自费上报');
  });

  it('says that a settlement fits none of the dispenses of its visit, and only notes one that comes before all of them', async () => {
    expect((await take(settlement('S1', '08:30'))).map(({ code, severity }) => [code, severity])).to.deep.equal([['SETTLEMENT_UNUSED', 'info']]);
    await take(dispense('D1', '09:00', 1, { settlementId: 'OWN' }));
    expect((await take(settlement('S2', '09:30'))).map(({ code, severity }) => [code, severity])).to.deep.equal([['SETTLEMENT_UNUSED', 'warn']]);
    expect(await hospital.rows('SELECT severity FROM finding WHERE code = ? ORDER BY event_no', 'SETTLEMENT_UNUSED')).to.deep.equal([{ severity: 'info' }, { severity: 'warn' }]);
  });

  it('takes a voided settlement from what was not reported yet: the dispense waits again, then has the new one', async () => {
    await take(dispense('D1', '08:00', 1));
    await take(settlement('S1', '08:30'));
    expect(await states('D1')).to.deep.equal(['queued']);
    expect(await take({ id: 'VS1', kind: 'void', refers: 'S1' })).to.deep.equal([]);
    expect([await states('D1'), await states('D1', 'mah'), await attached()]).to.deep.equal([['held'], ['queued'], {}]);
    await take(settlement('S2', '08:40'));
    expect([await states('D1'), await attached()]).to.deep.equal([['queued'], { D1: 'S2-SETL' }]);
  });

  it('says that a dispense was reported with a settlement that is voided', async () => {
    await hospital.dispatcher.start();
    await take(dispense('D1', '08:00', 1));
    await take(settlement('S1', '08:30'));
    await accepted('D1');
    const findings = await take({ id: 'VS1', kind: 'void', refers: 'S1' });
    expect(findings.map(({ code }) => code)).to.deep.equal(['SETTLEMENT_AFTER_REPORT']);
    expect([await states('D1'), await attached()]).to.deep.equal([['accepted'], { D1: 'S1-SETL' }]);
  });

  it('attaches the same whatever the order of arrival', async function () {
    this.timeout(120_000);
    let visit = 0;
    const kinds = fc.record({ minute: fc.nat(30), kind: fc.constantFrom('D', 'D', 'S'), silent: fc.boolean(), inpatient: fc.boolean() });
    await fc.assert(fc.asyncProperty(fc.uniqueArray(kinds, { minLength: 2, maxLength: 6, selector: ({ minute }) => minute }).chain((all) => fc.shuffledSubarray(all, { minLength: all.length })), async (arrivals) => {
      visit += 1;
      const visitNo = `V${String(visit)}`;
      const id = (minute: number): string => `${visitNo}-${String(minute)}`;
      const clock = (minute: number): string => `08:${String(minute).padStart(2, '0')}`;
      for (const { minute, kind, silent, inpatient } of arrivals) {
        const patient: Patient = { visitNo, ...(inpatient ? { class: 'inpatient' as const } : {}), ...(silent ? {} : { settlementType: 'insured' as const }) };
        await take(kind === 'S' ? { id: id(minute), kind: 'settlement', occurredAt: time(clock(minute)), patient: { visitNo, settlementId: id(minute) } } : { id: id(minute), occurredAt: time(clock(minute)), patient, lines: [whole(packCode(visit * 100 + minute))] });
      }
      const settlements = arrivals.filter(({ kind }) => kind === 'S').map(({ minute }) => ({ eventNo: 0, settlementId: id(minute), settlementType: undefined, settlementArea: undefined, atMs: minute }));
      const expected = new Map<string, string>();
      for (const { minute, kind, inpatient } of arrivals) {
        const found = kind === 'S' ? undefined : settlementFor({ atMs: minute, patient: { visitNo, ...(inpatient ? { class: 'inpatient' as const } : {}) } }, settlements);
        if (found !== undefined) expected.set(id(minute), found.settlementId);
      }
      const got = Object.entries(await attached()).filter(([eventId]) => eventId.startsWith(`${visitNo}-`));
      expect(new Map(got)).to.deep.equal(expected);
    }), { numRuns: 25 });
  });

  async function replan(id: string): Promise<void> {
    const [row] = await hospital.rows<{ event_no: number }>('SELECT event_no FROM event WHERE event_id = ?', id);
    let next = 900_000;
    await hospital.driver.write((q) => replanEvent({
      q, institution: HOSPITAL, destination: insurance, policy: nationalPolicy, nowMs: Date.now(), take: () => { next += 1; return next; },
      catalogue: { lookup: (_q, _institution, ids) => Promise.resolve(new Map([...DRUGS, ...drugs].filter((drug) => ids.includes(drug.drug)).map((drug) => [drug.drug, drug]))) },
    }, row?.event_no ?? 0));
  }
}); });
