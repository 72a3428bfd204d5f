import { expect } from 'chai';
import { strToU8, zipSync } from 'fflate';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { DRUG_COLUMNS } from '../../adapter/catalogue/drug-columns.ts';
import { readDrugFile, type DrugFile } from '../../adapter/catalogue/drug-file.ts';
import { buildXlsx, numberCell } from './xlsx-file.ts';

const HEADS = '药品编码,药品名称,规格,包装单位,最小单位,包装数量,小包装标识码,除外类别';
const ROW = 'YP00001,阿莫西林胶囊,0.25g×24粒,盒,粒,24,8999001,';
const DRUG = { drug: 'YP00001', name: '阿莫西林胶囊', spec: '0.25g×24粒', packUnit: '盒', smallestUnit: '粒', unitsPerPack: 24, prefixUnit: '8999001' };

function csv(...lines: readonly string[]): DrugFile {
  return readDrugFile(strToU8([HEADS, ...lines].join('\r\n')), '目录.csv');
}

function problemOf(row: string): string {
  const file = csv(row);
  expect(file.drugs).to.deep.equal([]);
  expect(file.problems, JSON.stringify(file)).to.have.length(1);
  const [problem] = file.problems;
  expect(problem?.file).to.equal('目录.csv');
  expect(problem?.row).to.equal(2);
  return `${problem?.column ?? ''}|${problem?.value ?? ''}|${problem?.reason ?? ''}`;
}

describe('readDrugFile, csv', () => {
  it('reads UTF-8 with and without mark, UTF-16, GBK and GB18030 alike', () => {
    const text = `${HEADS}\n${ROW}\n`;
    for (const encoding of ['utf8', 'gbk', 'gb18030', 'utf16le']) {
      for (const addBOM of encoding === 'utf16le' ? [true] : encoding === 'utf8' ? [true, false] : [false]) {
        const file = readDrugFile(iconv.encode(text, encoding, { addBOM }), 'x.csv');
        expect(file.problems, encoding).to.deep.equal([]);
        expect(file.drugs, encoding).to.deep.equal([DRUG]);
      }
    }
  });

  it('keeps a rare character that only GB18030 can hold', () => {
    const file = readDrugFile(iconv.encode('drug,name,spec\nYP1,㛃𠮷药,片剂\n', 'gb18030'), 'x.csv');
    expect(file.drugs).to.deep.equal([{ drug: 'YP1', name: '㛃𠮷药', spec: '片剂' }]);
    expect(file.notes.join()).to.include('GB18030');
  });

  it('takes heads in Chinese or English, in any order, with marks around them, and tells which it ignored', () => {
    const file = readDrugFile(strToU8('备注, NAME ,*药品编码,包装数量（最小单位/盒）,unitprice\nx,甲,YP1,10,3'), 'x.csv');
    expect(file.drugs).to.deep.equal([{ drug: 'YP1', name: '甲', unitsPerPack: 10 }]);
    expect(file.notes.join()).to.include('未识别的列已忽略：备注、unitprice');
  });

  it('knows every head of the contract in both languages', () => {
    for (const column of DRUG_COLUMNS) {
      for (const head of [column.zh, column.field]) {
        if (column.field === 'drug' || column.field === 'name') continue;
        const sample = { count: '3', prefix: '8999001', gtin: '6901234567892', price: '1.5', rx: '1', exemption: '医用氧', text: '文字', identifier: 'A01' }[column.kind];
        const [drug] = readDrugFile(strToU8(`药品编码,name,${head}\n1,2,${sample}`), 'x.csv').drugs;
        expect(drug, head).to.have.property(column.field);
      }
    }
  });

  it('reads semicolons, tabs, quotes, line breaks inside quotes, blank rows and rows above the heads', () => {
    expect(readDrugFile(strToU8('药品编码;药品名称\nYP1;"甲;乙"'), 'x.csv').drugs).to.deep.equal([{ drug: 'YP1', name: '甲;乙' }]);
    expect(readDrugFile(strToU8('药品编码\t药品名称\nYP1\t甲'), 'x.txt').drugs).to.deep.equal([{ drug: 'YP1', name: '甲' }]);
    const file = readDrugFile(strToU8('药品目录 2026\n\n药品编码,药品名称\n\n="0012","甲\n乙"\n,,\n'), 'x.csv');
    expect(file.drugs).to.deep.equal([{ drug: '0012', name: '甲 乙' }]);
    expect(file.rows).to.equal(1);
  });

  const wrong: readonly (readonly [string, string])[] = [
    ['YP1,甲,,盒,粒,0,,', '包装数量|0|应为大于 0 的整数'], ['YP1,甲,,盒,粒,2.5,,', '包装数量|2.5|应为大于 0 的整数'], ['YP1,甲,,盒,粒,二十,,', '包装数量|二十|'],
    ['YP1,甲,,盒,粒,24,899900,', '小包装标识码|899900|应为 7 位数字'], ['YP1,甲,,盒,粒,24,89990010000000011234,', '小包装标识码|89990010000000011234|应为 7 位数字，这里是整个追溯码。请只填前 7 位 8999001'],
    ['YP1,甲,,盒,粒,24,8.999E+06,', '小包装标识码|8.999E+06|被表格软件变成了科学计数'], ['YP1,甲,,盒,粒,24,,中成药', '除外类别|中成药|应为 中药饮片、院内制剂、医用氧、中药配方颗粒 之一'],
    [',甲,,盒,粒,24,,', '药品编码||药品编码为空'], ['YP1,,,盒,粒,24,,', '药品名称||药品名称为空'], ['8.1E+19,甲,,盒,粒,24,,', '药品编码|8.1E+19|编码被表格软件变成了科学计数'],
    [`${'9'.repeat(65)},甲,,盒,粒,24,,`, `药品编码|${'9'.repeat(65)}|超过 64 个字符`],
  ];
  for (const [row, expected] of wrong) {
    it(`names column, value and remedy of ${row.slice(0, 40)}`, () => {
      expect(problemOf(row)).to.satisfy((text: string) => text.startsWith(expected), expected);
    });
  }

  it('lists every problem of the file and keeps the good rows', () => {
    const file = csv('YP1,甲,,盒,粒,0,12,', ROW, 'YP2,乙,,盒,粒,x,,');
    expect(file.problems.map((problem) => [problem.row, problem.column])).to.deep.equal([[2, '包装数量'], [2, '小包装标识码'], [4, '包装数量']]);
    expect(file.drugs).to.deep.equal([DRUG]);
    expect(file.rows).to.equal(3);
  });

  it('takes a row that is repeated exactly once, and refuses the same id with other content', () => {
    const file = csv(ROW, ROW, ROW.replace('24,', '12,'));
    expect(file.drugs).to.deep.equal([DRUG]);
    expect(file.notes.join()).to.include('1 行与前面的行完全相同');
    expect(file.problems.map((problem) => problem.reason).join()).to.include('与第 2 行编码相同而内容不同');
  });

  it('reads exemptions, prescription flags and prices in the words people use', () => {
    const read = (head: string, value: string): unknown => readDrugFile(strToU8(`drug,name,${head}\nYP1,甲,"${value}"`), 'x.csv').drugs[0];
    expect(read('除外类别', '中药饮片')).to.have.property('exemption', 'slices');
    expect(read('exemption', 'GRANULES')).to.have.property('exemption', 'granules');
    expect(read('除外类别', '无')).not.to.have.property('exemption');
    expect(read('处方药标志', '处方药')).to.have.property('rxFlag', '1');
    expect(read('处方药标志', 'OTC')).to.have.property('rxFlag', '0');
    expect(read('单价', '￥1,234.50元')).to.have.property('price', '1234.5');
    expect(read('gtin', '6901234567892')).to.have.property('gtin', '06901234567892');
  });

  it('refuses the same resource code on two package levels', () => {
    const file = readDrugFile(strToU8('drug,name,prefixUnit,prefixInner\nYP1,甲,8999001,8999001'), 'x.csv');
    expect(file.problems[0]).to.include({ column: 'prefixInner', value: '8999001' });
  });

  it('notes what will be missed later', () => {
    const file = readDrugFile(strToU8('drug,name,prefixCase\nYP1,甲,8999001'), 'x.csv');
    expect(file.notes.join('\n')).to.include('没有包装数量').and.to.include('没有所含小包装数').not.and.to.equal('');
  });
});

describe('readDrugFile, files that cannot be read', () => {
  const faults: readonly (readonly [string, Uint8Array, string])[] = [
    ['an empty file', new Uint8Array(), '空'], ['no heads', strToU8('a,b\n1,2'), '没有找到表头'], ['heads without name', strToU8('药品编码,规格\n1,2'), '已找到：药品编码、规格'],
    ['heads only', strToU8(HEADS), '没有数据行'], ['a head twice', strToU8('药品编码,药品名称,drug\n1,2,3'), '出现了两次'], ['an old xls', new Uint8Array([0xD0, 0xCF, 0x11, 0xE0, 0xA1]), '另存为 xlsx'],
    ['a web page named xls', strToU8('<html><table>'), '另存为 xlsx'], ['bytes that are no text', new Uint8Array([0x31, 0x2C, 0xFF, 0xFF, 0x80, 0x0A]), '字符编码无法识别'],
    ['a zip without workbook', zipSync({ 'a.txt': strToU8('x') }), '不是 Excel 工作簿'], ['a broken zip', buildXlsx({ sheets: [{ name: 's', rows: [] }] }).subarray(0, 200), '损坏'], ['an xlsb', zipSync({ 'xl/workbook.bin': new Uint8Array([1]) }), 'xlsb'],
  ];
  for (const [title, bytes, word] of faults) {
    it(`says what to do with ${title}`, () => {
      const file = readDrugFile(bytes, 'f.csv');
      expect(file.drugs).to.deep.equal([]);
      expect(file.problems[0]).to.include({ row: 0, file: 'f.csv' });
      expect(file.problems[0]?.reason).to.include(word);
    });
  }

  it('refuses more rows than the bound', () => {
    const file = readDrugFile(strToU8(`drug,name\n${'1,a\n'.repeat(200_001)}`), 'x.csv');
    expect(file.problems[0]?.reason).to.include('200000 行');
  });

  it('stops listing at a thousand problems and says how many more there are', () => {
    const file = readDrugFile(strToU8(`drug,name\n${',a\n'.repeat(1_500)}`), 'x.csv');
    expect(file.problems).to.have.length(1_001);
    expect(file.problems.at(-1)?.reason).to.include('500');
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom([], [0x50, 0x4B, 3, 4], [0xEF, 0xBB, 0xBF], [0xFF, 0xFE]), (bytes, magic) => {
      const file = readDrugFile(new Uint8Array([...magic, ...bytes]), 'x');
      return file.problems.length > 0 || file.drugs.length > 0;
    }), { numRuns: 500 });
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => Array.isArray(readDrugFile(strToU8(`药品编码,药品名称,规格\n${text}`), 'x').problems)), { numRuns: 500 });
  });
});

describe('readDrugFile, xlsx', () => {
  const heads = ['药品编码', '药品名称', '小包装标识码', '包装数量', '商品条码', '单价'];

  it('reads shared strings, inline strings, rich text and numbers in their literal digits', () => {
    const file = readDrugFile(buildXlsx({ sheets: [{ name: '目录', rows: [heads,
      ['YP1', { type: 'inlineStr', xml: '<is><r><t>阿莫</t></r><r><t xml:space="preserve">西林&amp;</t></r><rPh sb="0"><t>ア</t></rPh></is>' }, numberCell('8999001'), numberCell('24'), numberCell('6901234567892'), numberCell('12.300000000000001')],
      [numberCell('20'), { type: 'str', xml: '<v>乙</v>' }, numberCell('8999002.0'), numberCell('1E1'), numberCell('6.901234567892E12'), numberCell('0.1')]] }] }), 'x.xlsx');
    expect(file.problems).to.deep.equal([]);
    expect(file.drugs).to.deep.equal([
      { drug: 'YP1', name: '阿莫西林&', prefixUnit: '8999001', unitsPerPack: 24, barcode: '6901234567892', price: '12.3' },
      { drug: '20', name: '乙', prefixUnit: '8999002', unitsPerPack: 10, barcode: '6901234567892', price: '0.1' },
    ]);
  });

  it('refuses a code that has become a floating-point number, by cell name', () => {
    const file = readDrugFile(buildXlsx({ sheets: [{ name: 's', rows: [heads, ['YP1', '甲', undefined, undefined, numberCell('8.1234567890123463E+19')]] }] }), 'x.xlsx');
    expect(file.problems).to.have.length(1);
    expect(file.problems[0]).to.include({ row: 2, column: '商品条码（E2）', value: '8.1234567890123463E+19' });
    expect(file.problems[0]?.reason).to.include('文本格式');
  });

  it('refuses formulas, error values and dates by cell name', () => {
    const styles = '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy/m/d"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>';
    const file = readDrugFile(buildXlsx({ styles, sheets: [{ name: 's', rows: [['药品编码', '药品名称', '规格', '剂型'],
      ['YP1', { xml: '<f>A1</f><v>0</v>', type: 'str' }], ['YP2', { xml: '<v>#N/A</v>', type: 'e' }], ['YP3', '丙', numberCell('46000', 1)], ['YP4', '丁', undefined, numberCell('46000.5', 2)], ['YP5', '戊']] }] }), 'x.xlsx');
    expect(file.drugs.map((drug) => drug.drug)).to.deep.equal(['YP5']);
    expect(file.problems.map((problem) => [problem.column, problem.value])).to.deep.equal([['药品名称（B2）', '0'], ['药品名称（B3）', '#N/A'], ['规格（C4）', '2025-12-09'], ['剂型（D5）', '2025-12-09 12:00:00']]);
  });

  it('keeps leading zeros that a number format shows', () => {
    const styles = '<styleSheet><numFmts count="1"><numFmt numFmtId="165" formatCode="0000000"/></numFmts><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="165"/></cellXfs></styleSheet>';
    const file = readDrugFile(buildXlsx({ styles, sheets: [{ name: 's', rows: [['drug', 'name', 'prefixUnit'], [numberCell('12', 1), '甲', numberCell('899900', 1)]] }] }), 'x.xlsx');
    expect(file.drugs).to.deep.equal([{ drug: '0000012', name: '甲', prefixUnit: '0899900' }]);
  });

  it('fills merged cells, skips hidden sheets and titles, and says which sheets it left out', () => {
    const file = readDrugFile(buildXlsx({ sheets: [
      { name: '隐藏', hidden: true, rows: [['药品编码', '药品名称'], ['X', 'X']] },
      { name: '说明', rows: [['填写说明']] },
      { name: '目录', merged: ['A1:C1', 'B3:B4'], rows: [['药品目录'], ['药品编码', '药品名称', '规格'], ['YP1', '甲', '10片'], ['YP2', undefined, '20片']] },
    ] }), 'x.xlsx');
    expect(file.problems).to.deep.equal([]);
    expect(file.drugs).to.deep.equal([{ drug: 'YP1', name: '甲', spec: '10片' }, { drug: 'YP2', name: '甲', spec: '20片' }]);
    expect(file.notes.join()).to.include('只读取工作表“目录”，其余已忽略：说明');
  });

  it('reads writers that prefix their elements, and rows without references', () => {
    const book = { sheets: [{ name: 's', rows: [['drug', 'name'], ['YP1', '甲<乙']] }] };
    expect(readDrugFile(buildXlsx({ ...book, prefix: 'x:' }), 'x.xlsx').drugs).to.deep.equal([{ drug: 'YP1', name: '甲<乙' }]);
    const bare = zipSync({
      'xl/workbook.xml': strToU8('<workbook><sheets><sheet name="a" r:id="r1"/></sheets></workbook>'), 'xl/_rels/workbook.xml.rels': strToU8('<Relationships><Relationship Id="r1" Target="/xl/worksheets/sheet1.xml"/></Relationships>'),
      'xl/worksheets/sheet1.xml': strToU8('<worksheet><sheetData><row><c t="inlineStr"><is><t>drug</t></is></c><c t="inlineStr"><is><t>name</t></is></c></row><row><c/><c/></row><row><c><v>7</v></c><c t="inlineStr"><is><t>甲&#x4E59;_x000D_</t></is></c></row></sheetData></worksheet>'),
    });
    expect(readDrugFile(bare, 'x.xlsx').drugs).to.deep.equal([{ drug: '7', name: '甲乙' }]);
  });

  it('refuses a workbook that unpacks to more than the bound before unpacking it', () => {
    const before = process.memoryUsage().arrayBuffers;
    expect(readDrugFile(withDeclaredSize(310 * 1024 * 1024), 'x.xlsx').problems[0]?.reason).to.include('300 MB');
    expect(process.memoryUsage().arrayBuffers - before).to.be.lessThan(100 * 1024 * 1024);
  });

  it('is not led by a directory that lies about sizes', () => {
    const file = readDrugFile(withDeclaredSize(10), 'x.xlsx');
    expect(file.drugs).to.deep.equal([]);
    expect(file.problems[0]?.row).to.equal(0);
  });

  it('finds nothing expensive in hostile XML', () => {
    const hostile = '<row>'.repeat(50) + '<c '.repeat(200_000) + '<rPh '.repeat(200_000) + '<t'.repeat(200_000);
    const book = zipSync({
      'xl/workbook.xml': strToU8(`<workbook><sheets><sheet name="a" r:id="r1"/></sheets>${'<sheet '.repeat(100_000)}</workbook>`), 'xl/_rels/workbook.xml.rels': strToU8('<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>'),
      'xl/worksheets/sheet1.xml': strToU8(`<worksheet><sheetData><row>${hostile}</row></sheetData></worksheet>`), 'xl/sharedStrings.xml': strToU8(`<sst><si>${hostile}</si></sst>`), 'xl/styles.xml': strToU8(`<styleSheet>${'<cellXfs '.repeat(100_000)}`),
    });
    expect(readDrugFile(book, 'x.xlsx').drugs).to.deep.equal([]);
  });
});

/** A workbook whose archive directory declares this unpacked size for every part. */
function withDeclaredSize(size: number): Uint8Array {
  const book = buildXlsx({ sheets: [{ name: 's', rows: [['drug', 'name'], ['YP1', '甲'.repeat(2_000)]] }] });
  const view = new DataView(book.buffer, book.byteOffset, book.byteLength);
  for (let at = 0; at + 46 < book.byteLength; at += 1) {
    if (view.getUint32(at, true) === 0x02014B50) view.setUint32(at + 24, size, true);
  }
  return book;
}
