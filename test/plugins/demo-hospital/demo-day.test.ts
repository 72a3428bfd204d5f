import { expect } from 'chai';
import { parseInstant } from '../../../adapter/domain/china-time.ts';
import type { TraceEvent } from '../../../adapter/domain/event.ts';
import type { IntakeAnswer } from '../../../adapter/ports/intake.ts';
import type { Destination, PlannedReport, ReportedEvent } from '../../../adapter/ports/destination.ts';
import { planEvent } from '../../../connectors/mah-alihealth/plan.ts';
import type { MahSettings } from '../../../connectors/mah-alihealth/settings.ts';
import { planReports } from '../../../connectors/nhsa/plan.ts';
import { loadProfile } from '../../../connectors/nhsa/profile.ts';
import type { NhsaSettings } from '../../../connectors/nhsa/settings.ts';
import { encodeChinese } from '../../../plugins/demo-hospital/chinese-bytes.ts';
import { demoDay, expectations, type DemoDay, type DemoItem, type Fate } from '../../../plugins/demo-hospital/index.ts';
import { syntheticIdNo } from '../../../plugins/demo-hospital/people.ts';
import { SANDBOX_SUPPLIERS } from '../../../plugins/sandbox/index.ts';
import { FakeDestination } from '../../support/fake-destination.ts';
import { makeSource } from '../../support/hl7-source.ts';
import { HOSPITAL, openTestHospital, type TestHospital } from '../../support/test-hospital.ts';

const OPTIONS = { date: '2026-11-22', institution: HOSPITAL.code };
const REJECTED = new Set(['HL7_TYPE_UNSUPPORTED', 'RECORD_UNREADABLE', 'RECORD_TOO_LARGE']);

/** The plans of the two real connectors on platforms that are never called. */
function planners(): readonly Destination[] {
  const profile = loadProfile({ profile: 'national', answers: [], transactions: {}, paths: {}, envelope: {}, optionalFields: [], requiredFields: [] } as unknown as NhsaSettings);
  const settings = { billTypes: {}, transfers: 'off', acceptPrefix: '8', otherOwners: 'needs-attention', splitReport: 'first-opening', codesPerBill: 3_500, billPrefix: '' } as unknown as MahSettings;
  const plans: readonly (readonly [string, (reported: ReportedEvent) => readonly PlannedReport[]])[] = [['insurance', (reported) => planReports(reported, profile)], ['mah', (reported) => planEvent(reported, settings)]];
  return plans.map(([name, plan]) => Object.assign(new FakeDestination(name), { onPlan: plan }));
}

/** What the HIS is told: MSA-1 over MLLP, `status` over REST. */
function answerOf(item: DemoItem, answer: IntakeAnswer): string {
  const refusal = answer.kind === 'quarantined' ? answer.refusal : answer.kind === 'taken' ? answer.events.find((event) => event.refusal !== undefined)?.refusal : undefined;
  if (item.via === 'rest') return answer.kind === 'taken' ? answer.events[0]?.status ?? 'none' : answer.kind;
  return refusal === undefined ? 'AA' : REJECTED.has(refusal.code) ? 'AR' : 'AE';
}

async function submit(hospital: TestHospital, item: DemoItem, interpret: ReturnType<typeof makeSource>['source']['interpret']): Promise<IntakeAnswer> {
  if (item.via === 'rest') {
    const event = item.event as unknown as TraceEvent;
    return hospital.intake.submit({ institution: HOSPITAL.code, source: 'his', controlId: event.id, media: 'json', charset: 'utf-8', bytes: Buffer.from(JSON.stringify(event)), interpreter: 'his-rest' }, { kind: 'events', events: [event] });
  }
  const record = { institution: HOSPITAL.code, source: 'his-hl7', controlId: item.eventId, media: 'hl7v2' as const, charset: 'unknown', bytes: item.bytes, interpreter: 'his-hl7' };
  return hospital.intake.submit(record, interpret(record));
}

interface Row { source: string; event_id: string; destination: string; state: string; covers: string }

/** Fate of every line when nothing was sent yet: what is queued is what will be reported. */
async function fatesOf(hospital: TestHospital): Promise<Map<string, Fate>> {
  const rows = await hospital.rows<Row>('SELECT e.source, e.event_id, d.destination, d.state, d.covers FROM delivery d JOIN event e ON e.institution = d.institution AND e.event_no = d.event_no WHERE d.reverses IS NULL');
  const states = new Map<string, Set<string>>();
  for (const row of rows) {
    for (const lineNo of JSON.parse(row.covers) as string[]) {
      const key = [row.destination, row.source, row.event_id, lineNo].join('|');
      states.set(key, (states.get(key) ?? new Set()).add(row.state));
    }
  }
  const order: readonly (readonly [string, Fate])[] = [['needs-attention', 'attention'], ['held', 'held'], ['withdrawn', 'taken-back'], ['queued', 'reported'], ['not-owed', 'excluded']];
  return new Map([...states].map(([key, found]) => [key, order.find(([state]) => found.has(state))?.[1] ?? 'attention']));
}

describe('demo-hospital', () => {
  const day = demoDay({ seed: 1, ...OPTIONS });

  it('makes the same day from the same seed, and another from another', () => {
    expect(demoDay({ seed: 1, ...OPTIONS })).to.deep.equal(day);
    expect(demoDay({ seed: 2, ...OPTIONS }).items).not.to.deep.equal(day.items);
  });

  for (const seed of [1, 2, 3, 20_261_122]) {
    it(`has at least 560 inputs of every sort, seed ${String(seed)}`, () => {
      const { items, catalogue } = demoDay({ seed, ...OPTIONS });
      expect(items.length).to.be.at.least(560);
      expect(catalogue.length).to.be.within(55, 70);
      for (const answer of ['AA', 'AE', 'AR', 'accepted', 'duplicate', 'quarantined', 'rejected']) expect(items.some((item) => item.expect === answer), answer).to.equal(true);
      const kinds = new Set(items.flatMap((item) => (item.via === 'rest' && item.expect === 'accepted' ? [item.event['kind']] : [])));
      for (const kind of ['receipt', 'supplier-return', 'dispense', 'split-open', 'stock-count', 'stock-gain', 'stock-loss', 'destroy', 'transfer-out', 'transfer-in', 'void', 'settlement']) expect(kinds.has(kind), kind).to.equal(true);
      expect(new Set(items.flatMap((item) => (item.via === 'mllp' ? [item.charset] : [])))).to.deep.equal(new Set(['UTF-8', 'GBK', 'GB18030']));
    });
  }

  it('goes forward in time and stays within the day', () => {
    const times = day.items.map((item) => parseInstant(item.at) ?? Number.NaN);
    expect(times).to.deep.equal([...times].sort((a, b) => a - b));
    for (const item of day.items) expect(item.at.slice(0, 10)).to.equal('2026-11-22');
  });

  it('names nobody and nothing real', () => {
    const text = JSON.stringify(day.items.map((item) => (item.via === 'rest' ? item.event : new TextDecoder('gb18030').decode(item.bytes))));
    for (const [code] of text.matchAll(/(?<!\d)8\d{19}(?!\d)/g)) expect(code).to.match(/^8999/);
    for (const [name] of JSON.stringify(day.items.map((item) => (item.via === 'rest' ? item.event['patient'] ?? {} : {}))).matchAll(/"name":"[^"]*"/g)) expect(name).to.match(/"name":"演示患者/);
    expect(syntheticIdNo(1)).to.match(/^990000\d{11}[\dX]$/);
    expect(day.suppliers.every((supplier) => SANDBOX_SUPPLIERS.some((known) => known.name === supplier))).to.equal(true);
  });

  it('writes Chinese as older programs do', () => {
    const text = '演示患者097𠮷 盒|药品：“追溯码” 5μg×2';
    expect(new TextDecoder('gb18030', { fatal: true }).decode(encodeChinese(text))).to.equal(text);
    expect(() => encodeChinese('😀')).to.throw(RangeError);
  });

  it('counts every line once among the expectations', () => {
    const { lines, insurance, mah } = expectations(day);
    const sum = (totals: Readonly<Record<Fate, number>>): number => Object.values(totals).reduce((total, count) => total + count, 0);
    expect([sum(insurance), sum(mah)]).to.deep.equal([lines.length, lines.length]);
    expect(new Set(lines.map((line) => `${line.source}|${line.eventId}|${line.lineNo}`)).size).to.equal(lines.length);
    for (const fate of ['reported', 'held', 'excluded', 'attention', 'taken-back'] as const) expect(insurance[fate], fate).to.be.greaterThan(0);
  });

  for (const seed of [1, 2]) {
    describe(`played to the intake, seed ${String(seed)}`, () => {
      let hospital: TestHospital;
      let played: DemoDay;
      const wrong: string[] = [];
      before(async function () {
        this.timeout(60_000);
        played = demoDay({ seed, ...OPTIONS });
        hospital = await openTestHospital(planners(), { drugs: played.catalogue });
        const { source } = makeSource({ institutions: [HOSPITAL.code] });
        for (const item of played.items) {
          const got = answerOf(item, await submit(hospital, item, source.interpret));
          if (got !== item.expect) wrong.push(`${item.note} ${item.eventId}: ${got} instead of ${item.expect}`);
        }
      });
      after(() => hospital.stop());

      it('gets exactly the answers it names', () => {
        expect(wrong).to.deep.equal([]);
      });

      it('has on file exactly the lines it names, each with the fate it names at both platforms', async () => {
        const fates = await fatesOf(hospital);
        const differing = played.lines.flatMap((line) => (['insurance', 'mah'] as const).map((platform) => ({ line, platform, got: fates.get([platform, line.source, line.eventId, line.lineNo].join('|')) })))
          .filter(({ line, platform, got }) => got !== line[platform]).map(({ line, platform, got }) => `${platform} ${line.kind} ${line.eventId}/${line.lineNo}: ${String(got)} instead of ${line[platform]}`);
        expect(differing).to.deep.equal([]);
        const [onFile] = await hospital.rows<{ n: number }>('SELECT COUNT(*) AS n FROM event_line');
        expect(onFile?.n).to.equal(played.lines.length);
      });

      it('keeps every balance: no code leaves that did not come in, no pack gives more than it held', async () => {
        const findings = await hospital.rows<{ code: string; n: number }>('SELECT code, COUNT(*) AS n FROM finding GROUP BY code ORDER BY code');
        expect(findings.map((finding) => finding.code)).to.deep.equal(['CODES_MISSING', 'CODE_ALREADY_DISPENSED', 'CODE_RETURNED_THEN_SOLD', 'DRUG_UNKNOWN', 'SETTLEMENT_UNUSED']);
        expect(await hospital.rows("SELECT code FROM code WHERE CAST(units_left AS INTEGER) < 0 OR CAST(units_left AS INTEGER) > CAST(units_total AS INTEGER)")).to.deep.equal([]);
      });
    });
  }
});
