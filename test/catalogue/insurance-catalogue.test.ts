import { expect } from 'chai';
import { zipSync } from 'fflate';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DrugCatalogue, saveDrugs } from '../../adapter/catalogue/drug-store.ts';
import { importDrugFile } from '../../adapter/catalogue/import-file.ts';
import { applyCatalogue, SELECT_CATALOGUE, type CatalogueReport } from '../../adapter/catalogue/insurance/apply-catalogue.ts';
import { catalogueBytes } from '../../adapter/catalogue/insurance/catalogue-bytes.ts';
import { catalogueRows, looksLikeCatalogue } from '../../adapter/catalogue/insurance/catalogue-rows.ts';
import type { Drug } from '../../adapter/domain/drug.ts';
import type { SqlDriver } from '../../adapter/ports/sql-driver.ts';
import { migrate } from '../../adapter/store/migrate.ts';
import { assertUsesIndex } from '../support/explain.ts';
import { onEachStore } from '../support/stores.ts';

const H = 'H35010200001';
const CODE = 'XJ01CAA040E001010100001';
type Columns = Readonly<Record<number, string>>;
const BASE: Columns = { 1: CODE, 4: '阿莫西林', 8: '阿莫西林胶囊', 32: '0.25g×24粒/盒', 45: '盒', 46: '粒', 47: '24', 54: '示范制药', 62: '国药准字H89990001', 79: '1', 83: 'F002_20260101' };
const lineOf = (columns: Columns = {}): string => Array.from({ length: 97 }, (_, at) => ({ ...BASE, ...columns })[at + 1] ?? 'null').join('\t');
const ours: Drug = { drug: 'YP1', name: '阿莫西林胶囊(院内)', medListCode: CODE };

async function* pieces(text: string, size = 7): AsyncIterable<Uint8Array> {
  const bytes = Buffer.from(text, 'utf8');
  // pieces end in the middle of characters and lines
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

describe('insurance catalogue (1301)', () => {
  it('reads the columns by their numbers, `null` as empty, whatever the pieces it comes in', async () => {
    const rows = [];
    for await (const row of catalogueRows(pieces(`\uFEFF${lineOf({ 47: '24.0' })}\r\n\n${lineOf({ 1: 'Z02', 83: 'F003' })}\nshort\tline\n${lineOf({ 1: 'XA02BCL055A001010100002', 47: '很多', 79: '0' })}`))) rows.push(row);
    expect(rows[0]).to.deep.equal({
      code: CODE, name: '阿莫西林胶囊', spec: '0.25g×24粒/盒', packUnit: '盒', smallestUnit: '粒', unitsPerPack: 24, manufacturer: '示范制药', approvalNo: '国药准字H89990001', isValid: true, version: 'F002_20260101',
    });
    expect(rows.slice(1, 3)).to.deep.equal([{ unreadable: 3 }, { unreadable: 4 }]);
    expect(rows[3]).to.deep.include({ code: 'XA02BCL055A001010100002', unitsPerPack: undefined, isValid: false });
  });

  it('takes nothing else for it', () => {
    expect(looksLikeCatalogue(lineOf())).to.equal(true);
    for (const text of ['', '药品编码,药品名称\nYP1,甲', '药品编码\t药品名称\nYP1\t甲', Array.from({ length: 97 }, () => '1').join('\t')]) expect(looksLikeCatalogue(text), text.slice(0, 20)).to.equal(false);
  });

  it('refuses text in another charset and a line without end', async () => {
    const read = async (bytes: AsyncIterable<Uint8Array>): Promise<unknown> => { try { for await (const _ of catalogueRows(bytes)); return undefined; } catch (error) { return (error as Error).name; } };
    async function* wrong(): AsyncIterable<Uint8Array> { yield await Promise.resolve(Buffer.from([0x58, 0xB0, 0xA2, 0xC4, 0xAA])); }
    async function* endless(): AsyncIterable<Uint8Array> { for (let at = 0; at < 100; at += 1) yield await Promise.resolve(Buffer.alloc(64 * 1024, 0x41)); }
    expect(await read(wrong())).to.equal('CatalogueTextFault');
    expect(await read(endless())).to.equal('CatalogueTextFault');
  });

  it('holds one piece in memory at a time, out of a zip as well', async () => {
    let pulled = 0;
    const text = Array.from({ length: 5_000 }, (_, at) => lineOf({ 1: `XA${String(at).padStart(21, '0')}`, 8: `名称${String(at * 7_919)}` })).join('\n');
    const zip = Buffer.from(zipSync({ 'catalogue.txt': Buffer.from(text, 'utf8') }));
    async function* source(): AsyncIterable<Uint8Array> { for (let at = 0; at < zip.length; at += 4_096) { pulled += 1; yield await Promise.resolve(zip.subarray(at, at + 4_096)); } }
    let rows = 0;
    for await (const _ of catalogueRows(catalogueBytes(source()))) {
      rows += 1;
      if (rows === 1) expect(pulled, 'pieces read before the first row').to.be.at.most(2);
    }
    expect([rows, pulled]).to.deep.equal([5_000, Math.ceil(zip.length / 4_096)]);
  });

  it('says so when the zip is broken off or holds nothing', async () => {
    const zip = Buffer.from(zipSync({ 'catalogue.txt': Buffer.from(Array.from({ length: 500 }, (_, at) => lineOf({ 8: String(at * 104_729) })).join('\n')) }));
    const read = async (bytes: Buffer): Promise<unknown> => { try { for await (const _ of catalogueBytes(once(bytes))); return undefined; } catch (error) { return (error as Error).message; } };
    async function* once(bytes: Buffer): AsyncIterable<Uint8Array> { yield await Promise.resolve(bytes); }
    expect(await read(zip.subarray(0, 3_000))).to.equal('压缩文件不完整，请重新下载');
    expect(await read(Buffer.concat([zip.subarray(0, 100), Buffer.alloc(2_000, 0xFF)]))).to.match(/已损坏|不完整/);
    expect(await read(Buffer.from(zipSync({})))).to.equal('压缩文件中没有文件');
  });
});

describe('insurance catalogue and the hospital\'s drugs', () => { onEachStore((open) => {
  let driver: SqlDriver;
  beforeEach(async () => { driver = await open(); await migrate(driver); });
  const apply = (lines: readonly string[], write = true): Promise<CatalogueReport> => applyCatalogue(driver, catalogueRows(pieces(lines.join('\n'), 4_096)), { institution: H, nowMs: 1, write });
  const stored = async (id: string): Promise<Drug | undefined> => driver.read(async (q) => (await new DrugCatalogue().lookup(q, H, [id])).get(id));

  it('fills in what is empty, and tells what differs without touching it', async () => {
    await saveDrugs(driver, H, [{ ...ours, manufacturer: '别的药厂', spec: '0.25g × 24粒/盒' }], 0);
    const report = await apply([lineOf()]);
    expect(report).to.deep.include({ rows: 1, matched: 1, filled: 1, version: 'F002_20260101', unmatched: [], withdrawn: [] });
    expect(report.differences).to.deep.equal([{ drug: 'YP1', code: CODE, field: 'manufacturer', ours: '别的药厂', theirs: '示范制药' }]);
    expect(await stored('YP1')).to.deep.equal({ ...ours, spec: '0.25g × 24粒/盒', manufacturer: '别的药厂', approvalNo: '国药准字H89990001', packUnit: '盒', smallestUnit: '粒', unitsPerPack: 24 });
    expect((await apply([lineOf()])).filled, 'a second time there is nothing to fill in').to.equal(0);
  });

  it('fills in no unit beside one of the hospital\'s that contradicts', async () => {
    await saveDrugs(driver, H, [{ ...ours, packUnit: '瓶' }], 0);
    const report = await apply([lineOf()]);
    expect(report.differences.map((one) => one.field)).to.deep.equal(['packUnit', 'smallestUnit', 'unitsPerPack']);
    expect((await stored('YP1'))?.unitsPerPack).to.equal(undefined);
  });

  it('writes nothing when only asked what would change', async () => {
    await saveDrugs(driver, H, [ours], 0);
    expect((await apply([lineOf()], false)).filled).to.equal(1);
    expect(await stored('YP1')).to.deep.equal(ours);
  });

  it('lists drugs the catalogue does not have, with codes of the same approval number to choose from', async () => {
    await saveDrugs(driver, H, [{ drug: 'A', name: '甲', approvalNo: '国药准字Ｈ89990001' }, { drug: 'B', name: '乙', medListCode: 'XGONE00000000000000001' }, { drug: 'C', name: '丙', exemption: 'slices' }], 0);
    expect((await apply([lineOf(), lineOf({ 1: 'XJ01CAA040E001010100002', 79: '0' })])).unmatched).to.deep.equal([
      { drug: 'A', name: '甲', code: undefined, candidates: [CODE] }, { drug: 'B', name: '乙', code: 'XGONE00000000000000001', candidates: [] },
    ]);
  });

  it('takes the valid row of a code that comes several times, and names codes that were withdrawn', async () => {
    await saveDrugs(driver, H, [ours, { drug: 'YP2', name: '乙', medListCode: 'XOLD000000000000000001' }], 0);
    const report = await apply([lineOf({ 79: '0', 54: '旧厂' }), lineOf({ 54: '新厂', 83: 'F003' }), lineOf({ 79: '0', 54: '废厂' }), lineOf({ 1: 'XOLD000000000000000001', 79: '0' })]);
    expect((await stored('YP1'))?.manufacturer).to.equal('新厂');
    expect(report.withdrawn).to.deep.equal([{ drug: 'YP2', code: 'XOLD000000000000000001' }]);
    expect(report.version).to.equal('F003');
  });

  it('reads the drugs of the hospital by their key', () => assertUsesIndex(driver, SELECT_CATALOGUE, [H, 'A'], 'drug_pkey'));

  it('is imported by `import drugs`, as text and in its zip, beside the hospital\'s own file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'his-trace-1301-'));
    try {
      const path = (name: string, content: string | Uint8Array): string => { writeFileSync(join(folder, name), content); return join(folder, name); };
      const run = (file: string): ReturnType<typeof importDrugFile> => importDrugFile(driver, file, { institution: H, nowMs: 1 });
      expect(await run(path('own.csv', '药品编码,药品名称,医保目录编码,除外类别\nYP1,甲,' + CODE + ',\nYP2,乙,,\n'))).to.deep.include({ rows: 2, written: 2, problems: [] });
      const text = await run(path('1301.csv', lineOf({ 54: '' })));
      expect(text).to.deep.include({ rows: 1, written: 1, problems: [] });
      expect(text.notes).to.deep.equal(['医保药品目录 1 行，版本 F002_20260101；本院药品对上 1 个，补齐空缺 1 个；已有的内容一律未改动', '没有医保目录编码：药品 YP2 乙']);
      expect(await run(path('1301.zip', zipSync({ 'a.txt': Buffer.from(lineOf()) })))).to.deep.include({ rows: 1, written: 1, problems: [] });
      expect((await stored('YP1'))?.manufacturer).to.equal('示范制药');
      expect((await run(path('gbk.txt', Buffer.concat([Buffer.from(lineOf()), Buffer.from([0x0A, 0xB0, 0xA2, 0x09])])))).problems.map((one) => one.reason)).to.deep.equal(['文件不是 UTF-8 编码。请使用平台下载的原文件，不要用表格软件另存']);
      expect((await run(path('empty.csv', ''))).problems).to.have.length(1);
    } finally { rmSync(folder, { recursive: true, force: true }); }
  });
}); });
