import { expect } from 'chai';
import iconv from 'iconv-lite';
import type { Refusal } from '../../../adapter/domain/refusal.ts';
import { CHINESE_HEADS, columnOfHead } from '../../../connectors/his-file/heads.ts';
import { EVENT_COLUMNS, PATIENT_COLUMNS, PERSON_COLUMNS } from '../../../mappings/standard/row-columns.ts';
import { buildXlsx, numberCell } from '../../catalogue/xlsx-file.ts';
import type { TestCell } from '../../catalogue/xlsx-file.ts';
import { waitFor } from '../../support/wait-for.ts';
import { code, csvRow, HEADS, HOME, OTHER, watchedFolder } from './file-fixture.ts';
import type { Watched, WatchOptions } from './file-fixture.ts';

describe('his-file: tables', () => {
  let watched: Watched;
  beforeEach(() => { watched = watchedFolder(); });
  afterEach(() => watched.clear());

  const archived = async (name: string, content: string | Uint8Array, options: WatchOptions = {}): Promise<void> => {
    watched.put(name, content);
    await watched.open(options).start();
    await waitFor(`${name} to be archived`, () => watched.names('archive').includes(name) || watched.names('quarantine').includes(name));
  };
  const ids = (): string[] => watched.intake.submissions.flatMap(({ interpretation }) => (interpretation.kind === 'events' ? interpretation.events.map(({ id }) => id) : []));
  const refusals = (): Refusal[] => watched.intake.submissions.flatMap(({ interpretation }) => (interpretation.kind === 'refused' ? [interpretation.refusal] : []));

  for (const [name, encode] of [
    ['UTF-8', (text: string) => Buffer.from(text)], ['UTF-8 with a mark', (text: string) => Buffer.from(`\uFEFF${text}`)],
    ['GBK', (text: string) => iconv.encode(text, 'gbk')], ['GB18030', (text: string) => iconv.encode(text.replace('阿莫西林', '㛃𠮷'), 'gb18030')], ['UTF-16', (text: string) => iconv.encode(text, 'utf16le', { addBOM: true })],
  ] as const) {
    it(`reads a csv in ${name}`, async () => {
      await archived('a.csv', encode(`${HEADS}\r\n${csvRow('E1')}\r\n`));
      expect(watched.intake.submissions.map(({ interpretation }) => interpretation)).to.deep.equal([{
        kind: 'events',
        events: [{
          id: 'E1', source: 'his-out', institution: HOME, kind: 'dispense', occurredAt: '2026-11-22T09:31:05+08:00',
          lines: [{ lineNo: '1', drug: 'YP1', drugName: name === 'GB18030' ? '㛃𠮷' : '阿莫西林', quantity: '1', unit: '盒', split: false, codes: [code('E1')] }],
        }],
      }]);
    });
  }

  it('finds heads below titles, in English or Chinese, in any order, and leaves what it does not know', async () => {
    await archived('a.csv', `发药明细表,,,,\n2026年11月,,,,\n,,,,\nquantity,备注,Drug Code（必填）,unit,EVENT_ID,occurred at,追溯码\n2,x,YP1,盒,E1,2026/11/22 9:31,"${code('a')};${code('b')}"\n,,,,,,\n`);
    expect(ids()).to.deep.equal(['E1']);
    const [first] = watched.intake.submissions;
    expect(first?.interpretation.kind === 'events' ? first.interpretation.events[0]?.lines[0]?.codes : []).to.deep.equal([code('a'), code('b')]);
  });

  it('has a Chinese head for every column of the standard row, and none twice', () => {
    const columns = [...Object.values(PERSON_COLUMNS).flatMap((person) => Object.values<string>(person)), ...Object.values(PATIENT_COLUMNS), ...Object.values(EVENT_COLUMNS)];
    expect(columns.filter((column) => CHINESE_HEADS[column] === undefined)).to.deep.equal([]);
    for (const [column, heads] of Object.entries(CHINESE_HEADS)) for (const head of [column, ...heads]) expect(columnOfHead(` ${head.toLowerCase()}* `), head).to.equal(column);
  });

  it('gathers the rows of one event, also when others lie between', async () => {
    const rows = ['E1', 'E2', 'E1'].map((id, at) => csvRow(id, { drug: `YP${String(at)}`, code: code(`${id}${String(at)}`) }));
    await archived('a.csv', [HEADS, ...rows].join('\n'));
    expect(watched.intake.submissions.map(({ interpretation }) => (interpretation.kind === 'events' ? interpretation.events[0]?.lines.length : 0))).to.deep.equal([2, 1]);
  });

  it('names rows without an id by the content of the file: the same file again is the same event', async () => {
    const text = `${HEADS}\n${csvRow('', { code: code('x') })}\n${csvRow('', { code: code('y') })}\n`;
    await archived('a.csv', text);
    const first = ids();
    expect(new Set(first).size).to.equal(2);
    watched.put('b.csv', text);
    await waitFor('the second copy', () => watched.names('archive').includes('b.csv'));
    expect(ids().slice(2)).to.deep.equal(first);
  });

  it('does not let bad rows hold up good ones: each is quarantined with its cell, reason and remedy, and read again to the same', async () => {
    await archived('a.csv', [HEADS, csvRow('E1'), csvRow('E2', { code: '8.999E+19' }), csvRow('E3', { quantity: '很多' }), csvRow('E4', { drug: '' }), csvRow('E5', { code: '89990010000000010000' }), csvRow('E6', { code: '6901234567892' }), csvRow('E7')].join('\n'));
    expect(ids()).to.deep.equal(['E1', 'E7']);
    const found = refusals().map(({ code: reason, field, value }) => [reason, field, value]);
    expect(found).to.deep.equal([
      ['CODE_UNUSABLE', 'G3', '8.999E+19'], ['EVENT_INVALID', 'E4', '很多'], ['EVENT_INVALID', '5', ''], ['CODE_UNUSABLE', 'G6', '89990010000000010000'], ['CODE_UNUSABLE', 'G7', '6901234567892'],
    ]);
    for (const refusal of refusals()) expect(refusal.detail).to.match(/^[A-Z_]+：.+（文件 a\.csv）$/);
    expect(watched.names('quarantine')).to.deep.equal([]);
    const source = watched.open();
    for (const { record, interpretation } of watched.intake.submissions) {
      expect(source.interpret(record)).to.deep.equal(interpretation);
      expect(record).to.deep.include({ media: 'file', institution: HOME, interpreter: 'his-out' });
    }
  });

  it('cleans what people and programs leave in cells: full-width digits, blanks, thousands, codes with blanks around', async () => {
    await archived('a.csv', [HEADS, `Ｅ１　, 2026-11-22 09:31:05 ,ＹＰ１,阿莫西林, １，２３４.５０ ,盒,　${code('Z')} `.replace('１，２３４.５０', '"１,２３４.５０"')].join('\n'));
    const [first] = watched.intake.submissions;
    expect(first?.interpretation.kind === 'events' ? first.interpretation.events[0] : first?.interpretation).to.deep.include({ id: 'E1' }).and.have.nested.property('lines[0]').that.deep.includes({ drug: 'YP1', quantity: '1234.5', codes: [code('Z')] });
  });

  describe('xlsx', () => {
    const heads = HEADS.split(',');
    const row = (id: string, last: TestCell, more: Partial<Record<number, TestCell>> = {}): TestCell[] => [id, '2026-11-22 09:31:05', 'YP1', '阿莫西林', '1', '盒', last].map((cell, at) => more[at] ?? cell);
    const put = (rows: readonly (readonly (TestCell | undefined)[])[], merged: readonly string[] = []): Promise<void> =>
      archived('a.xlsx', buildXlsx({ sheets: [{ name: '说明', rows: [['填表说明']] }, { name: 'Sheet1', rows, merged }] }));

    it('reads the sheet with the heads; titles over merged cells, empty rows and trailing blanks do not matter', async () => {
      await put([['发药明细', undefined, undefined], [], heads.map((head) => `${head}  `), row('E1', code('E1')), [], row('E2 ', ` ${code('E2')} `)], ['A1:G1']);
      expect(ids()).to.deep.equal(['E1', 'E2']);
    });

    it('quarantines formulas, codes in scientific notation, rounded numbers, dates and errors in code cells, naming the cell', async () => {
      await put([
        heads, row('E1', code('E1')),
        row('E2', { xml: `<f>A1&amp;"1"</f><v>${code('E2')}</v>`, type: 'str' }), row('E3', numberCell('8.1E+19')), row('E4', numberCell('89990010000000011234')), row('E5', { xml: '<v>#N/A</v>', type: 'e' }),
        row('E6', code('E6'), { 2: { xml: '<f>B1</f><v>YP1</v>', type: 'str' } }), row('E7', '8.1E+19'), row('E8', code('E8'), { 4: numberCell('0.30000000000000004') }),
      ]);
      expect(ids()).to.deep.equal(['E1', 'E8']);
      expect(refusals().map(({ code: reason, field }) => [reason, field])).to.deep.equal([
        ['CODE_UNUSABLE', 'Sheet1!G3'], ['CODE_UNUSABLE', 'Sheet1!G4'], ['CODE_UNUSABLE', 'Sheet1!G5'], ['CODE_UNUSABLE', 'Sheet1!G6'], ['EVENT_INVALID', 'Sheet1!C7'], ['CODE_UNUSABLE', 'Sheet1!G8'],
      ]);
      const noisy = watched.intake.submissions.at(-1)?.interpretation;
      expect(noisy?.kind === 'events' ? noisy.events[0]?.lines[0]?.quantity : noisy).to.equal('0.3');
    });
  });

  it('files rows under the institution they name; a stranger’s, and nobody’s among several, are refused and kept from all', async () => {
    const text = ['机构编号,' + HEADS, `${OTHER},${csvRow('E1')}`, `H35010299999,${csvRow('E2')}`, `,${csvRow('E3')}`].join('\n');
    await archived('a.csv', text, { institutions: [HOME, OTHER] });
    expect(watched.intake.submissions.map(({ record }) => [record.controlId, record.institution])).to.have.deep.members([['E1', OTHER], ['E2', ''], ['E3', '']]);
    expect(refusals().map(({ code: reason, field, value }) => [reason, field, value])).to.deep.equal([['EVENT_INSTITUTION_UNKNOWN', 'A3', 'H35010299999'], ['EVENT_INSTITUTION_UNKNOWN', '4', '']]);
  });

  for (const [what, content, why] of [
    ['a table without our heads', 'a,b,c\n1,2,3\n', /没有找到表头/], ['heads that occur twice', `${HEADS},数量\n`, /“数量”/], ['an old xls', Buffer.from('d0cf11e0a1b11ae1', 'hex'), /xls/],
    ['a zip that is no workbook', Buffer.from('504b0304ffff', 'hex'), /xlsx|损坏/], ['bytes of no charset', Buffer.concat([Buffer.from(HEADS), Buffer.of(0x0a, 0xff, 0xff, 0x31)]), /字符编码/],
    ['broken XML', '<Document><Events><Event Name="PurchaseWareHouseIn">', /不完整/], ['JSON that is none', '{"id": ', /JSON/],
  ] as const) {
    it(`sets a whole file aside that cannot be read, with the reason beside it and a record: ${what}`, async () => {
      await archived('坏.csv', content);
      await waitFor('the reason', () => watched.names('quarantine').length === 2);
      expect(watched.names('quarantine')).to.deep.equal(['坏.csv', '坏.csv.原因.txt']);
      const [refusal] = refusals();
      expect(refusal).to.deep.include({ code: 'RECORD_UNREADABLE', field: '坏.csv' });
      expect(refusal?.detail).to.match(why).and.to.contain('放回');
      const record = watched.intake.submissions[0]?.record;
      if (record === undefined) throw new Error('nothing submitted');
      expect(watched.open().interpret(record)).to.deep.equal({ kind: 'refused', refusal });
    });
  }
});
