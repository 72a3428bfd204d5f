import { expect } from 'chai';
import type { EventLine, Patient, TraceEvent } from '../../adapter/domain/event.ts';
import { createSettlementDesk } from '../../adapter/settlement-help/settlement-desk.ts';
import type { SettlementDesk } from '../../adapter/settlement-help/settlement-desk.ts';
import { SELECT_OWED_LINES, SELECT_RETURNS_OF, SELECT_VISIT_EVENTS } from '../../adapter/settlement-help/visit-events.ts';
import { regionProfile } from '../../connectors/nhsa/profile.ts';
import { settlementHelp } from '../../connectors/nhsa/settlement-node.ts';
import { startHttp } from '../http/fixture.ts';
import { assertUsesIndex } from '../support/explain.ts';
import { FakeDestination } from '../support/fake-destination.ts';
import { onEachStore } from '../support/stores.ts';
import { DRUGS, HOSPITAL, openTestHospital, packCode, type TestHospital } from '../support/test-hospital.ts';

class Insurance extends FakeDestination {
  readonly settlementHelp = settlementHelp(regionProfile('hubei'));
}

const INSURED: Patient = { visitNo: 'V1', settlementType: 'insured' };
const line = (lineNo: string, codes: readonly string[], more: Partial<EventLine> = {}): EventLine => ({ lineNo, drug: 'YP1', quantity: String(codes.length), unit: '盒', split: false, lot: 'A1', codes, ...more });
const sale = (id: string, lines: readonly EventLine[], more: Partial<TraceEvent> = {}): Partial<TraceEvent> & { id: string } => ({ id, kind: 'dispense', patient: INSURED, lines, ...more });
const COUNT = (count: number): object => ({ minpacunt_drug_trac_cnt: count, mcs_trac_cnt: 0 });

describe('settlement desk', () => { onEachStore((open) => {
  let hospital: TestHospital;
  let desk: SettlementDesk;
  beforeEach(async () => {
    const insurance = new Insurance('insurance');
    hospital = await openTestHospital([insurance], { driver: await open() });
    const catalogue = { lookup: () => Promise.resolve(new Map(DRUGS.map((drug) => [drug.drug, drug]))) };
    desk = createSettlementDesk({ driver: hospital.driver, institutions: [HOSPITAL], destinations: [new FakeDestination('mah'), insurance], catalogue });
  });
  afterEach(() => hospital.stop());
  const ask = (unsettledOnly = false): ReturnType<SettlementDesk['traceCounts']> => desk.traceCounts({ institution: HOSPITAL.code, visitNo: 'V1', unsettledOnly });

  it('counts what the visit still holds: returned, voided, excluded and self-paid packs are left out', async () => {
    await hospital.submit(sale('E1', [line('1', [packCode(1), packCode(2)]), line('2', [], { drug: 'YP9', quantity: '1', unit: '袋' })]));
    await hospital.submit(sale('E2', [line('1', [packCode(3)])]));
    await hospital.submit(sale('E3', [line('1', [packCode(4)])]));
    await hospital.submit(sale('E4', [line('1', [packCode(5)])], { patient: { visitNo: 'V1', settlementType: 'self-pay' } }));
    await hospital.submit({ id: 'V3', kind: 'void', refers: 'E3' });
    // the return names the dispense and no visit
    await hospital.submit({ id: 'R1', kind: 'dispense-return', refers: 'E1', lines: [line('1', [packCode(2)])] });
    const found = await ask();
    expect(found.counts).to.deep.equal(COUNT(2));
    expect(found).to.include({ destination: 'insurance', events: 3 });
    expect(found.lines.map((one) => [one.eventId, one.lineNo, one.counts])).to.deep.equal([['E1', '1', COUNT(1)], ['E2', '1', COUNT(1)]]);
  });

  it('leaves out what an earlier settlement of the visit has taken, when asked to', async () => {
    await hospital.submit(sale('E1', [line('1', [packCode(1)])], { patient: { ...INSURED, settlementId: 'S1' } }));
    await hospital.submit(sale('E2', [line('1', [packCode(2)])]));
    expect((await ask()).counts).to.deep.equal(COUNT(2));
    expect((await ask(true)).counts).to.deep.equal(COUNT(1));
  });

  it('gives the node of the region with the fee lines of the HIS', async () => {
    await hospital.submit(sale('E1', [line('1', [packCode(1)]), line('2', [packCode(2)])]));
    const node = await desk.traceNode({ institution: HOSPITAL.code, visitNo: 'V1', unsettledOnly: false }, ({ eventId, lineNo }) => (lineNo === '1' ? `F-${eventId}` : undefined));
    expect(node?.rows).to.deep.equal([{ feedetl_sn: 'F-E1', drug_trac_codg: packCode(1), trdn_flag: '0', min_prcunt_type: '2' }]);
    expect(node?.missing).to.deep.equal(['E1 第 2 行：费用明细流水号（feedetl_sn）为空']);
  });

  it('says that nothing is on file under the visit rather than counting nothing', async () => {
    const error = await desk.traceCounts({ institution: HOSPITAL.code, visitNo: 'nobody', unsettledOnly: false }).catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'NOT_FOUND' });
  });

  it('reads a visit by its indexes', async () => {
    await assertUsesIndex(hospital.driver, SELECT_VISIT_EVENTS, [HOSPITAL.code, 'V1'], 'event_by_visit');
    await assertUsesIndex(hospital.driver, SELECT_RETURNS_OF, [HOSPITAL.code, 'his', 'E1'], 'event_by_refers');
    await assertUsesIndex(hospital.driver, SELECT_OWED_LINES, [HOSPITAL.code, 1], 'event_line_pkey');
  });
}); });

describe('http: settlement help', () => {
  const counts = { minpacunt_drug_trac_cnt: 2, mcs_trac_cnt: 0 };
  const settlementDesk: SettlementDesk = {
    traceCounts: (question) => Promise.resolve({ destination: question.unsettledOnly ? 'unsettled' : 'insurance', counts, events: 1, lines: [{ source: 'his', eventId: 'E1', lineNo: '1', counts }] }),
    traceNode: (_, feeLineOf) => Promise.resolve({ transaction: '2207', node: 'drug_trac_info', rows: [{ feedetl_sn: feeLineOf({ source: 'his', eventId: 'E1', lineNo: '1' }) ?? '', other: feeLineOf({ source: 'ward', eventId: 'E1', lineNo: '1' }) ?? '' }], missing: [] }),
  };

  it('answers the counts of a visit, line by line when asked, and the node for its fee lines', async () => {
    const deps: object = { settlementDesk };
    const http = await startHttp({ deps });
    try {
      const base = { institution: 'H89990000001', visitNo: 'V 1', events: 1, counts };
      const get = async (query: string): Promise<unknown> => (await http.call(`/api/v1/settlements/V%201/trace-count${query}`, { token: http.token('his') })).json;
      expect(await get('')).to.deep.equal({ ...base, destination: 'insurance' });
      expect(await get('?lines=true&scope=unsettled')).to.deep.equal({ ...base, destination: 'unsettled', lines: [{ source: 'his', id: 'E1', lineNo: '1', counts }] });
      const answer = await http.call('/api/v1/settlements/V1/trace-node', { token: http.token('his'), body: { feeLines: [{ id: 'E1', lineNo: '1', feeLine: 'F1' }, { source: 'ward', id: 'E1', lineNo: '1', feeLine: 'F2' }] } });
      expect(answer.json).to.deep.equal({ institution: 'H89990000001', visitNo: 'V1', node: { transaction: '2207', name: 'drug_trac_info', rows: [{ feedetl_sn: 'F1', other: 'F2' }], missing: [] } });
    } finally { await http.close(); }
  });

  it('says that there is no insurance destination where none is configured', async () => {
    const http = await startHttp();
    try {
      const answer = await http.call('/api/v1/settlements/V1/trace-count', { token: http.token('his') });
      expect([answer.status, answer.json['code']]).to.deep.equal([404, 'DESTINATION_UNKNOWN']);
    } finally { await http.close(); }
  });
});
