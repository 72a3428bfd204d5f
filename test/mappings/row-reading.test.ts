import { expect } from 'chai';
import type { HisRow } from '../../adapter/ports/row.ts';
import { fulfils } from '../../mappings/shared/condition.ts';
import { CONVERTER_NAMES, converterOf } from '../../mappings/shared/converters.ts';
import { amountOf } from '../../mappings/shared/count.ts';
import { splitCodes, unusableCode } from '../../mappings/shared/trace-code-list.ts';
import { TARGET_NAMES, targetOf } from '../../mappings/shared/targets.ts';
import { readRows } from '../../mappings/standard/row.ts';

const CONTEXT = { source: 'his-db', institution: 'H35010200001', institutions: ['H35010200001'], receivedAt: '2026-11-22T10:00:00+08:00' };
const CODE = '89990010000000010001';
const OTHER = '89990010000000020001';

describe('row mappings: reading', () => {
  it('counts by the unit system: packs where smallest units come out even, smallest units where a pack was opened', () => {
    const base = { smallest: true, unit: '盒', perUnit: '10', smallestUnit: '片', split: undefined, codes: 0 };
    const cases: readonly (readonly [Parameters<typeof amountOf>[0], unknown])[] = [
      [{ ...base, quantity: '20' }, { quantity: '2', unit: '盒', split: false }],
      [{ ...base, quantity: '20', split: true }, { quantity: '20', unit: '片', split: true }],
      [{ ...base, quantity: '25' }, { quantity: '25', unit: '片', split: true }],
      [{ ...base, quantity: '25', smallestUnit: undefined }, { quantity: '2.5', unit: '盒', split: true }],
      [{ ...base, quantity: '20', unit: undefined }, { quantity: '20', unit: '片', split: false }],
      [{ ...base, quantity: '5', unit: '支', perUnit: '1', smallestUnit: '支', codes: 5 }, { quantity: '5', unit: '支', split: false }],
      [{ ...base, quantity: '5', unit: undefined, perUnit: undefined, smallestUnit: '瓶' }, { quantity: '5', unit: '瓶', split: false }],
      [{ ...base, quantity: '5', unit: undefined, perUnit: undefined, smallestUnit: '片' }, { quantity: '5', unit: '片', split: true }],
      [{ ...base, quantity: '0.5', smallest: false }, { quantity: '0.5', unit: '盒', split: true }],
      [{ ...base, quantity: '2', smallest: false, split: true }, { quantity: '2', unit: '盒', split: true }],
    ];
    for (const [counted, expected] of cases) expect(amountOf(counted), JSON.stringify(counted)).to.deep.equal(expected);
    expect(amountOf({ ...base, quantity: '1', perUnit: '3', smallestUnit: undefined })).to.deep.include({ missing: 'line.smallestUnit' });
    expect(amountOf({ ...base, quantity: '1', perUnit: undefined, smallestUnit: undefined })).to.deep.include({ missing: 'line.unitsPerUnit' });
  });

  it('parts several codes in one column, and only whole codes at the stroke that some scanners type for FNC1', () => {
    for (const between of [',', '，', ';', '；', '、', ' ', '\n', '\r\n', '\t', ' , ', '|']) expect(splitCodes(`${CODE}${between}${OTHER}`), JSON.stringify(between)).to.deep.equal([CODE, OTHER]);
    expect(splitCodes('0106901234567892|21A1B2')).to.deep.equal(['0106901234567892|21A1B2']);
    expect(splitCodes(' , ;')).to.deep.equal([]);
  });

  it('knows a code that a number column has damaged, in whatever way the database prints it', () => {
    for (const mangled of ['8.999001000000001E+19', '8.999001000000001e+019', '8.9990010000000010E+0019'.replace('0019', '019'), '8.999E19', CODE.slice(0, 19), `${CODE}0`, '6901234567892', '无']) expect(unusableCode(mangled), mangled).to.be.a('string');
    expect(unusableCode(CODE)).to.equal(undefined);
  });

  it('compares conditions by value: capitals, decimals, signs, any, none', () => {
    const row: HisRow = { A: 'Yes', N: '1.0000', S: '-2', E: null };
    for (const condition of [{ A: 'yes' }, { N: '1' }, { N: ['0', '1'] }, { S: '<0' }, { N: '>0' }, { A: '*', N: '*' }, { E: '' }, { MISSING: '' }]) expect(fulfils(row, condition), JSON.stringify(condition)).to.equal(true);
    for (const condition of [{ A: 'no' }, { N: '10' }, { S: '>0' }, { E: '*' }, { A: '>0' }, { A: 'yes', N: '2' }, { E: '=0' }] as const) expect(fulfils(row, condition), JSON.stringify(condition)).to.equal(false);
  });

  it('describes every converter in both languages, and gives every field converters that exist', () => {
    for (const name of CONVERTER_NAMES) {
      expect(converterOf(name).meaning, name).to.match(/[\u4e00-\u9fff]/);
      expect(converterOf(name).description, name).to.match(/^[^\u4e00-\u9fff]+$/);
    }
    for (const name of TARGET_NAMES) for (const converter of targetOf(name).converters) expect(CONVERTER_NAMES, name).to.include(converter);
    expect(converterOf('decimal').read('1,234.50')).to.equal('1234.5');
    expect(converterOf('id-type').read('1')).to.equal('01');
    expect(converterOf('day').read('1900-01-01 00:00:00')).to.equal('');
  });

  it('keeps the lines that the standard view leaves out, with their reason, beside the event', () => {
    const row: HisRow = { EVENT_ID: 'D1', ROW_ID: '1', OCCURRED_AT: '2026-11-22 09:31:05', DRUG_CODE: 'YP1', QUANTITY: '1', UNIT: '盒', TRACE_CODES: CODE };
    const meaning = readRows([{ ...row, LINE_NO: 'a', SKIP_REASON: '自备药' }, { ...row, ROW_ID: '2' }, { ...row, ROW_ID: '3', SKIP_REASON: '嘱托' }], CONTEXT);
    expect(meaning.kind === 'events' ? [meaning.skipped, meaning.events[0]?.lines.map(({ lineNo }) => lineNo)] : meaning).to.deep.equal([[{ lineNo: 'a', reason: '自备药' }, { lineNo: '3', reason: '嘱托' }], ['2']]);
  });
});
