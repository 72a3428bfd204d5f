import { expect } from 'chai';
import { importRecallFile } from '../../adapter/recall/import-recalls.ts';
import { approvalKey, lotKey, recalledLots } from '../../adapter/recall/recalled-lots.ts';
import { readRecallFile } from '../../adapter/recall/recall-file.ts';
import { csvOf } from '../../adapter/recall/write-tables.ts';
import { migrate } from '../../adapter/store/migrate.ts';
import { buildXlsx } from '../catalogue/xlsx-file.ts';
import { onEachStore } from '../support/stores.ts';

const HEAD = '通知编号,药品名称,批准文号,批号,召回级别,召回原因,发布日期\r\n';
const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');

describe('recall: notices', () => {
  it('reads one row per lot or several lots in a cell as one notice', () => {
    const { notices, rows, problems } = readRecallFile(bytes(`${HEAD}Z1,演示片,国药准字H20260001,"A1、A2；A3",一级,原因,2026-11-20\r\nZ1,演示片,国药准字H20260001,A4,1,原因,2026-11-20\r\nZ2,,H20260002,全部,,,\r\n`));
    expect([rows, problems]).to.deep.equal([3, []]);
    expect(notices.map(({ noticeNo, lots, level, issuedOn }) => [noticeNo, lots, level, issuedOn])).to.deep.equal([['Z1', ['A1', 'A2', 'A3', 'A4'], 1, '2026-11-20'], ['Z2', ['*'], undefined, undefined]]);
  });
  it('reads a workbook', () => {
    const book = buildXlsx({ sheets: [{ name: '召回', rows: [['召回通知清单'], ['通知编号', '批准文号', '批号'], ['Z1', 'H20260001', '0012']] }] });
    expect(readRecallFile(book).notices).to.deep.include.members([]);
    expect(readRecallFile(book).notices[0]).to.deep.include({ noticeNo: 'Z1', lots: ['0012'] });
  });
  it('names row, column, value and reason of what it cannot take', () => {
    const { problems } = readRecallFile(bytes(`${HEAD}Z1,,,A1,五级,,2026-02-30\r\nZ2,,H1,8.1E+19,,,\r\n`));
    expect(problems.map(({ row, column }) => [row, column])).to.deep.equal([[2, '批准文号'], [2, '召回级别'], [2, '发布日期'], [3, '批号']]);
    expect(readRecallFile(bytes('a,b\r\n1,2\r\n')).problems[0]?.reason).to.contain('通知编号');
    expect(readRecallFile(new Uint8Array(0)).problems).to.have.length(1);
  });
  it('compares approval numbers and lots without width, blanks and case', () => {
    expect(approvalKey(' 国药准字 ｈ20260001')).to.equal('H20260001');
    expect(lotKey('ａ 24-01')).to.equal('A24-01');
    const lots = recalledLots([{ approvalKey: 'H1', lotKey: 'A1', recall: { noticeNo: 'Z1' } }, { approvalKey: 'H2', lotKey: '*', recall: { noticeNo: 'Z2' } }]);
    expect([lots.find('h1', 'a1')?.noticeNo, lots.find('h1', 'a2'), lots.find('h1', undefined), lots.find('国药准字H2', undefined)?.noticeNo, lots.find(undefined, 'a1')]).to.deep.equal(['Z1', undefined, undefined, 'Z2', undefined]);
    expect([lots.concerns('H1'), lots.concerns('H3')]).to.deep.equal([true, false]);
  });
  it('keeps a spreadsheet from running a cell of the report', () => {
    expect(csvOf({ name: '', heads: ['a'], rows: [['=HYPERLINK("x")'], ['89990010000000011234'], ['a"b']] }).split('\r\n').slice(1, 4)).to.deep.equal(['"\'=HYPERLINK(""x"")"', '"=""89990010000000011234"""', '"a""b"']);
  });

  onEachStore((open) => {
    it('takes a file whole or not at all', async () => {
      const driver = await open();
      await migrate(driver);
      const options = { institution: 'H1', by: 'cli', atMs: 1 };
      const bad = await importRecallFile(driver, bytes(`${HEAD}Z1,,H20260001,A1,,,\r\nZ2,,,A1,,,\r\n`), options);
      expect([bad.notices, bad.problems.length]).to.deep.equal([[], 1]);
      expect(await driver.read((q) => q.all('SELECT recall_no FROM recall'))).to.deep.equal([]);
      const good = await importRecallFile(driver, bytes(`${HEAD}Z1,,H20260001,A1,,,\r\n`), options);
      expect(good.notices).to.deep.equal([{ recallNo: 1, noticeNo: 'Z1', approvalNo: 'H20260001', result: 'imported', lotsAdded: 1 }]);
      let refused = '';
      await driver.write((q) => q.run("UPDATE recall_step SET by_whom = 'x' WHERE institution = 'H1'")).catch((error: unknown) => { refused = String(error); });
      expect(refused).to.contain('recall_step rows are immutable');
    });
  });
});
