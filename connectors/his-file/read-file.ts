import { refusal } from '../../adapter/domain/refusal.ts';
import type { CatalogueEntry } from '../../adapter/ports/catalogue-intake.ts';
import type { HisRecord, Interpretation } from '../../adapter/ports/his-record.ts';
import { TableFault } from '../../adapter/ports/table-reader.ts';
import type { Table, TableReader, TableRow } from '../../adapter/ports/table-reader.ts';
import { fileRow, headsOf, ROWS_LOOKED_AT } from './file-rows.ts';
import type { FileHeads, FileRow } from './file-rows.ts';
import { groupRows } from './group-rows.ts';
import { decoded } from './measure.ts';
import type { Measured } from './measure.ts';
import type { FileReaders, MessageContext } from './readers.ts';
import { homeOf, interpretRows, rowRecord } from './row-event.ts';
import type { RowEvent } from './row-event.ts';
import type { FileSettings } from './settings.ts';
import { readTraceXml } from './trace-xml.ts';

/** One record of a file, in order. */
export interface FileItem {
  readonly record: HisRecord;
  readonly meaning: Interpretation | { readonly kind: 'catalogue'; readonly entries: readonly CatalogueEntry[] };
}

/** The file cannot be read, or not beyond this point: it goes to quarantine as a whole. */
export class FileUnreadable extends Error {
  constructor(readonly why: string) {
    super(why);
    this.name = 'FileUnreadable';
  }
}

export interface ReadFileDeps {
  readonly settings: FileSettings;
  readonly tables: TableReader | undefined;
  readonly readers: FileReaders;
  readonly context: MessageContext;
}

export interface OpenFile {
  readonly name: string;
  readonly measured: Measured;
  /** the content from its beginning, piece by piece */
  chunks(): AsyncIterable<Uint8Array>;
}

const MAX_JSON_EVENTS = 100_000;

/** The records of a file one after another; a csv of any size is never held as a whole. @throws FileUnreadable */
export async function* readFileItems(file: OpenFile, deps: ReadFileDeps): AsyncIterable<FileItem> {
  const { measured: { kind, charset, bytes } } = file;
  const { settings } = deps;
  if (kind === 'xls') throw new FileUnreadable('这是旧版 xls，或有密码保护的工作簿。请在 Excel 中取消密码并另存为 xlsx 后重新放入');
  if (bytes > settings.maxFileBytes) throw new FileUnreadable(`文件 ${String(bytes)} 字节，超过上限 ${String(settings.maxFileBytes)} 字节（maxFileBytes）。请分成几个文件`);
  if (kind !== 'csv' && bytes > settings.maxWholeBytes) throw new FileUnreadable(`文件 ${String(bytes)} 字节，超过上限 ${String(settings.maxWholeBytes)} 字节（maxWholeBytes）。请分成几个文件，或改为 csv`);
  if (charset === 'unknown' && (kind === 'csv' || kind === 'json')) throw new FileUnreadable('文件的字符编码无法识别（支持 UTF-8、GBK、GB18030）。请改用 UTF-8 导出，或在该来源配置 charset');
  switch (kind) {
    case 'csv': yield* events(csvRows(file, deps), file, deps); break;
    case 'xlsx': yield* events(xlsxRows(await whole(file), deps), file, deps); break;
    case 'xml': yield* xmlItems(await whole(file), file, deps); break;
    case 'json': yield* jsonItems(await whole(file), file, deps); break;
    case 'hl7': {
      const messages = deps.readers.hl7.read(await whole(file), deps.context);
      if (messages.length === 0) throw new FileUnreadable('文件中没有 HL7 消息（MSH）');
      yield* messages;
    }
  }
}

async function whole(file: OpenFile): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of file.chunks()) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function* events(rows: AsyncIterable<FileRow> | Iterable<FileRow>, file: OpenFile, deps: ReadFileDeps): AsyncIterable<FileItem> {
  for await (const event of groupRows(rows, { file: file.name, sha: file.measured.sha, maxEventRows: deps.settings.maxEventRows })) yield itemOf(event, deps);
}

function itemOf(event: RowEvent, { context }: ReadFileDeps): FileItem {
  const meaning = interpretRows(event, context);
  return { record: rowRecord(event, meaning, context), meaning };
}

const NO_HEADS = `没有找到表头：须有“药品编码”（DRUG_CODE）与“数量”（QUANTITY），并放在前 ${String(ROWS_LOOKED_AT)} 行内；列名见说明（mappings/standard/README.md）`;

function tablesOf({ tables }: ReadFileDeps): TableReader {
  if (tables === undefined) throw new FileUnreadable('本程序没有装配表格读取功能');
  return tables;
}

async function* csvRows(file: OpenFile, deps: ReadFileDeps): AsyncIterable<FileRow> {
  const charset = file.measured.charset === 'unknown' ? 'utf-8' : file.measured.charset;
  let heads: FileHeads | undefined;
  let looked = 0;
  try {
    for await (const row of tablesOf(deps).readCsv(decoded(file.chunks(), charset))) {
      if (heads !== undefined) {
        const read = fileRow(row, heads, '');
        if (read !== undefined) yield read;
        continue;
      }
      heads = checkedHeads(row);
      looked += 1;
      if (heads === undefined && looked >= ROWS_LOOKED_AT) break;
    }
  } catch (error) {
    if (error instanceof TableFault) throw new FileUnreadable(error.fault);
    throw error;
  }
  if (heads === undefined) throw new FileUnreadable(NO_HEADS);
}

function checkedHeads(row: TableRow): FileHeads | undefined {
  const heads = headsOf(row);
  if (heads !== undefined && 'double' in heads) throw new FileUnreadable(`表头“${heads.double}”与另一列是同一项。请删去其中一列`);
  return heads;
}

/** Every visible sheet that has the heads, one after another. */
function* xlsxRows(bytes: Uint8Array, deps: ReadFileDeps): Iterable<FileRow> {
  const read = tablesOf(deps).readXlsx(bytes);
  if ('fault' in read) throw new FileUnreadable(read.fault);
  const sheets = read.tables.flatMap((table) => {
    const found = sheetHeads(table);
    return found === undefined ? [] : [{ table, ...found }];
  });
  if (sheets.length === 0) throw new FileUnreadable(NO_HEADS);
  for (const { table, heads, at } of sheets) {
    for (const row of table.rows) {
      const one = row.number > at ? fileRow(row, heads, table.name) : undefined;
      if (one !== undefined) yield one;
    }
  }
}

function sheetHeads(table: Table): { readonly heads: FileHeads; readonly at: number } | undefined {
  for (const row of table.rows.slice(0, ROWS_LOOKED_AT)) {
    const heads = checkedHeads(row);
    if (heads !== undefined) return { heads, at: row.number };
  }
  return undefined;
}

function* xmlItems(bytes: Buffer, file: OpenFile, deps: ReadFileDeps): Iterable<FileItem> {
  const read = readTraceXml(xmlText(bytes, file), deps.settings.xmlUnit);
  if ('fault' in read) throw new FileUnreadable(read.fault);
  for (const bill of read.bills) {
    const { wrong } = bill;
    yield itemOf({
      file: file.name, id: bill.id, rows: bill.rows,
      ...(wrong === undefined ? {} : { refused: refusal('EVENT_INVALID', { field: wrong.at, value: wrong.value, detail: `${wrong.detail}（文件 ${file.name.slice(0, 100)}）` }) }),
    }, deps);
  }
}

/** By the declaration of the document, which must fit, else by what fits. */
function xmlText(bytes: Buffer, { measured }: OpenFile): string {
  const declared = /^[^>]{0,200}encoding\s*=\s*["']([\w-]{1,20})["']/i.exec(bytes.subarray(0, 256).toString('latin1'))?.[1]?.toLowerCase();
  const label = declared !== undefined && /^(?:gbk|gb2312|gb18030|gb_2312-80|cp936)$/.test(declared) ? 'gb18030' : measured.charset === 'unknown' ? undefined : measured.charset;
  try {
    if (label !== undefined) return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    // said below
  }
  throw new FileUnreadable(`XML 的内容与字符集不符（声明为 ${declared ?? '空'}）。请用 UTF-8 或 GBK 重新导出`);
}

function* jsonItems(bytes: Buffer, file: OpenFile, deps: ReadFileDeps): Iterable<FileItem> {
  const { readers, settings, context } = deps;
  const limits = { maxEvents: MAX_JSON_EVENTS, maxBytes: settings.maxWholeBytes };
  const type = (media: string): string => `${media}; charset=${file.measured.charset === 'utf-16be' ? 'utf-16' : file.measured.charset}`;
  const document = readers.json.read(bytes, type('application/json'), limits);
  const lines = document.kind === 'refused' ? readers.json.read(bytes, type('application/x-ndjson'), limits) : document;
  if (document.kind === 'refused' && lines.kind === 'refused') throw new FileUnreadable(`不是事件 JSON：${document.refusal.detail ?? ''}`);
  for (const { text, value } of lines.kind === 'items' ? lines.items : []) {
    const named = memberOf(value, 'institution');
    const record: HisRecord = {
      institution: context.institutions.includes(named) ? named : named === '' ? homeOf(context) ?? '' : '', source: memberOf(value, 'source').slice(0, 64) || context.source,
      controlId: memberOf(value, 'id'), media: 'json', charset: 'utf-8', bytes: Buffer.from(text, 'utf8'), interpreter: context.source,
    };
    const meaning = readers.json.interpret(record);
    yield { record, meaning };
  }
}

function memberOf(value: unknown, name: string): string {
  const found = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
  return typeof found === 'string' ? found.replace(/[\u0000-\u001f\u007f\p{Cs}]/gu, '').slice(0, 128) : '';
}
