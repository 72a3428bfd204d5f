import { expect } from 'chai';
import type { TraceEvent } from '../../adapter/domain/event.ts';
import type { Interpretation } from '../../adapter/ports/his-record.ts';
import { standard } from '../../mappings/standard/index.ts';
import { neverThrowing } from '../../mappings/hl7/never-throwing.ts';
import { dayOf, instantOf } from '../../mappings/hl7/time.ts';
import { interpretWith, messageOf, SAMPLE_CONTEXT } from '../support/hl7-sample.ts';

const MSH = 'MSH|^~\\&|P|F|T|C|20261122093105||RDS^O13|M1|P|2.5.1';
const RXD = 'RXD|1|YP1|20261122093105|2|盒';
const code = (n: number): string => `8999002${String(n).padStart(13, '0')}`;

function events(meaning: Interpretation): readonly TraceEvent[] {
  if (meaning.kind !== 'events') throw new Error(`expected events, got ${JSON.stringify(meaning)}`);
  return meaning.events;
}
function refused(meaning: Interpretation): { readonly code: string; readonly field?: string; readonly detail?: string } {
  if (meaning.kind !== 'refused') throw new Error(`expected a refusal, got ${JSON.stringify(meaning)}`);
  return meaning.refusal;
}
const read = (...segments: string[]): Interpretation => interpretWith(standard, segments);
const only = (...segments: string[]): TraceEvent => {
  const [event, ...others] = events(read(...segments));
  if (event === undefined || others.length > 0) throw new Error('expected one event');
  return event;
};

describe('standard mapping: direction of goods', () => {
  for (const control of ['NW', 'RE', 'OK', 'XO', 'SN', '', 'zz']) {
    it(`takes ORC-1=${control || 'empty'} as a dispense`, () => {
      expect(only(MSH, `ORC|${control}|A`, RXD).kind).to.equal('dispense');
    });
  }
  for (const control of ['CR', 'CA', 'OC', 'DC', 'DR', 'OD', 'cr']) {
    it(`takes ORC-1=${control} as a return with a positive quantity`, () => {
      const event = only(MSH, `ORC|${control}|A`, RXD);
      expect(event.kind).to.equal('dispense-return');
      expect(event.lines[0]?.quantity).to.equal('2');
    });
  }
  for (const control of ['UA', 'HD', 'UX', 'DF', 'DE']) {
    it(`notes ORC-1=${control}: no goods moved`, () => {
      expect(read(MSH, `ORC|${control}|A`, RXD).kind).to.equal('noted');
    });
  }
  it('takes a cancelled order with a negative quantity as one return, not as a dispense', () => {
    expect(only(MSH, 'ORC|CR|A', RXD.replace('|2|', '|-2|'))).to.deep.include({ kind: 'dispense-return' });
  });
  it('reads a message without any ORC as a dispense', () => {
    expect(only(MSH, RXD).lines).to.have.length(1);
  });
  it('takes the deletion of an administration (RXA-21=D) as a return', () => {
    const event = only(MSH.replace('RDS^O13', 'RAS^O17'), 'ORC|RE|A', `RXA|0|1|20261122093105||YP1|1|支${'|'.repeat(14)}D`);
    expect(event.kind).to.equal('dispense-return');
  });
  it('notes an administration that was refused', () => {
    expect(read(MSH.replace('RDS^O13', 'RAS^O17'), 'ORC|RE|A', `RXA|0|1|20261122093105||YP1|1|支${'|'.repeat(13)}RE`).kind).to.equal('noted');
  });
  it('refers to the dispensing only when ORC-8 is marked as an event id', () => {
    expect(only(MSH, 'ORC|CR|A||||||M0&MSH-10', RXD).refers).to.equal('M0');
    expect(only(MSH, 'ORC|CR|A||||||ORD600', RXD)).to.not.have.property('refers');
    expect(only(MSH, 'ORC|RE|A||||||M0&MSH-10', RXD)).to.not.have.property('refers');
  });
});

describe('standard mapping: trace codes', () => {
  const tags = `${RXD}${'|'.repeat(20)}${code(2)}^^TRACE${'|'.repeat(10)}${code(1)}~${code(1)}~${code(3)}`;
  it('reads every slot in the order of the contract, each code once', () => {
    const event = only(MSH, 'ORC|RE|A', tags, `OBX|1|ST|TRACE-CODE||${code(4)}~${code(1)}`, `ZTC|1|1|${code(5)}`);
    expect(event.lines[0]?.codes).to.deep.equal([code(1), code(3), code(2), code(4), code(5)]);
  });
  it('does not take billing codes in RXD-25 for trace codes', () => {
    expect(only(MSH, 'ORC|RE|A', `${RXD}${'|'.repeat(20)}J1234^HCPCS`).lines[0]?.codes).to.deep.equal([]);
  });
  it('gives codes to the line that ZTC-2 names, also when all ZTC stand at the end', () => {
    const event = only(MSH, 'ORC|RE|A', RXD, 'ORC|RE|B', RXD.replace('RXD|1', 'RXD|2'), `ZTC|1|1|${code(1)}`, `ZTC|2|2|${code(2)}`);
    expect(event.lines.map((line) => line.codes)).to.deep.equal([[code(1)], [code(2)]]);
  });
  it('understands ZTC-2 as order number', () => {
    const event = only(MSH, 'ORC|RE|A', RXD, 'ORC|RE|B', RXD, `ZTC|1|A|${code(1)}`);
    expect(event.lines.map((line) => line.codes)).to.deep.equal([[code(1)], []]);
  });
  it('numbers the lines itself when the sender starts at 1 in every order', () => {
    const event = only(MSH, 'ORC|RE|A', RXD, 'ORC|RE|B', RXD, `ZTC|1|1|${code(2)}`);
    expect(event.lines.map((line) => [line.lineNo, line.codes])).to.deep.equal([['1', []], ['2', [code(2)]]]);
  });
  it('keeps several RXD of one order apart', () => {
    const event = only(MSH, 'ORC|RE|A', RXD, `OBX|1|ST|TRACE-CODE||${code(1)}`, RXD.replace('RXD|1', 'RXD|2'), `OBX|1|ST|TRACE-CODE||${code(2)}`);
    expect(event.lines.map((line) => line.codes)).to.deep.equal([[code(1)], [code(2)]]);
  });
  it('decodes a GS1 element string whose separator is escaped', () => {
    const event = only(MSH, 'ORC|RE|A', RXD, 'ZTC|1|1|0106901234567892112401\\X1D\\21ABC');
    expect(event.lines[0]?.codes).to.deep.equal(['0106901234567892112401\u001d21ABC']);
  });
  it('takes a code of a carton that stands for ten packs as whole packs', () => {
    expect(only(MSH, 'ORC|RE|A', RXD.replace('|2|', '|10|'), `ZTC|1|1|${code(1)}|3|10|盒`).lines[0]?.split).to.equal(false);
  });
});

describe('standard mapping: 拆零', () => {
  const splitOf = (rxd: string, ...more: string[]): boolean | undefined => only(MSH, 'ORC|RE|A', rxd, ...more).lines[0]?.split;
  it('believes RXD-24 whatever the unit', () => {
    expect(splitOf(`RXD|1|YP1|20261122|3|支${'|'.repeat(19)}SPLIT`)).to.equal(true);
    expect(splitOf(`RXD|1|YP1|20261122|24|片${'|'.repeat(19)}WHOLE`)).to.equal(false);
  });
  it('does not mistake codes of the standard tables for 拆零', () => {
    expect(splitOf(`RXD|1|YP1|20261122|3|盒${'|'.repeat(19)}TR${'|'.repeat(9)}S`)).to.equal(false);
  });
  it('takes a fraction of a pack, loose units and several units out of one code as 拆零', () => {
    expect(splitOf('RXD|1|YP1|20261122|0.5|盒')).to.equal(true);
    expect(splitOf('RXD|1|YP1|20261122|6|片')).to.equal(true);
    expect(splitOf('RXD|1|YP1|20261122|5|支', `ZTC|1|1|${code(1)}|1|5|支`)).to.equal(true);
  });
  it('takes whole packs as whole packs', () => {
    expect(splitOf('RXD|1|YP1|20261122|2.00|盒', `ZTC|1|1|${code(1)}|1|1|盒`)).to.equal(false);
  });
});

describe('standard mapping: times and dates', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['2026', '2026-01-01T00:00:00+08:00'], ['202611', '2026-11-01T00:00:00+08:00'], ['20261122', '2026-11-22T00:00:00+08:00'],
    ['2026112209', '2026-11-22T09:00:00+08:00'], ['202611220931', '2026-11-22T09:31:00+08:00'], ['20261122093105', '2026-11-22T09:31:05+08:00'],
    ['20261122093105.1234', '2026-11-22T09:31:05.123+08:00'], ['20261122093105.0000', '2026-11-22T09:31:05+08:00'],
    ['202611220931-0500', '2026-11-22T09:31:00-05:00'], ['20261122093105+0000', '2026-11-22T09:31:05+00:00'],
    ['2026-11-22 09:31:05', '2026-11-22T09:31:05+08:00'], ['2026/11/2 9:31', '2026-11-02T09:31:00+08:00'], ['2026-11-22T01:31:05Z', '2026-11-22T01:31:05+00:00'],
    ['20260230', undefined], ['20261122250000', undefined], ['20261122096100', undefined], ['19991231', undefined], ['2026112209310', undefined],
    ['now', undefined], ['20261122093105+9900', undefined], ['00000000', undefined],
  ];
  for (const [text, iso] of cases) {
    it(`reads ${text} as ${iso ?? 'impossible'}`, () => { expect(instantOf(text)).to.equal(iso); });
  }
  it('takes an expiry month as its last day', () => {
    expect(dayOf('202802')).to.equal('2028-02-29');
    expect(dayOf('20271231000000')).to.equal('2027-12-31');
    expect(dayOf('2027')).to.equal(undefined);
  });
  it('falls back from RXD-3 to ORC-9, MSH-7 and the arrival', () => {
    const bare = 'RXD|1|YP1||2|盒';
    expect(only(MSH, 'ORC|RE|A|||||||20261122080000', bare).occurredAt).to.equal('2026-11-22T08:00:00+08:00');
    expect(only(MSH, 'ORC|RE|A', bare).occurredAt).to.equal('2026-11-22T09:31:05+08:00');
    expect(only(MSH.replace('20261122093105', ''), 'ORC|RE|A', bare).occurredAt).to.equal(SAMPLE_CONTEXT.receivedAt);
  });
  it('refuses an impossible time instead of falling back', () => {
    expect(refused(read(MSH, 'ORC|RE|A', 'RXD|1|YP1|20261345|2|盒'))).to.deep.include({ code: 'HL7_FIELD_INVALID', field: 'RXD-3' });
  });
});

describe('standard mapping: what it refuses', () => {
  for (const type of ['MFN^M01', 'MFN^M15', 'ADT^A01', 'ORU^R01', 'ORM^O01', 'ACK', 'RRD^O14', 'QBP^Q11', '', 'constructor^toString']) {
    it(`refuses ${type || 'an empty type'} as not supported`, () => {
      expect(refused(read(MSH.replace('RDS^O13', type), RXD)).code).to.equal('HL7_TYPE_UNSUPPORTED');
    });
  }
  for (const type of ['RDS', 'RDS^O01', 'RDS^013', 'RDS_O13', 'rds^o13']) {
    it(`understands the type written ${type}`, () => { expect(read(MSH.replace('RDS^O13', type), 'ORC|RE|A', RXD).kind).to.equal('events'); });
  }
  it('names the second segment of a kind', () => {
    expect(refused(read(MSH, 'ORC|RE|A', RXD, 'ORC|RE|B', 'RXD|2|YP2|20261122|x|盒')).field).to.equal('RXD[2]-4');
  });
  it('refuses an order without its line rather than losing it', () => {
    expect(refused(read(MSH, 'ORC|RE|A', RXD, 'ORC|RE|B')).code).to.equal('HL7_SEGMENT_MISSING');
  });
  it('refuses keys with control characters or beyond their length', () => {
    expect(refused(read(MSH, 'ORC|RE|A', RXD.replace('YP1', 'YP\\X00\\1'))).field).to.equal('RXD-2');
    expect(refused(read(MSH, 'ORC|RE|A', RXD.replace('YP1', 'Y'.repeat(65)))).field).to.equal('RXD-2');
  });
  it('never shows a patient in a refusal', () => {
    const refusal = refused(read(MSH, 'PID|1||110101198001011234||机密^姓名', 'ORC|RE|A', 'RXD|1|YP1|x|2|盒'));
    expect(JSON.stringify(refusal)).to.not.match(/机密|姓名|1980/);
  });
  it('answers a fault in a mapping with a refusal', () => {
    const broken = neverThrowing({ name: 'broken', fromHl7: () => { throw new Error('boom'); } });
    expect(broken.fromHl7?.(messageOf(MSH), SAMPLE_CONTEXT)).to.deep.include({ kind: 'refused' });
  });
});

describe('standard mapping: people, places, units', () => {
  it('prefers the Chinese name of a unit wherever it stands', () => {
    for (const unit of ['盒', 'BX^盒', '盒^BOX', '盒^盒^HIS']) expect(only(MSH, 'ORC|RE|A', `RXD|1|YP1|20261122|1|${unit}`).lines[0]?.unit).to.equal('盒');
    expect(only(MSH, 'ORC|RE|A', 'RXD|1|YP1|20261122|1|385055001^Tablet^SCT').lines[0]?.unit).to.equal('Tablet');
  });
  it('takes the pharmacy before the place it is delivered to', () => {
    const rxd = `RXD|1|YP1|20261122|1|盒${'|'.repeat(8)}心内科${'|'.repeat(17)}西药房`;
    expect(only(MSH, 'ORC|RE|A', rxd).location).to.equal('西药房');
    expect(only(MSH, 'ORC|RE|A', `RXD|1|YP1|20261122|1|盒${'|'.repeat(8)}西药房`).location).to.equal('西药房');
  });
  it('reads PID-2 when PID-3 is empty, and the account number when there is no visit number', () => {
    const event = only(MSH, `PID|1|35010219800101001X|||张^三${'|'.repeat(13)}ACC7`, 'ORC|RE|A', RXD);
    expect(event.patient).to.deep.equal({ visitNo: 'ACC7', name: '张三', idType: '01', idNo: '35010219800101001X' });
  });
  it('treats the HL7 null and blanks of fixed-width columns as absent', () => {
    expect(only(MSH, 'PV1|1|O|""|||||||||||||||""', 'ORC|RE|A   ', 'RXD|1|YP1      |20261122|2  |盒  ').lines[0]).to.deep.include({ drug: 'YP1', unit: '盒', quantity: '2' });
  });
  it('says self-pay or insured only where the words are clear', () => {
    const typeFor = (words: string): string | undefined => only(MSH, `IN1|1|${words}`, 'ORC|RE|A', RXD).patient?.settlementType;
    expect(typeFor('01^自费')).to.equal('self-pay');
    expect(typeFor('02^非医保')).to.equal('self-pay');
    expect(typeFor('310^城镇职工基本医疗保险')).to.equal('insured');
    expect(typeFor('99^其他')).to.equal(undefined);
  });
  it('refuses a ZIN that says something unknown', () => {
    expect(refused(read(MSH, 'ZIN|S1|maybe', 'ORC|RE|A', RXD)).field).to.equal('ZIN-2');
  });
});
