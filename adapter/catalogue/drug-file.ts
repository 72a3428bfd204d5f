import type { Drug } from '../domain/drug.ts';
import { readCsv } from './csv-table.ts';
import { readDrugCell } from './drug-cell.ts';
import { findHeads, type Heads } from './drug-heads.ts';
import { columnLetters, IMPORT_LIMITS, type Cell, type Table, type TableRow, type Tables } from './table.ts';
import { readXlsx } from './xlsx/workbook.ts';

/** One cell or row that cannot be taken. */
export interface RowProblem {
  readonly file: string;
  /** as a person counts in the file, from 1; 0 = the file as a whole */
  readonly row: number;
  /** the head as it stands in the file, with the cell's name in a workbook: `包装数量（K12）`; '' = the whole row */
  readonly column: string;
  /** what stands there, cut to 100 characters */
  readonly value: string;
  /** what is wrong and what to do, in Chinese */
  readonly reason: string;
}

export interface DrugFile {
  /** the drugs of the rows without problems, in file order, each id once */
  readonly drugs: readonly Drug[];
  /** data rows in the file */
  readonly rows: number;
  /** at most 1,000; a last one says when there were more */
  readonly problems: readonly RowProblem[];
  /** what a person should know: heads that were ignored, the encoding that was found, what is missing for splitting */
  readonly notes: readonly string[];
}

const MAX_PROBLEMS = 1_000;

/**
 * Reads a drug catalogue file (contract section 8): csv in UTF-8, GBK or GB18030, or xlsx; told by content, not by name.
 * Pure; never throws. Files over 50 MB, 300 MB unpacked or 200,000 rows are refused.
 */
export function readDrugFile(bytes: Uint8Array, fileName: string): DrugFile {
  const file = fileName.replace(/^.*[\\/]/, '');
  const read = readTables(bytes);
  if ('fault' in read) return nothing(file, read.fault, []);
  const found = findHeads(read.tables);
  if ('fault' in found) return nothing(file, found.fault, read.notes);
  const { table, heads } = found;
  const rows = table.rows.filter((row) => row.number > heads.row);
  if (rows.length > IMPORT_LIMITS.rows) return nothing(file, `超过 ${String(IMPORT_LIMITS.rows)} 行。请分成几个文件导入`, read.notes);
  if (rows.length === 0) return nothing(file, '只有表头，没有数据行', read.notes);
  return new DrugRows(file, table, heads).read(rows, [...read.notes, ...found.notes]);
}

function nothing(file: string, reason: string, notes: readonly string[]): DrugFile {
  return { drugs: [], rows: 0, problems: [{ file, row: 0, column: '', value: '', reason }], notes };
}

function readTables(bytes: Uint8Array): Tables {
  if (bytes.byteLength === 0) return { fault: '文件是空的' };
  if (bytes.byteLength > IMPORT_LIMITS.fileBytes) return { fault: `文件超过 ${String(IMPORT_LIMITS.fileBytes / 1024 / 1024)} MB。请只保留药品目录的数据，或分成几个文件导入` };
  const magic = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  if (magic === '504b0304' || magic === '504b0506') return readXlsx(bytes);
  if (magic === 'd0cf11e0') return { fault: '这是旧版 xls，或有密码保护的工作簿。请在 Excel 中取消密码并另存为 xlsx 后再导入' };
  const start = Buffer.from(bytes.subarray(0, 512)).toString('latin1').replace(/^(?:\xEF\xBB\xBF)?\s*/, '').toLowerCase();
  if (/^<(?:!doctype|html|\?xml|table|meta)/.test(start)) return { fault: '这是网页或 XML 格式的表格（扩展名可能是 xls）。请在 Excel 中打开后另存为 xlsx 再导入' };
  return readCsv(bytes);
}

/** Gathers drugs and problems row by row. */
class DrugRows {
  readonly #problems: RowProblem[] = [];
  readonly #drugs = new Map<string, { readonly drug: Drug; readonly row: number }>();
  #suppressed = 0;
  #repeated = 0;

  constructor(readonly file: string, readonly table: Table, readonly heads: Heads) {}

  read(rows: readonly TableRow[], notes: readonly string[]): DrugFile {
    for (const row of rows) this.#readRow(row);
    if (this.#suppressed > 0) this.#problems.push({ file: this.file, row: 0, column: '', value: '', reason: `另有 ${String(this.#suppressed)} 处问题未列出` });
    const drugs = [...this.#drugs.values()].map((entry) => entry.drug);
    const repeated = this.#repeated === 0 ? [] : [`${String(this.#repeated)} 行与前面的行完全相同，只取一次`];
    return { drugs, rows: rows.length, problems: this.#problems, notes: [...notes, ...repeated, ...notesOn(drugs)] };
  }

  #readRow(row: TableRow): void {
    const members: Record<string, string | number> = {};
    let wrong = false;
    for (const [at, column] of this.heads.columns) {
      const cell = row.cells.get(at);
      if (cell === undefined) continue;
      const read = readDrugCell(cell, column);
      if ('wrong' in read) {
        wrong = true;
        this.#problem(row, at, cell, read.wrong);
      } else if (read.value !== undefined) members[column.field] = read.value;
    }
    for (const [field, reason] of missingMembers(members)) {
      if (row.cells.has(this.heads.at(field))) continue;
      wrong = true;
      this.#problem(row, this.heads.at(field), undefined, reason);
    }
    if (!wrong) this.#take(row, members as unknown as Drug);
  }

  #take(row: TableRow, drug: Drug): void {
    const clash = prefixClash(drug);
    if (clash !== undefined) {
      this.#problem(row, this.heads.at(clash), row.cells.get(this.heads.at(clash)), '与本行另一包装级别的标识码相同。每个包装级别的标识码各不相同，请核对');
      return;
    }
    const earlier = this.#drugs.get(drug.drug);
    if (earlier === undefined) this.#drugs.set(drug.drug, { drug, row: row.number });
    else if (JSON.stringify(earlier.drug) === JSON.stringify(drug)) this.#repeated += 1;
    else this.#problem(row, this.heads.at('drug'), row.cells.get(this.heads.at('drug')), `与第 ${String(earlier.row)} 行编码相同而内容不同。每个药品编码只能有一行，请核对后删去其中一行`);
  }

  #problem(row: TableRow, at: number, cell: Cell | undefined, reason: string): void {
    if (this.#problems.length >= MAX_PROBLEMS) {
      this.#suppressed += 1;
      return;
    }
    const head = this.heads.names.get(at) ?? '';
    const column = this.table.named ? `${head}（${columnLetters(at)}${String(row.number)}）` : head;
    this.#problems.push({ file: this.file, row: row.number, column, value: (cell?.text ?? '').slice(0, 100), reason });
  }
}

function missingMembers(members: Readonly<Record<string, unknown>>): readonly (readonly [keyof Drug, string])[] {
  const required: readonly (readonly [keyof Drug, string])[] = [['drug', '药品编码为空。请填 HIS 中的药品编码'], ['name', '药品名称为空。请填写']];
  return required.filter(([field]) => members[field] === undefined);
}

/** @returns the member whose resource code another package level of the drug has as well */
export function prefixClash(drug: Drug): 'prefixInner' | 'prefixCase' | undefined {
  if (drug.prefixInner !== undefined && drug.prefixInner === drug.prefixUnit) return 'prefixInner';
  if (drug.prefixCase !== undefined && (drug.prefixCase === drug.prefixUnit || drug.prefixCase === drug.prefixInner)) return 'prefixCase';
  return undefined;
}

/** What is missing for business that a hospital will meet, counted; not wrong in itself. */
function notesOn(drugs: readonly Drug[]): string[] {
  const notes: string[] = [];
  const traced = drugs.filter((drug) => drug.exemption === undefined);
  const tell = (text: string, which: readonly Drug[]): void => {
    if (which.length > 0) notes.push(`${String(which.length)} 个药品${text}（如 ${which.slice(0, 3).map((drug) => drug.drug).join('、')}）`);
  };
  tell('没有包装数量，不能拆零，按最小单位发药时无法换算成盒', traced.filter((drug) => drug.unitsPerPack === undefined));
  tell('有中包装或大包装标识码而没有所含小包装数，整箱入库时按 1 计', traced.filter((drug) => (drug.prefixInner !== undefined && drug.packsPerInner === undefined) || (drug.prefixCase !== undefined && drug.packsPerCase === undefined)));
  tell('没有医保目录编码，医保平台可能不接受', traced.filter((drug) => drug.medListCode === undefined));
  return notes;
}

