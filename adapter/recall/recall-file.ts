import { readCsv } from '../catalogue/csv-table.ts';
import { IMPORT_LIMITS, type Table, type TableRow } from '../catalogue/table.ts';
import { readXlsx } from '../catalogue/xlsx/workbook.ts';
import { isCalendarDate } from '../domain/china-time.ts';
import { mergeNotices, type RecallNotice } from './notice.ts';
import { EVERY_LOT } from './recalled-lots.ts';

/** A cell that cannot be taken. */
export interface RecallProblem { readonly row: number; readonly column: string; readonly value: string; readonly reason: string }

export interface RecallFile {
  readonly notices: readonly RecallNotice[];
  /** data rows */
  readonly rows: number;
  readonly problems: readonly RecallProblem[];
  readonly notes: readonly string[];
}

type Member = 'noticeNo' | 'approvalNo' | 'lots' | 'drugName' | 'manufacturer' | 'level' | 'reason' | 'issuer' | 'issuedOn' | 'owner';

const HEADS: Readonly<Record<Member, readonly string[]>> = {
  noticeNo: ['通知编号', '召回编号', '召回通知', 'noticeNo'], approvalNo: ['批准文号', '国药准字', 'approvalNo'], lots: ['批号', '召回批号', '产品批号', 'lot', 'lots'],
  drugName: ['药品名称', '通用名称', '通用名', 'drugName'], manufacturer: ['生产企业', '上市许可持有人', '召回企业', 'manufacturer'], level: ['召回级别', '级别', 'level'],
  reason: ['召回原因', '原因', 'reason'], issuer: ['发布单位', '发布机构', 'issuer'], issuedOn: ['发布日期', '通知日期', 'issuedOn'], owner: ['负责人', 'owner'],
};
const REQUIRED = ['noticeNo', 'approvalNo', 'lots'] as const;
const LEVELS: Readonly<Record<string, number>> = { '1': 1, '一': 1, 'Ⅰ': 1, 'I': 1, '2': 2, '二': 2, 'Ⅱ': 2, 'II': 2, '3': 3, '三': 3, 'Ⅲ': 3, 'III': 3 };
const EVERY = /^(?:\*|全部|所有|全部批号|所有批号)$/;
const MAX_PROBLEMS = 1_000;
const MAX_LOTS = 1_000;
const MAX_TEXT = 128;

/** Reads recall notices from csv (UTF-8, GBK, GB18030) or xlsx; one row per lot, or several lots in one cell parted by 、,; . Pure; never throws. */
export function readRecallFile(bytes: Uint8Array): RecallFile {
  if (bytes.byteLength > IMPORT_LIMITS.fileBytes) return failed('文件超过 50 MB');
  const read = bytes[0] === 0x50 && bytes[1] === 0x4B ? readXlsx(bytes) : readCsv(bytes);
  if ('fault' in read) return failed(read.fault);
  const found = read.tables.map((table) => ({ table, heads: headsOf(table) })).find(({ heads }) => heads !== undefined);
  if (found?.heads === undefined) return failed(`找不到表头。须有：${REQUIRED.map((member) => HEADS[member][0] ?? '').join('、')}`);
  const { table, heads } = found;
  const rows = table.rows.filter((row) => row.number > heads.row);
  const problems: RecallProblem[] = [];
  const notices = rows.map((row) => noticeOf(row, heads, problems)).filter((notice) => notice !== undefined);
  if (rows.length === 0) problems.push({ row: 0, column: '', value: '', reason: '只有表头，没有数据行' });
  return { notices: mergeNotices(notices), rows: rows.length, problems: problems.slice(0, MAX_PROBLEMS), notes: read.notes };
}

function failed(reason: string): RecallFile {
  return { notices: [], rows: 0, problems: [{ row: 0, column: '', value: '', reason }], notes: [] };
}

interface Heads { readonly row: number; readonly columns: ReadonlyMap<Member, number> }

function headsOf(table: Table): Heads | undefined {
  for (const row of table.rows.slice(0, 10)) {
    const columns = new Map<Member, number>();
    for (const [at, cell] of row.cells) {
      const text = cell.text.replace(/[\s*＊]/gu, '');
      for (const member of Object.keys(HEADS) as Member[]) if (!columns.has(member) && HEADS[member].includes(text)) columns.set(member, at);
    }
    if (REQUIRED.every((member) => columns.has(member))) return { row: row.number, columns };
  }
  return undefined;
}

function noticeOf(row: TableRow, heads: Heads, problems: RecallProblem[]): RecallNotice | undefined {
  const before = problems.length;
  const told = (member: Member): string => {
    const at = heads.columns.get(member);
    return at === undefined ? '' : row.cells.get(at)?.text.trim() ?? '';
  };
  const refuse = (member: Member, reason: string): void => {
    problems.push({ row: row.number, column: HEADS[member][0] ?? member, value: told(member).slice(0, 100), reason });
  };
  const cellKind = row.cells.get(heads.columns.get('lots') ?? -1)?.kind;
  const lots = told('lots').split(/[、,，;；\n]+/u).map((lot) => lot.trim()).filter((lot) => lot !== '').map((lot) => (EVERY.test(lot) ? EVERY_LOT : lot));
  for (const member of REQUIRED) if (told(member) === '') refuse(member, '不能为空');
  for (const member of Object.keys(HEADS) as Member[]) if (member !== 'lots' && told(member).length > MAX_TEXT * (member === 'reason' ? 8 : 1)) refuse(member, '内容过长');
  if (lots.length > MAX_LOTS || lots.some((lot) => lot.length > MAX_TEXT)) refuse('lots', `一行至多 ${String(MAX_LOTS)} 个批号，每个至多 ${String(MAX_TEXT)} 个字符`);
  if (cellKind === 'formula' || cellKind === 'error' || lots.some((lot) => /^\d(?:\.\d+)?E\+?\d+$/i.test(lot))) refuse('lots', '批号被当作数字或公式处理，请把该列改为文本格式');
  const level = told('level').replace(/级(?:召回)?$/u, '');
  if (level !== '' && LEVELS[level] === undefined) refuse('level', '须为 1、2、3 级');
  if (told('issuedOn') !== '' && !isCalendarDate(told('issuedOn').slice(0, 10))) refuse('issuedOn', '须为 yyyy-MM-dd');
  if (problems.length > before) return undefined;
  const optional = (member: Member): string | undefined => (told(member) === '' ? undefined : told(member));
  return {
    noticeNo: told('noticeNo'), approvalNo: told('approvalNo'), lots: [...new Set(lots)], drugName: optional('drugName'), manufacturer: optional('manufacturer'), level: LEVELS[level],
    reason: optional('reason'), issuer: optional('issuer'), issuedOn: optional('issuedOn')?.slice(0, 10), owner: optional('owner'),
  };
}
