import { expect } from 'chai';
import type { Interpretation } from '../../../adapter/ports/his-record.ts';
import type { HisMapping } from '../../../adapter/ports/his-mapping.ts';
import { neusoft } from '../../../mappings/neusoft/index.ts';
import { makeSource } from '../../support/hl7-source.ts';

/**
 * The public message shapes of his.md a.5 that concern a pharmacy, rebuilt as synthetic messages from their descriptions: every one is either
 * mapped or refused with a reason.
 */
interface Shape {
  readonly name: string;
  readonly segments: readonly string[];
  readonly lineEnd?: string;
  readonly mapping?: HisMapping;
  readonly expect: (meaning: Interpretation) => void;
}

const bars = (n: number): string => '|'.repeat(n);
const mapped = (lines: number, check: (meaning: Extract<Interpretation, { kind: 'events' }>) => void = () => undefined) => (meaning: Interpretation): void => {
  expect(meaning.kind, JSON.stringify(meaning)).to.equal('events');
  if (meaning.kind !== 'events') return;
  expect(meaning.events.reduce((sum, event) => sum + event.lines.length, 0)).to.equal(lines);
  check(meaning);
};
const noted = (meaning: Interpretation): void => {
  expect(meaning.kind, JSON.stringify(meaning)).to.equal('noted');
  if (meaning.kind === 'noted') expect(meaning.reason).to.match(/\S/);
};
const refused = (code: string, field?: string) => (meaning: Interpretation): void => {
  expect(meaning.kind, JSON.stringify(meaning)).to.equal('refused');
  if (meaning.kind !== 'refused') return;
  expect(meaning.refusal).to.deep.include(field === undefined ? { code } : { code, field });
  expect(meaning.refusal.detail).to.match(/\S/);
};

const conformance = (type: string, ...segments: string[]): string[] => [`MSH|^~\\&|PHARM|HOSP|HIS|HOSP|20260408160000||${type}|MSG037|P|2.5.1`, 'PID|1||70001^^^MRN^MR||Doe^Jane||19880101|F', 'PV1|1|I|W^305^1', ...segments];
const rich = (orders: readonly string[]): string[] => [
  'MSH|^~\\&|APP|Fac^2.16.840.1.1^ISO|EHR^1.2^ISO|Fac2^2.16.840.1.2^ISO|202108181126+0215|SECURITY|RDS^O13^RDS_O13|MSG00001|P|2.8|||||USA||en-US|||22 Inc.|23 Inc.|24^2.16^ISO|25^2.16^ISO',
  'SFT|Maker|2.4.3|Engine|2.4.3|Test|20070725111624',
  'PID|1||P1234^5^M11^a&2.16.1&HCD^MR^HOSPITAL~123456789^^^USSSA^SS||DOE&&&&X^JANE^A^III||198808181126+0215|F',
  'PD1|S^^ACR', 'PV1|1|I|UNIT^B^Bed 03|E|||1122^A^M|||SUR', 'PV2|^ROOM1', ...orders,
];
const order = (n: string, tag: string): string[] => [
  `ORC|NW|${n}^EPC|||||||20191104062726+0215|||||||||ACMSE004`, 'PRT|1|AD||PHY|1^Doc', 'TQ1|1||TID|||3^D&day&ISO|||R^Routine^HL70485',
  'RXO|01151327^Doxycycline^NDC|1|2|385055001^Tablet^SCT', 'RXR|IV^Intravenous', 'RXC|A|01151327^Doxycycline^NDC|1|385055001^Tablet^SCT|||5737Y',
  'RXE||01151327^Doxycycline^NDC|1||385055001^Tablet^SCT|||G||6|385055001^Tablet^SCT|1|||PN12345', 'PRT|2|AD||PHY|1^Doc',
  `RXD|1|01151327^Doxycycline^NDC|20201212|10|385055001^Tablet^SCT|385055001^Tablet^SCT|PN12345||After Food|99411^S&Mr.&S^Adam${bars(20)}UNITY^Unity^L|3857 Terrace||R^Refill - Full Fill^HL70484||${tag}`,
  'RXR|PO^oral^HL70162', 'RXC|A|01151327^Doxycycline^NDC|1', 'CDO|1|A|100^mg|^O', 'FT1|1|||20201212||CG|X',
];

const SHAPES: readonly Shape[] = [
  { name: '2.8 dispense with RXD-35, XCN with every component, LF line ends', lineEnd: '\n', segments: rich(order('1', 'RFID12345')), expect: mapped(1, ({ events: [event] }) => {
    expect(event).to.deep.include({ id: 'MSG00001', kind: 'dispense', occurredAt: '2020-12-12T00:00:00+08:00', location: 'Unity', prescriptionNo: 'PN12345' });
    expect(event?.lines[0]).to.deep.include({ quantity: '10', unit: 'Tablet', codes: ['RFID12345'], drug: '01151327' });
  }) },
  { name: '2.8 dispense with two orders and PRT between', segments: rich([...order('1', 'RFID1'), ...order('2', 'RFID2')]), expect: mapped(2, ({ events }) => {
    expect(events.flatMap((event) => event.lines.map((line) => [line.lineNo, ...line.codes]))).to.deep.equal([['1', 'RFID1'], ['2', 'RFID2']]);
  }) },
  { name: 'conformance RDS^O13 without dispense units', segments: conformance('RDS^O13^RDS_O13', 'ORC|RE||ORD600|||||20260408', 'RXD|1|325850^Amoxicillin 500mg^NDC|20260408160000|30||CAP^Capsule|RX10042', 'RXR|PO^Oral^HL70162'), expect: refused('HL7_FIELD_INVALID', 'RXD-5') },
  { name: 'conformance RAS^O17 without units', segments: conformance('RAS^O17^RAS_O17', 'ORC|RE||ORD700|||||20260408', 'RXA|0|1|20260408170000||325850^Amoxicillin 500mg^NDC|1||CAP^Capsule', 'RXR|PO^Oral^HL70162'), expect: refused('HL7_FIELD_INVALID', 'RXA-7') },
  { name: 'conformance RGV^O15', segments: conformance('RGV^O15^RGV_O15', 'ORC|RE||ORD200', 'RXG|1||^once|325850^Amoxicillin 500mg^NDC|1||CAP^Capsule', 'RXR|PO^Oral^HL70162'), expect: mapped(1, ({ events: [event] }) => {
    expect(event?.lines[0]).to.deep.include({ drug: '325850', quantity: '1', unit: 'Capsule' });
  }) },
  { name: 'conformance RGV^O15 read as Neusoft: no RXO', mapping: neusoft, segments: conformance('RGV^O15^RGV_O15', 'ORC|RE||ORD200', 'RXG|1||^once|325850^Amoxicillin 500mg^NDC|1||CAP^Capsule'), expect: refused('HL7_SEGMENT_MISSING', 'RXO') },
  { name: 'conformance RDE^O11', segments: conformance('RDE^O11^RDE_O11', 'ORC|NW|ORD100||||||20260406', 'RXE||325850^Amoxicillin 500mg^NDC|1||CAP^Capsule|||||0', 'RXR|PO^Oral^HL70162'), expect: noted },
  { name: 'conformance OMP^O09', segments: conformance('OMP^O09^OMP_O09', 'ORC|NW|ORD1300||||||20260410', 'RXO|325850^Amoxicillin 500mg^NDC|||CAP^Capsule'), expect: noted },
  { name: 'conformance OMS^O05 (supplies)', segments: conformance('OMS^O05^OMS_O05', 'ORC|NW|ORD500||||||20260408', 'RQD|1|GLOVE01^Gloves^LOCAL||GLOVE01^Gloves^LOCAL|10|BX^Box'), expect: refused('HL7_TYPE_UNSUPPORTED', 'MSH-9') },
  ...['M01', 'M02', 'M03', 'M04', 'M05', 'M06', 'M07', 'M08', 'M09', 'M10', 'M11', 'M12', 'M13'].map((event): Shape => ({
    name: `conformance MFN^${event}`, segments: [`MSH|^~\\&|PHA|HOSP|INV|HOSP|20260408114500||MFN^${event}^MFN_${event}|MSG1|P|2.5.1`, 'MFI|CDM^Charge Master^HL70175||UPD|||AL', 'MFE|MAD|MSG1|20260408|ITEM1^Item^LOCAL|CE'], expect: refused('HL7_TYPE_UNSUPPORTED', 'MSH-9'),
  })),
  { name: 'conformance MFN^M15 with lot, expiry and quantities', segments: ['MSH|^~\\&|PHA|HOSP|INV|HOSP|20260408114500||MFN^M15^MFN_M15|MSG112|P|2.5.1', 'MFI|IIM^Inventory Item Master^HL70175||UPD|||AL', 'MFE|MAD|MSG112|20260408|ITEM002^Syringe^LOCAL|CE', 'IIM|ITEM002^Syringe^LOCAL|SVC002|LOT2026-002|20281231000000|BD|WH02|20260201000000|1000|EA^each|450.00^USD|20260408000000|875|EA^each'], expect: refused('HL7_TYPE_UNSUPPORTED', 'MSH-9') },
  { name: 'conformance MFK^M01', segments: ['MSH|^~\\&|A|B|C|D|20260408||MFK^M01|MSG9|P|2.5.1', 'MSA|AA|MSG1', 'MFI|CDM||UPD|||AL', 'MFA|MAD|MSG1|20260408|S|ITEM1|CE'], expect: refused('HL7_TYPE_UNSUPPORTED', 'MSH-9') },
  { name: 'conformance ACK', segments: ['MSH|^~\\&|A|B|C|D|20260408||ACK^A01^ACK|MSG9|P|2.5.1', 'MSA|AA|MSG1'], expect: refused('HL7_TYPE_UNSUPPORTED', 'MSH-9') },
  { name: 'conformance DFT^P03 without a settlement', segments: conformance('DFT^P03^DFT_P03', 'FT1|1|||20260406^20260406|20260406110000|CG|99213^Office Visit^CPT'), expect: refused('HL7_SEGMENT_MISSING', 'ZIN-1') },
  { name: 'connectathon RDE^O11 2.6, MSH-18 UTF-8, lower-case set id in IN1', segments: ['MSH|^~\\&|OF|F|CF|F|20110101120000||RDE^O11^RDE_O11|MSG5|P|2.6|||||ITA|UNICODE UTF-8', 'PID|||1^^^X||Röss^Ma', 'IN1|s|1|2', 'ORC|NW|1^A', 'RXE|1^^^^^20110101|M^Med^L|1||TAB'], expect: noted },
  { name: 'RAS^O17 with unexpected ABC, ZZZ and ZXC segments and escapes', segments: ['MSH|^~\\&|A|B|C|D|20060705||RAS^O17|MSG6|P|2.4', 'ABC|1|unexpected', 'PID|||1^^^X||A\\F\\B', 'ZZZ|1', 'PV1||I', 'ORC|RE|1', 'ZXC|x', 'RXA|0|1|20060705100000||D1^A\\F\\B\\T\\C|2|支^支', 'ZXC|y', 'RXR|IV'], expect: mapped(1, ({ events: [event] }) => {
    expect(event?.lines[0]).to.deep.include({ drugName: 'A|B&C', quantity: '2', unit: '支' });
  }) },
  { name: 'RDE^O11 2.4 with MSH-15/16, RXR before RXE, empty RXE-5', segments: ['MSH|^~\\&|A|B|C|D|20060705||RDE^O11|MSG7|P|2.4|||AL|NE', 'PID|||1', 'ORC|NW|1', 'RXR|PO', 'RXE|^^^|D1|1||'], expect: noted },
  { name: 'RDS^O13 with segments in the wrong order (RXR and OBX before RXD)', segments: conformance('RDS^O13', 'ORC|RE|1', 'RXR|PO', 'OBX|1|ST|TRACE-CODE||89990040000000000001', 'RXD|1|D1|20260408|1|盒'), expect: mapped(1, ({ events: [event] }) => { expect(event?.lines[0]?.codes).to.deep.equal(['89990040000000000001']); }) },
  ...['O11', 'O25'].map((event): Shape => ({ name: `sparse MSH RDE^${event}`, segments: [`MSH|^~\\&|||||20210101||RDE^${event}|1|P|2.6`, 'PID|||1', 'ORC|NW|1', 'RXE|^^^2020|D|100||mg'], expect: noted })),
  { name: 'ORM^O01 with EVN', segments: ['MSH|^~\\&|A|B|C|D|20060705||ORM^O01|MSG8|P|2.3', 'EVN|O01|20060705', 'PID|||1', 'ORC|NW|1', 'RXO|D1'], expect: refused('HL7_TYPE_UNSUPPORTED', 'MSH-9') },
  { name: 'US pharmacy RDS^O13: type written RDS^O13, quantities empty, TQ1 with a range, MSH-18 ASCII', segments: ['MSH|^~\\&|PC||PCC|FAC25|20240607111040||RDS^O13^RDS_O13|4154958|P|2.5||||||ASCII|||', 'PID|1|77|02RES||Doe_x^Q||19360531000000|M', 'ORC|RE||5288||||1^QHS&1200,1300^1', 'RXO|M 7.5MG TAB', 'RXE||6961^M 7.5MG TAB^||||TABS', 'TQ1|1|1^TAB|QHS|1200-1300', 'RXR|27^by mouth', `RXD|1|6961^M 7.5MG TAB|20240607111040${bars(30)}`], expect: refused('HL7_FIELD_INVALID', 'RXD-4') },
  { name: 'RDS^O13 with the drug in RXD-1', segments: ['MSH|^~\\&|Pharmacy|XYZHosp|iS|ABC|202208241400||RDS^O13|45678|P|2.5', 'PID|||1234||Doe^John', 'ORC|CM|987654', 'RXD|RXD^Drug1^DrugDB|500|mg||202208241400||Pharmacy^XYZHospital'], expect: refused('HL7_FIELD_INVALID', 'RXD-4') },
  { name: 'robot RDS^O13 without ORC and with its own Z segment', segments: ['MSH|^~\\&|Robot|ROBOT|PMS|PHARMACY|20260623091205||RDS^O13|1782200001|P|2.5', 'RXD|1|00093^AMOX^NDC|20260623091205|90|TAB^Tablets|^|RX100842', 'ZSN|1|21N4F9XK0042|00093|LOT78321|20271031|D'], expect: mapped(1) },
  { name: 'custom delimiters', segments: ['MSH$%~!@$A$B$C$D$20260408$$RDS%O13$77$P$2.5', 'ORC$RE$1', 'RXD$1$D1%药@品$20260408$1$BX%盒', 'ZTC$1$1$89990040000000000002~89990040000000000003'], expect: mapped(1, ({ events: [event] }) => { expect(event?.lines[0]).to.deep.include({ unit: '盒', codes: ['89990040000000000002', '89990040000000000003'] }); }) },
  { name: 'truncated in the middle of RXD', segments: conformance('RDS^O13', 'ORC|RE|1', 'RXD|1|D1|2026'), expect: refused('HL7_FIELD_INVALID', 'RXD-4') },
  { name: 'malformed: no MSH', segments: ['PID|1', 'ORC|RE|1'], expect: refused('RECORD_UNREADABLE', 'MSH') },
  { name: 'malformed: delimiters that are letters', segments: ['MSHxABCDx1', 'PIDx1'], expect: refused('RECORD_UNREADABLE', 'MSH') },
  { name: 'malformed: MSH only, no control id', segments: ['MSH|^~\\&|A'], expect: refused('HL7_CONTROL_ID_MISSING', 'MSH-10') },
  { name: 'padded fields and blanks before segments', segments: ['  MSH|^~\\&|A|B|C|D|20260408||RDS^O13 |  78 |P|2.5', '', '  ORC| RE |1', ' RXD|1| D1 |20260408 | 2 | 盒 '], lineEnd: '\r\n', expect: mapped(1, ({ events: [event] }) => { expect(event?.id).to.equal('78'); }) },
  { name: 'pre-2.4 event RDS^O01', segments: conformance('RDS^O01', 'ORC|RE|1', 'RXD|1|D1|20260408|1|盒'), expect: mapped(1) },
];

describe('public HL7 shapes: mapped, noted or refused with a reason', () => {
  for (const shape of SHAPES) {
    it(shape.name, () => {
      const { source } = makeSource(shape.mapping === undefined ? {} : { mapping: shape.mapping });
      const bytes = Buffer.from(shape.segments.join(shape.lineEnd ?? '\r'), 'utf8');
      shape.expect(source.interpret({ institution: 'H35010200001', source: 'his-hl7', controlId: '', media: 'hl7v2', charset: 'unknown', bytes, interpreter: 'his-hl7' }));
    });
  }
});
