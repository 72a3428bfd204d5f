import { chinaDate, chinaDateTime } from '../../../adapter/domain/china-time.ts';
import type { Message } from './envelope.ts';
import { checkFields } from './field-check.ts';
import { insuranceSpec } from './field-table.ts';
import { messageRefusal, type Refusal } from './refusal.ts';
import type { InsuranceSettings } from './settings.ts';
import type { InsuranceRow, InsuranceState } from './state.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Which rows a query reads; 3512 and 3513 give one row per code. */
const SOURCES: Readonly<Record<string, { readonly operations: readonly string[]; readonly perCode: boolean }>> = {
  3508: { operations: ['3501'], perCode: false },
  3509: { operations: ['3502'], perCode: false },
  3510: { operations: ['3503', '3504'], perCode: false },
  3511: { operations: ['3505', '3506'], perCode: false },
  3512: { operations: ['3501', '3502'], perCode: true },
  3513: { operations: ['3505', '3506'], perCode: true },
};

/** Output names that are not simply the upload name in camel case. */
const UPLOAD_NAMES: Readonly<Record<string, string>> = {
  medinsListCodg: 'fixmedins_hilist_id', medinsListName: 'fixmedins_hilist_name', bilgDrName: 'prsc_dr_name', mdtrtId: 'mdtrt_sn',
};
const NOT_FILTERS = new Set(['fixmedins_code', 'begndate', 'enddate']);

/** 3508–3513 (insurance.md section 6): camelCase rows, whole days, at least one key of the group, no paging. */
export function query(fields: Fields, context: { readonly message: Message; readonly state: InsuranceState; readonly settings: InsuranceSettings; readonly onUnknown: (name: string) => void }): { readonly rows: readonly Fields[] } | { readonly refusal: Refusal } {
  const { message, state, settings } = context;
  const transaction = insuranceSpec().transactions[message.infno];
  const source = SOURCES[message.infno];
  if (transaction === undefined || source === undefined) return { refusal: messageRefusal(`交易编号${message.infno}不存在`) };
  const problems = [...checkFields(fields, transaction.fields, { alsoRequired: () => false, onUnknown: context.onUnknown })];
  const keys = transaction.oneOf ?? [];
  if (!keys.some((name) => isSent(fields[name]))) problems.push(`${keys.join('、')}至少填写一项`);
  if (fields['fixmedins_code'] !== message.institution) problems.push('fixmedins_code(定点医药机构编号)与报文不一致');
  const from = dayOf(fields['begndate'], '0000-00-00');
  const to = dayOf(fields['enddate'], '9999-99-99');
  if (from > to) problems.push('begndate(开始日期)不能晚于enddate(结束日期)');
  if (problems.length > 0) return { refusal: messageRefusal(problems.join(';')) };

  const names = transaction.output.fields;
  const rows = state.rows
    .filter((row) => source.operations.includes(row.operation) && row.institution === message.institution && state.isLive(row) && isInDays(row, { from, to }, settings.queryBy))
    .flatMap((row) => (source.perCode ? row.codes.map((code) => outputRow(row, names, code)) : [outputRow(row, names, '')]))
    .filter((row) => matches(row, fields));
  return { rows };
}

function isInDays(row: InsuranceRow, days: { readonly from: string; readonly to: string }, queryBy: InsuranceSettings['queryBy']): boolean {
  const business = row.businessTime.slice(0, 10);
  const uploaded = chinaDate(row.committedAt);
  const looked = queryBy === 'business' ? [business] : queryBy === 'upload' ? [uploaded] : [business, uploaded];
  return looked.every((day) => day >= days.from && day <= days.to);
}

/** Every further condition that was sent must hold, as far as the answer has such a member. */
function matches(row: Fields, fields: Fields): boolean {
  return Object.entries(fields).every(([name, value]) => NOT_FILTERS.has(name) || !isSent(value) || row[camel(name)] === undefined || String(row[camel(name)]) === String(value));
}

function outputRow(row: InsuranceRow, names: readonly { readonly name: string; readonly type: string }[], code: string): Fields {
  const own = ownMembers(row, code);
  return Object.fromEntries(names.map(({ name, type }) => {
    const value = own[name] ?? row.fields[UPLOAD_NAMES[name] ?? snake(name)];
    if (!isSent(value)) return [name, type === 'decimal' ? 0 : ''];
    return [name, type === 'decimal' ? Number(value) : value];
  }));
}

/** What the platform adds of its own. */
function ownMembers(row: InsuranceRow, code: string): Fields {
  const number = `${row.operation}${String(row.seq).padStart(16, '0')}`;
  const time = chinaDateTime(row.committedAt);
  return {
    fixmedinsCode: row.institution, drugTracCodg: code, elecSupnCodg: '', valiFlag: '1', rid: `R${number}`, listSpItemFlag: '0',
    medinsProdInvNo: number, medinsProdInvChgNo: number, medinsProdPurcNo: number, medinsProdSelNo: number, bkkpSn: number,
    prodRetnFlag: row.operation === '3504' ? '1' : '0', crteTime: time, updtTime: time, optTime: time,
    opterId: row.operator.code, opterName: row.operator.name, crterId: row.operator.code, crterName: row.operator.name,
    crteOptinsNo: row.region, optinsNo: row.region, poolareaNo: row.region, fixBlngAdmdvs: row.region, trdnFlag: row.split ? '1' : '0',
  };
}

function dayOf(value: unknown, otherwise: string): string {
  return typeof value === 'string' && value !== '' ? value : otherwise;
}

function isSent(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function camel(name: string): string {
  const renamed = { medins_list_codg: 'medinsListCodg', medins_list_name: 'medinsListName' }[name];
  return renamed ?? name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
