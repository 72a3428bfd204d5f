import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import type { TraceEvent } from '../../adapter/domain/event.ts';
import type { Interpretation } from '../../adapter/ports/his-record.ts';
import type { HisRow } from '../../adapter/ports/row.ts';
import { bsoftRows } from '../../mappings/bsoft/index.ts';
import { newtouchRows } from '../../mappings/newtouch/index.ts';
import { mappings, rowMappings } from '../../mappings/registry.ts';
import { converterText, describeOverrideProblem, loadRowMapping, mappingText, rowReading } from '../../mappings/shared/index.ts';
import type { RowMapping } from '../../mappings/shared/index.ts';
import { standardRows } from '../../mappings/standard/index.ts';

const CONTEXT = { source: 'his-db', institution: 'H35010200001', institutions: ['H35010200001'], receivedAt: '2026-11-22T10:00:00+08:00' };
const CODE = '89990010000000010001';
const ROW: HisRow = { RECORD: 'mz', EVENT_ID: '1', OPERATETYPE: '1', CREATETIME: '2026-11-22 09:31:05', CFH: 'CF1', YPCODE: 'YP1', SL: '20', ZHYZ: '10', DW: '盒', ZXDW: '片', SFCL: '2', ZSM: CODE, ZSM2: null, CKMC: '一号窗口' };

function loaded(base: RowMapping, yaml: string): RowMapping {
  const result = loadRowMapping(base, yaml);
  if (!('mapping' in result)) throw new Error(result.problems.map(describeOverrideProblem).join('\n'));
  return result.mapping;
}

function problemsOf(yaml: string, base: RowMapping = newtouchRows): readonly string[] {
  const result = loadRowMapping(base, yaml);
  return 'problems' in result ? result.problems.map(describeOverrideProblem) : [];
}

function eventOf(mapping: RowMapping, row: HisRow): TraceEvent {
  const meaning: Interpretation = rowReading(mapping)([row], CONTEXT);
  if (meaning.kind !== 'events' || meaning.events[0] === undefined) throw new Error(JSON.stringify(meaning));
  return meaning.events[0];
}

describe('row mappings: overrides of a site', () => {
  it('changes the fields that are named and leaves all others as they are', () => {
    const mapping = loaded(newtouchRows, `
base: newtouch
overrides:
  outpatient:
    fields:
      location: { from: ckmc }            # small letters are the same column
      line.codes: { from: [ZSM2, ZSM] }
      emergency: { constant: "1" }
      prescriptionNo: ~
`);
    const [before, after] = [eventOf(newtouchRows, ROW), eventOf(mapping, { ...ROW, ZSM2: '89990010000000020001' })];
    expect(after).to.deep.include({ location: '一号窗口', emergency: true, documentNo: 'CF1' }).and.to.not.have.property('prescriptionNo');
    expect(after.lines[0]?.codes).to.deep.equal(['89990010000000020001', CODE]);
    expect(before).to.not.have.property('location');
    expect(before.prescriptionNo).to.equal('CF1');
  });

  it('takes a bare column name, alternatives by condition, code tables and prefixes', () => {
    const mapping = loaded(newtouchRows, `
overrides:
  outpatient:
    fields:
      documentNo: FPH
      location:
        - { constant: 急诊药房, when: { LYYF: [E1, E2] } }
        - { from: LYYF, values: { W1: 西药房, "*": 其他药房 } }
      refers: { from: REFERID, prefix: "OP-", blank: ["0", 无], when: { OPERATETYPE: "2" } }
`);
    expect(eventOf(mapping, { ...ROW, FPH: 'FP9', LYYF: 'e2' })).to.deep.include({ documentNo: 'FP9', location: '急诊药房' });
    expect(eventOf(mapping, { ...ROW, LYYF: 'W1' }).location).to.equal('西药房');
    expect(eventOf(mapping, { ...ROW, LYYF: 'X9' }).location).to.equal('其他药房');
    expect(eventOf(mapping, { ...ROW, OPERATETYPE: '2', REFERID: '17' }).refers).to.equal('OP-17');
    expect(eventOf(mapping, { ...ROW, OPERATETYPE: '2', REFERID: '无' })).to.not.have.property('refers');
  });

  it('adds reasons to leave rows out, to every record at once where it says all', () => {
    const mapping = loaded(newtouchRows, 'overrides:\n  all:\n    skip:\n      - { when: { YPLB: "03" }, reason: 院内制剂 }\n');
    expect(rowReading(mapping)([{ ...ROW, YPLB: '03' }], CONTEXT)).to.deep.equal({ kind: 'noted', reason: '不追溯：院内制剂' });
    const mixed = rowReading(mapping)([ROW, { ...ROW, YPLB: '03' }], CONTEXT);
    expect(mixed.kind === 'events' ? mixed.skipped : undefined).to.deep.equal([{ lineNo: '2', reason: '院内制剂' }]);
    expect(Object.values(mapping.records).every((record) => record.skip?.some((rule) => rule.reason === '院内制剂') === true)).to.equal(true);
  });

  it('adds a record of the site, which must say what every event needs', () => {
    const whole = `
overrides:
  wardReturn:
    new: true
    title: 病区退药
    when: { RECORD: bqty }
    sameLine: sum
    negative: { dispense-return: dispense-return }
    refuse: [{ when: { TYSL: "=0" }, reason: 数量为 0 }]
    fields:
      id: EVENT_ID
      kind: { constant: dispense-return }
      occurredAt: TYSJ
      line.no: XH
      line.drug: YPDM
      line.quantity: TYSL
      line.unit: DW
      line.codes: { from: ZSM, convert: codes }
`;
    const mapping = loaded(newtouchRows, whole);
    const row = { RECORD: 'bqty', EVENT_ID: 'B1', TYSJ: '2026-11-22 09:00:00', XH: '1', YPDM: 'YP1', TYSL: '1', DW: '盒', ZSM: CODE };
    const meaning = rowReading(mapping)([row, { ...row, ZSM: '89990010000000020001' }], CONTEXT);
    expect(meaning.kind === 'events' ? meaning.events[0]?.lines : meaning).to.deep.equal([{ lineNo: '1', drug: 'YP1', quantity: '2', unit: '盒', split: false, codes: [CODE, '89990010000000020001'] }]);
    expect(rowReading(mapping)([{ ...row, TYSL: '0' }], CONTEXT)).to.deep.include({ kind: 'refused' });
    expect(problemsOf(whole.replace('      occurredAt: TYSJ\n', ''))).to.deep.equal(['第 3 行 overrides.wardReturn：字段 occurredAt 必须有来源']);
  });

  it('overrides the documented view too, so that a hospital with its own columns need not rewrite SQL', () => {
    const mapping = loaded(standardRows, 'overrides: { lines: { fields: { line.codes: { from: [ZSM1, ZSM2], convert: trace-codes } } } }');
    const row = { EVENT_ID: 'D1', OCCURRED_AT: '2026-11-22 09:31:05', DRUG_CODE: 'YP1', QUANTITY: '1', UNIT: '盒', ZSM1: CODE };
    expect(eventOf(mapping, row).lines[0]?.codes).to.deep.equal([CODE]);
    const refused = rowReading(mapping)([{ ...row, ZSM2: '8.999E+19' }], CONTEXT);
    expect(refused.kind === 'refused' ? [refused.refusal.code, refused.refusal.field, refused.refusal.value] : refused).to.deep.equal(['CODE_UNUSABLE', 'ZSM1', '8.999E+19']);
  });

  it('names every mistake with its line and the nearest name', () => {
    expect(problemsOf(`base: newtuch
overide: {}
overrides:
  outpatients: { fields: {} }
  outpatient:
    field: {}
    sameLine: twice
    negative: { dispense: dispens-return }
    skip:
      - { reason: 自备药 }
      - { when: { A: "1" } }
    fields:
      line.cods: ZSM
      occurredAt: { from: SJ, convert: tiem }
      line.lot: { from: PH, convert: decimal }
      location: { form: LYYF }
      line.unit: { from: DW, constant: 盒 }
      id: ~
`)).to.deep.equal([
      '第 1 行 base：这个文件是为映射 newtuch 写的，来源用的是 newtouch',
      '第 2 行 overide：不认识 overide，是否想写 overrides？（可用：base、overrides）',
      '第 4 行 overrides.outpatients：映射里没有 outpatients，是否想写 outpatient？（有：outpatient、inpatient、documents、counts；新增一种单据请写 new: true）',
      '第 5 行 overrides.outpatient：字段 id 必须有来源',
      '第 6 行 overrides.outpatient.field：不认识 field，是否想写 fields？（可用：new、title、when、fields、skip、refuse、negative、sameLine）',
      '第 7 行 overrides.outpatient.sameLine：sameLine 只能是 once（各行重复整行数量）或 sum（各行数量相加）',
      '第 8 行 overrides.outpatient.negative.dispense：没有事件类型 dispens-return，是否想写 dispense-return？',
      '第 10 行 overrides.outpatient.skip[1]：缺少 when：哪些行不追溯',
      '第 11 行 overrides.outpatient.skip[2]：缺少 reason 或 reasonFrom：不追溯须有原因',
      '第 13 行 overrides.outpatient.fields.line.cods：不认识 line.cods，是否想写 line.codes？（可用：id、kind、occurredAt、institution、documentNo、location、emergency、refers、prescriptionNo、invoiceNo、deliveryNoteNo、operator.code 等）',
      '第 14 行 overrides.outpatient.fields.occurredAt.convert：没有转换器 tiem，是否想写 time？（可用：time）',
      '第 15 行 overrides.outpatient.fields.line.lot.convert：转换器 decimal 不适用于 line.lot（可用：text）',
      '第 16 行 overrides.outpatient.fields.location.form：不认识 form，是否想写 from？（可用：from、join、constant、blank、values、prefix、convert、when）',
      '第 16 行 overrides.outpatient.fields.location：须写 from（来源列）或 constant（固定值）',
      '第 17 行 overrides.outpatient.fields.line.unit：from 与 constant 只能写一个',
    ]);
  });

  it('says the line of YAML that cannot be read, and refuses what is no table at all', () => {
    expect(problemsOf('overrides:\n  outpatient:\n    fields: {a: [1\n')[0]).to.match(/^第 [34] 行：YAML 语法有误/);
    expect(problemsOf('overrides:\n  outpatient: {}\n  outpatient: {}\n')).to.deep.equal(['第 3 行：同一个键写了两次']);
    expect(problemsOf('')).to.deep.equal(['第 1 行：文件是空的']);
    expect(problemsOf('a: &x [1]\noverrides: *x\n')).to.deep.equal(['第 2 行：不支持引用（& 与 *），请写出来；星号请加引号："*"']);
    expect(problemsOf('- a\n')).to.deep.equal(['第 1 行：这里应是“键: 值”的一组内容']);
    expect(problemsOf(`x: ${'y'.repeat(140_000)}`)).to.deep.equal(['第 1 行：文件超过 128 KB']);
    expect(problemsOf(`a: ${'['.repeat(40)}${']'.repeat(40)}`)).to.deep.equal(['第 1 行：层次过深']);
    expect(problemsOf('overrides:\n  constructor: {}\n  __proto__: {}\n').length).to.equal(2);
  });

  it('prints a mapping and the converters as tables that a person can read', () => {
    expect(mappingText(bsoftRows)).to.include('### 门诊发药、退药（outpatient）').and.to.include('- 来源表：YF_MZFYMX、MS_CF01、MS_BRDA、YK_TYPK；行条件：RECORD＝mz')
      .and.to.include('- 不追溯：ZBYBZ＝1 → 自备药').and.to.include('| `refers` | 原事件编号 | TYGL | text；前加 MZ-；0 视为空 |  |').and.to.include('| `line.drug` | 药品编码 | YPXH `-` YPCD | text |  |');
    expect(mappingText(newtouchRows)).to.include('| `kind` | 事件类型 | OPERATETYPE | kind；1→dispense 2→dispense-return |  |');
    expect(converterText()).to.match(/^\| 转换器 \| 作用 \|/).and.to.include('| `trace-codes` |');
  });
});

describe('row mappings: what hospital IT reads', () => {
  for (const table of rowMappings.filter(({ name }) => name !== 'standard')) {
    it(`mappings/${table.name}/README.md holds the table as it is`, () => expect(readFileSync(`mappings/${table.name}/README.md`, 'utf8')).to.include(mappingText(table)));
  }

  it('mappings/shared/README.md names every converter, and its example of an override is one', () => {
    const text = readFileSync('mappings/shared/README.md', 'utf8');
    expect(text).to.include(converterText());
    expect(problemsOf(/```yaml\n([\s\S]*?)```/.exec(text)?.[1] ?? '')).to.deep.equal([]);
  });

  it('gives a table to every mapping that reads rows', () => {
    expect(rowMappings.map(({ name }) => name)).to.deep.equal(mappings.filter((mapping) => mapping.fromRow !== undefined).map(({ name }) => name));
  });
});
