import { LINELESS_KINDS } from '../domain/event.ts';
import type { EventLine, TraceEvent } from '../domain/event.ts';
import { parseQuantity, wholeQuantity } from '../domain/quantity.ts';
import type { EventProblem } from './event-refusal.ts';

const MAX_CODES = 20_000;

function invalid(field: string, detail: string, value?: string): EventProblem {
  return { code: 'EVENT_INVALID', field, detail, ...(value === undefined ? {} : { value }) };
}

function problemsOfLine(event: TraceEvent, line: EventLine, at: string): readonly EventProblem[] {
  const problems: EventProblem[] = [];
  const quantity = parseQuantity(line.quantity) ?? 0n;
  // a count may find nothing on the shelf (contract section 4, stock-count)
  if (event.kind === 'stock-count' ? quantity < 0n : quantity <= 0n) {
    const remedy = event.kind === 'dispense' ? '；退药请发送 dispense-return' : '';
    problems.push(invalid(`${at}.quantity`, `${event.kind === 'stock-count' ? '不能小于 0' : '必须大于 0'}${remedy}`, line.quantity));
  }
  if (line.unitPrice !== undefined && (parseQuantity(line.unitPrice) ?? 0n) < 0n) {
    problems.push(invalid(`${at}.unitPrice`, '不能小于 0', line.unitPrice));
  }
  return problems;
}

function problemsOfSplitOpen(event: TraceEvent): readonly EventProblem[] {
  const [line] = event.lines;
  if (line === undefined || event.lines.length !== 1) {
    return [invalid('lines', '开启拆零包装（split-open）必须恰好一行', String(event.lines.length))];
  }
  const problems: EventProblem[] = [];
  if (!line.split) problems.push(invalid('lines[0].split', '开启拆零包装时 split 必须为 true', 'false'));
  if (parseQuantity(line.quantity) !== wholeQuantity(1)) {
    problems.push(invalid('lines[0].quantity', '开启拆零包装的数量必须为 1（包装单位）', line.quantity));
  }
  if (line.codes.length !== 1) {
    problems.push(invalid('lines[0].codes', '开启拆零包装必须恰好有一个追溯码', String(line.codes.length)));
  }
  return problems;
}

function problemsOfLines(event: TraceEvent): readonly EventProblem[] {
  const problems: EventProblem[] = [];
  const seen = new Map<string, number>();
  let codes = 0;
  event.lines.forEach((line, index) => {
    const at = `lines[${String(index)}]`;
    const earlier = seen.get(line.lineNo);
    if (earlier !== undefined) problems.push(invalid(`${at}.lineNo`, `与 lines[${String(earlier)}].lineNo 重复`, line.lineNo));
    seen.set(line.lineNo, index);
    codes += line.codes.length;
    problems.push(...problemsOfLine(event, line, at));
  });
  if (codes > MAX_CODES) {
    problems.unshift({ code: 'EVENT_TOO_MANY_CODES', field: 'lines', value: String(codes), detail: `一个事件至多 ${String(MAX_CODES)} 个追溯码` });
  }
  return problems;
}

/** What each kind needs beyond its types (contract section 4). @returns every problem, [] when there is none */
export function problemsOfKind(event: TraceEvent): readonly EventProblem[] {
  if (LINELESS_KINDS.includes(event.kind)) {
    const problems: EventProblem[] = [];
    if (event.lines.length > 0) problems.push(invalid('lines', `${event.kind} 事件不带明细行`, String(event.lines.length)));
    if (event.kind === 'void' && event.refers === undefined) problems.push(invalid('refers', '缺少必填项：作废必须指明原事件的 id'));
    if (event.kind === 'settlement') {
      if (event.patient?.visitNo === undefined) problems.push(invalid('patient.visitNo', '缺少必填项：结算必须指明就诊号'));
      if (event.patient?.settlementId === undefined) problems.push(invalid('patient.settlementId', '缺少必填项：结算必须给出结算编号'));
    }
    return problems;
  }
  if (event.lines.length === 0) return [invalid('lines', '缺少必填项：至少一行明细')];
  const problems = [...problemsOfLines(event)];
  if (event.kind === 'split-open') problems.push(...problemsOfSplitOpen(event));
  if ((event.kind === 'transfer-out' || event.kind === 'transfer-in') && event.counterparty?.code === undefined) {
    problems.push(invalid('counterparty.code', '缺少必填项：调拨必须给出对方机构编号'));
  }
  return problems;
}
