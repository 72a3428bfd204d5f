import type { DaySummary } from '../checks/day-summary.ts';
import type { DemoOptions } from '../cli/actions.ts';
import { textTable } from '../cli/text-table.ts';
import { describeError, ERRORS, type ErrorCode } from '../domain/error.ts';
import type { DemoDay, DemoItem, DemoSandbox, LineExpectation } from './demo-parts.ts';
import type { ActualFate } from './line-fates.ts';

export interface DemoResult {
  readonly answers: readonly { readonly item: DemoItem; readonly answer: string }[];
  readonly fates: readonly { readonly line: LineExpectation; readonly insurance: ActualFate; readonly mah: ActualFate }[];
  readonly summary: DaySummary;
  readonly refused: readonly { readonly error_code: string; readonly n: number }[];
  readonly attention: readonly { readonly destination: string; readonly reason: string | null; readonly detail: string | null; readonly n: number }[];
  /** platform replies that were lost and settled by asking */
  readonly unknownReplies: number;
  readonly sent: readonly { readonly destination: string; readonly report_key: string }[];
  readonly sentMs: number;
  readonly totalMs: number;
  /** what was not as it must be; empty = everything */
  readonly faults: readonly string[];
}

const FATE_ZH: Readonly<Record<ActualFate, string>> = { 'reported': '已上报', 'held': '待结算', 'excluded': '除外', 'attention': '待人工', 'taken-back': '已撤回', 'open': '在途', 'missing': '缺失' };

/** Prints what was received, mapped, reported, refused and why; one JSON line with --json. */
export function printDemo(options: DemoOptions, show: { readonly day: DemoDay; readonly sandbox: DemoSandbox; readonly result: DemoResult; readonly http: string }): void {
  const { terminal } = options;
  const { result, sandbox } = show;
  if (terminal.json) {
    terminal.out(`${JSON.stringify({ step: 'demo', inputs: result.answers.length, lines: result.fates.length, completeness: result.summary.completeness, quarantined: result.summary.quarantined, faults: result.faults, totalMs: result.totalMs })}\n`);
    return;
  }
  const say = (text: string): void => { terminal.out(`${text}\n`); };
  const table = (heads: readonly string[], rows: readonly (readonly string[])[], numbers: readonly number[]): void => { terminal.out(textTable(heads, rows, { columns: 120, numbers })); };

  say(`\n示范医院 ${show.day.date}：${String(result.answers.length)} 条输入，${(result.sentMs / 1_000).toFixed(1)} 秒接收完毕`);
  table(['接收方式', '应答', '数量'], tally(result.answers.map(({ item, answer }) => [item.via === 'mllp' ? 'HL7 (MLLP)' : 'REST', answer])), [2]);
  say('\n每一条 HIS 明细的去向（行）');
  const kinds = [...new Set(result.fates.map(({ line }) => line.kind))].sort();
  table(['业务', '行数', '医保平台', '追溯平台（持有人）'], kinds.map((kind) => {
    const lines = result.fates.filter(({ line }) => line.kind === kind);
    return [kind, String(lines.length), fateList(lines.map((line) => line.insurance)), fateList(lines.map((line) => line.mah))];
  }), [1]);
  say('\n未能接收的记录（原样留存，可在映射修正后重试）');
  table(['原因', '数量', '处理办法'], result.refused.map(({ error_code: code, n }) => {
    const text = code in ERRORS ? describeError(code as ErrorCode, undefined, options.language) : { message: code, action: '' };
    return [text.message, String(n), text.action];
  }), [1]);
  if (result.attention.length > 0) {
    say('\n待人工处理的上报');
    table(['目标', '原因', '数量', '示例'], result.attention.map((row) => [row.destination, row.reason ?? '', String(row.n), row.detail ?? '']), [2]);
  }
  say('\n平台账本');
  table(['平台', '收到的报告', '重复'], ([['insurance', sandbox.insuranceBook], ['mah', sandbox.mahBook]] as const).map(([name, book]) => [name, String(book.entries.length), String(book.doubleKeys.length + book.doubleCodes.length)]), [1, 2]);
  say(`平台应答丢失 ${String(result.unknownReplies)} 次，均先向平台查询再决定，无人工步骤`);
  say(`\n完整率 ${result.summary.completeness} %（每一行已上报、除外有原因、在途或待人工）；待处理记录 ${String(result.summary.quarantined)} 条`);
  say(`接口 ${show.http}/api/v1/…（/openapi.json、/metrics、/healthz）；用时 ${(result.totalMs / 1_000).toFixed(1)} 秒`);
  say(result.faults.length === 0 ? '结果：全部符合预期' : `结果：${String(result.faults.length)} 处不符合预期`);
  for (const fault of result.faults.slice(0, 40)) say(`  × ${fault}`);
}

function tally(rows: readonly (readonly string[])[]): string[][] {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row.join('\t'), (counts.get(row.join('\t')) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, count]) => [...key.split('\t'), String(count)]);
}

function fateList(fates: readonly ActualFate[]): string {
  return tally(fates.map((fate) => [FATE_ZH[fate]])).map(([fate, count]) => `${fate ?? ''} ${count ?? ''}`).join('，');
}
