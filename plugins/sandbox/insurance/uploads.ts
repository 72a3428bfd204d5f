import { asObject } from '../platform.ts';
import { reportName } from './book.ts';
import { judgeCodes } from './code-rules.ts';
import type { Message } from './envelope.ts';
import { checkFields, codesOf } from './field-check.ts';
import { insuranceSpec, type FieldRow } from './field-table.ts';
import { messageRefusal, type Refusal } from './refusal.ts';
import type { InsuranceSettings } from './settings.ts';
import type { InsuranceRow, InsuranceState } from './state.ts';

type Fields = Readonly<Record<string, unknown>>;
type Operation = InsuranceRow['operation'];

/** 3502A, 3504A and 3506A answer row by row; all other forms take everything or nothing (insurance.md section 9). */
const ROW_BY_ROW = new Set(['3502A', '3504A', '3506A']);
const DATA_TYPES: Readonly<Record<Operation, string>> = { 3501: '1', 3502: '2', 3503: '3', 3504: '3', 3505: '4', 3506: '4' };
const TIME_FIELDS: Readonly<Record<Operation, string>> = {
  3501: 'invdate', 3502: 'inv_chg_time', 3503: 'purc_retn_stoin_time', 3504: 'purc_retn_stoin_time', 3505: 'sel_retn_time', 3506: 'sel_retn_time',
};

export interface RowVerdict {
  readonly fields: Fields;
  readonly problem: string | undefined;
}

export interface Upload {
  readonly message: Message;
  readonly state: InsuranceState;
  readonly settings: InsuranceSettings;
  readonly onUnknown: (name: string) => void;
}

/** Takes the input node apart: its name, and one object or a list of them, are part of what is checked. */
export function readRows(message: Message): { readonly rows: readonly Fields[] } | { readonly refusal: Refusal } {
  const transaction = insuranceSpec().transactions[message.infno];
  if (transaction === undefined) return { refusal: messageRefusal(`交易编号${message.infno}不存在`) };
  const node = message.input[transaction.node];
  if (node === undefined || node === null) return { refusal: messageRefusal(`缺少输入节点${transaction.node}`) };
  if (transaction.rows === 'single') {
    const row = asObject(node);
    return row === undefined ? { refusal: messageRefusal(`输入节点${transaction.node}应为单行对象`) } : { rows: [row] };
  }
  if (!Array.isArray(node) || node.length === 0) return { refusal: messageRefusal(`输入节点${transaction.node}应为多行数组,且不能为空`) };
  const rows = (node as unknown[]).flatMap((item): readonly Fields[] => {
    const row = asObject(item);
    return row === undefined ? [] : [row];
  });
  return rows.length === node.length ? { rows } : { refusal: messageRefusal(`输入节点${transaction.node}的每一行应为对象`) };
}

/** Checks and commits 3501–3506 and their A forms. */
export function upload(rows: readonly Fields[], context: Upload): { readonly verdicts: readonly RowVerdict[] } | { readonly refusal: Refusal } {
  const { message, state } = context;
  const rowByRow = ROW_BY_ROW.has(message.infno);
  const fieldProblems = rows.map((row) => rowFieldProblem(row, context));
  const wrong = fieldProblems.findIndex((problem) => problem !== undefined);
  if (!rowByRow && wrong >= 0) return { refusal: messageRefusal(rows.length === 1 ? (fieldProblems[wrong] ?? '') : `第${String(wrong + 1)}行:${fieldProblems[wrong] ?? ''}`) };

  const batch = new Batch(context);
  const verdicts = rows.map((fields, index) => ({ fields, problem: fieldProblems[index] ?? batch.add(fields) }));
  if (batch.againKeys.length + batch.againCodes.length > 0) state.record({ kind: 'again', keys: batch.againKeys, codes: batch.againCodes });
  const refused = verdicts.findIndex((verdict) => verdict.problem !== undefined);
  if (!rowByRow && refused >= 0) {
    const text = verdicts[refused]?.problem ?? '';
    return { refusal: { level: 'result', text: rows.length === 1 ? text : `第${String(refused + 1)}行:${text}` } };
  }
  if (batch.accepted.length > 0) state.record({ kind: 'commit', rows: batch.accepted, removed: batch.replaced });
  return { verdicts };
}

function rowFieldProblem(row: Fields, context: Upload): string | undefined {
  const { message, settings } = context;
  const base = message.infno.slice(0, 4);
  const demanded = settings.requireAlso[base] ?? [];
  const alsoRequired = (field: FieldRow): boolean => demanded.includes(field.name) || (field.name === 'setl_id' && field.required === 'cond' && row['mdtrt_setl_type'] === '1');
  const table = [...(insuranceSpec().transactions[message.infno]?.fields ?? []), ...(settings.rules.extraFields?.[base] ?? [])];
  const problems = [...checkFields(row, table, { alsoRequired, onUnknown: context.onUnknown })];
  for (const name of ['cnt', 'purc_retn_cnt', 'sel_retn_cnt']) if (table.some((field) => field.name === name) && Number(row[name]) === 0 && row[name] !== '') problems.push(`${name}不能为0`);
  return problems.length === 0 ? undefined : problems.join(';');
}

/** The rows of one call, judged in order: a later row sees the earlier ones as if they were committed. */
class Batch {
  readonly accepted: InsuranceRow[] = [];
  readonly replaced: number[] = [];
  readonly againKeys: string[] = [];
  readonly againCodes: string[] = [];
  readonly #context: Upload;

  constructor(context: Upload) {
    this.#context = context;
  }

  /** @returns why the row is refused, undefined when it joins the batch */
  add(fields: Fields): string | undefined {
    const { settings, state } = this.#context;
    const row = this.#rowOf(fields);
    const same = [...state.liveByKey(row.institution, row.dataType, row.key), ...this.accepted.filter((each) => each.key === row.key)]
      .filter((each) => each.operation === row.operation && !this.replaced.includes(each.seq));
    if (same.length > 0) this.againKeys.push(reportName(row.institution, row.operation, row.key));
    if (same.length > 0 && settings.duplicateBchno === 'refuse') return `批次流水号已存在:${row.key}`;

    const giveWay = settings.duplicateBchno === 'overwrite' ? new Set(same.map((each) => each.seq)) : new Set<number>();
    const before = (code: string): readonly InsuranceRow[] => [...state.liveByCode(code), ...this.accepted.filter((each) => each.codes.includes(code))]
      .filter((each) => !giveWay.has(each.seq) && !this.replaced.includes(each.seq));
    const judged = judgeCodes(row, before, settings);
    this.againCodes.push(...judged.again);
    if (judged.problem !== undefined) return judged.problem;
    this.replaced.push(...giveWay);
    this.accepted.push(row);
    return undefined;
  }

  #rowOf(fields: Fields): InsuranceRow {
    const { message, state } = this.#context;
    const operation = message.infno.slice(0, 4) as Operation;
    return {
      seq: state.nextSeq + this.accepted.length,
      institution: message.institution,
      operation,
      dataType: DATA_TYPES[operation],
      key: String(fields['fixmedins_bchno']),
      codes: codesOf(fields),
      split: fields['trdn_flag'] === '1',
      businessTime: String(fields[TIME_FIELDS[operation]]),
      committedAt: message.receivedAt,
      messageId: message.messageId,
      region: message.region,
      operator: message.operator,
      fields,
    };
  }
}
