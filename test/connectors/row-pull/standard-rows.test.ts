import { expect } from 'chai';
import type { TraceEvent } from '../../../adapter/domain/event.ts';
import { validateEvent } from '../../../adapter/intake/event-schema.ts';
import type { HisRow } from '../../../adapter/ports/row.ts';
import { readRows } from '../../../mappings/standard/row.ts';
import { plainDecimal } from '../../../mappings/standard/row-values.ts';

const CONTEXT = { source: 'his-db', institution: 'H35010200001', institutions: ['H35010200001', 'H35010200002'], receivedAt: '2026-11-22T10:00:00+08:00' };
const CODE = '89990010000000000010';
const ROW: HisRow = { EVENT_ID: 'D1', ROW_ID: '1', EVENT_KIND: '发药', OCCURRED_AT: '2026-11-22 09:31:05.123', DRUG_CODE: 'YP1', QUANTITY: '2.0000', UNIT: '盒', TRACE_CODES: CODE };

function eventOf(...rows: readonly HisRow[]): TraceEvent {
  const meaning = readRows(rows, CONTEXT);
  if (meaning.kind !== 'events' || meaning.events[0] === undefined) throw new Error(JSON.stringify(meaning));
  const verdict = validateEvent(meaning.events[0]);
  if (!('ok' in verdict)) throw new Error(JSON.stringify(verdict.refusal));
  return meaning.events[0];
}

function fieldRefused(...rows: readonly HisRow[]): string {
  const meaning = readRows(rows, CONTEXT);
  return meaning.kind === 'refused' ? meaning.refusal.field ?? '' : meaning.kind;
}

describe('mapping standard: database rows', () => {
  it('makes one event with one line per row', () => {
    expect(eventOf(ROW, { ...ROW, ROW_ID: '2', DRUG_CODE: 'YP2', QUANTITY: '.5', TRACE_CODES: null, OCCURRED_AT: '2026-11-22 09:31:04' })).to.deep.equal({
      id: 'D1', source: 'his-db', institution: 'H35010200001', kind: 'dispense', occurredAt: '2026-11-22T09:31:04+08:00',
      lines: [{ lineNo: '1', drug: 'YP1', quantity: '2', unit: '盒', split: false, codes: [CODE] }, { lineNo: '2', drug: 'YP2', quantity: '0.5', unit: '盒', split: true, codes: [] }],
    });
  });

  it('puts people, patient, settlement and partner where they belong', () => {
    const event = eventOf({
      ...ROW, OPERATOR_CODE: '8801', OPERATOR_LICENSE_NO: 'L1', PRESCRIBER_CODE: '77', PRESCRIPTION_NO: 'CF1', DOCUMENT_NO: 'DOC', LOCATION: '西药房', EMERGENCY: '是', INSTITUTION: 'H35010200002',
      VISIT_NO: 'V1', PATIENT_CLASS: '住院', SETTLEMENT_TYPE: '1', SETTLEMENT_ID: 'S1', SETTLEMENT_AREA: '异地', LOT: 'A1', PRODUCED_ON: '1900-01-01 00:00:00', EXPIRES_ON: '2027-12-31 00:00:00.000', UNIT_PRICE: '12.5000', IS_SPLIT: '否',
    });
    expect(event).to.deep.include({
      institution: 'H35010200002', documentNo: 'DOC', location: '西药房', emergency: true, prescriptionNo: 'CF1', operator: { code: '8801', licenseNo: 'L1' }, prescriber: { code: '77' },
      patient: { visitNo: 'V1', settlementId: 'S1', class: 'inpatient', settlementType: 'insured', settlementArea: 'remote' },
    });
    expect(event.lines[0]).to.deep.include({ lot: 'A1', expiresOn: '2027-12-31', unitPrice: '12.5', split: false }).and.to.not.have.property('producedOn');
  });

  it('joins rows of one line number that differ in their code only', () => {
    const second = '89990010000000000020';
    expect(eventOf({ ...ROW, LINE_NO: '1' }, { ...ROW, ROW_ID: '2', LINE_NO: '1', TRACE_CODES: second }).lines).to.deep.equal([{ lineNo: '1', drug: 'YP1', quantity: '2', unit: '盒', split: false, codes: [CODE, second] }]);
    expect(eventOf({ ...ROW, TRACE_CODES: `${CODE}，${second};${CODE}` }).lines[0]?.codes).to.deep.equal([CODE, second]);
    expect(fieldRefused({ ...ROW, LINE_NO: '1' }, { ...ROW, LINE_NO: '1', DRUG_CODE: 'YP2', TRACE_CODES: second })).to.equal('LINE_NO');
  });

  it('reads negative quantities as a return, and refuses both signs in one event', () => {
    expect(eventOf({ ...ROW, QUANTITY: '-2' })).to.deep.include({ kind: 'dispense-return' });
    expect(eventOf({ ...ROW, QUANTITY: '-2', EVENT_KIND: '退药' }).lines[0]?.quantity).to.equal('2');
    expect(fieldRefused({ ...ROW, QUANTITY: '-2' }, { ...ROW, ROW_ID: '2' })).to.equal('QUANTITY');
    expect(fieldRefused({ ...ROW, QUANTITY: '-2', EVENT_KIND: '入库' })).to.equal('QUANTITY');
  });

  it('takes voids and settlements without lines', () => {
    const bare = { EVENT_ID: 'X1', ROW_ID: '1', OCCURRED_AT: '2026-11-22 09:31:05' };
    expect(eventOf({ ...bare, EVENT_KIND: '作废', REFERS: 'D1' })).to.deep.include({ kind: 'void', refers: 'D1', lines: [] });
    expect(eventOf({ ...bare, EVENT_KIND: 'settlement', VISIT_NO: 'V1', SETTLEMENT_ID: 'S1', SETTLEMENT_TYPE: '医保' })).to.deep.include({ kind: 'settlement', lines: [] });
  });

  it('leaves out lines with a reason, and notes an event that has none but those', () => {
    expect(eventOf(ROW, { ...ROW, ROW_ID: '2', SKIP_REASON: '自备药' }).lines.length).to.equal(1);
    expect(readRows([{ ...ROW, SKIP_REASON: '嘱托' }], CONTEXT)).to.deep.equal({ kind: 'noted', reason: '不追溯：嘱托' });
  });

  it('refuses what it cannot read, naming the column, and never repeats what is about a person', () => {
    expect(fieldRefused({ ...ROW, QUANTITY: '两' })).to.equal('QUANTITY');
    expect(fieldRefused({ ...ROW, QUANTITY: null })).to.equal('QUANTITY');
    expect(fieldRefused({ ...ROW, UNIT: null })).to.equal('UNIT');
    expect(fieldRefused({ ...ROW, OCCURRED_AT: '2026-02-30 00:00:00' })).to.equal('OCCURRED_AT');
    expect(fieldRefused({ ...ROW, OCCURRED_AT: null })).to.equal('OCCURRED_AT');
    expect(fieldRefused({ ...ROW, EVENT_KIND: '调剂' })).to.equal('EVENT_KIND');
    expect(fieldRefused({ ...ROW, EXPIRES_ON: '2027-13-01' })).to.equal('EXPIRES_ON');
    expect(fieldRefused({ ...ROW, IS_SPLIT: '也许' })).to.equal('IS_SPLIT');
    const two = readRows([{ ...ROW, PATIENT_NAME: '甲' }, { ...ROW, ROW_ID: '2', PATIENT_NAME: '乙' }], CONTEXT);
    expect(two.kind === 'refused' ? [two.refusal.field, two.refusal.value] : two).to.deep.equal(['PATIENT_NAME', undefined]);
  });

  it('leaves a code that a float has damaged as it is, so that the intake refuses it', () => {
    expect(eventOf({ ...ROW, TRACE_CODES: null }).lines[0]?.codes).to.deep.equal([]);
    const meaning = readRows([{ ...ROW, TRACE_CODES: '8.999001000000001e+019' }], CONTEXT);
    expect(meaning.kind === 'events' ? meaning.events[0]?.lines[0]?.codes : undefined).to.deep.equal(['8.999001000000001e+019']);
  });

  it('prints decimals plainly', () => {
    const cases: Readonly<Record<string, string | undefined>> = { '.5': '0.5', '-.5': '-0.5', '2.000000000000000e+000': '2', '1.235000000000000e+001': '12.35', '2.5E-001': '0.25', '1E2': '100', '007': '7', '2.50': '2.5', '0': '0', '': undefined, 'e5': undefined, '1e99': undefined };
    for (const [text, plain] of Object.entries(cases)) expect(plainDecimal(text), text).to.equal(plain);
  });
});
