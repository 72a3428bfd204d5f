import type { DaySummary } from '../checks/day-summary.ts';
import type { DemoOptions } from '../cli/actions.ts';
import { textTable } from '../cli/text-table.ts';
import { kindWords, reasonWords } from '../cli/state-words.ts';
import { describeError, ERRORS, type ErrorCode, type Language } from '../domain/error.ts';
import { detailInEnglish } from '../http/detail-english.ts';
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

const FATES: Readonly<Record<ActualFate, Readonly<Record<Language, string>>>> = {
  'reported': { zh: '已上报', en: 'reported' }, 'held': { zh: '待结算', en: 'waits for settlement' }, 'excluded': { zh: '除外', en: 'excluded' }, 'attention': { zh: '待人工', en: 'needs a person' },
  'taken-back': { zh: '已撤回', en: 'taken back' }, 'open': { zh: '在途', en: 'under way' }, 'missing': { zh: '缺失', en: 'missing' },
};

const ANSWERS_ZH: Readonly<Record<string, string>> = { AA: 'AA 已接收', AE: 'AE 有误，已留存', AR: 'AR 拒绝', accepted: 'accepted 已接收', duplicate: 'duplicate 重复', quarantined: 'quarantined 待处理', rejected: 'rejected 被拒' };
const DESTINATIONS: Readonly<Record<string, Readonly<Record<Language, string>>>> = { insurance: { zh: '医保平台', en: 'insurance' }, mah: { zh: '追溯平台（持有人）', en: 'mah' } };

/** Prints what was received, mapped, reported, refused and why; one JSON line with --json. */
export function printDemo(options: DemoOptions, show: { readonly day: DemoDay; readonly sandbox: DemoSandbox; readonly result: DemoResult; readonly http: string }): void {
  const { terminal, language } = options;
  const { result } = show;
  if (terminal.json) {
    terminal.out(`${JSON.stringify({ step: 'demo', inputs: result.answers.length, lines: result.fates.length, completeness: result.summary.completeness, quarantined: result.summary.quarantined, faults: result.faults, totalMs: result.totalMs })}\n`);
    return;
  }
  const line: Line = (zh, en) => { terminal.out(`${language === 'zh' ? zh : en}\n`); };
  const table: Table = (heads, rows, numbers) => { terminal.out(textTable(heads.map(([zh, en]) => (language === 'zh' ? zh : en)), rows, { columns: 120, numbers })); };
  const inputs = String(result.answers.length);
  const seconds = (result.sentMs / 1_000).toFixed(1);
  line(`\n示范医院 ${show.day.date}：${inputs} 条输入，${seconds} 秒接收完毕`, `\ndemonstration hospital ${show.day.date}: ${inputs} inputs, received within ${seconds} s`);
  printReceived(language, { line, table }, result);
  printOutcome(language, { line, table }, { sandbox: show.sandbox, result });
  const { completeness, quarantined } = result.summary;
  line(`\n完整率 ${completeness} %（每一行已上报、除外有原因、在途或待人工）；待处理记录 ${String(quarantined)} 条`, `\ncompleteness ${completeness} % (every line reported, excluded with a reason, under way or needing a person); ${String(quarantined)} records in quarantine`);
  const total = (result.totalMs / 1_000).toFixed(1);
  line(`接口 ${show.http}/api/v1/…（/openapi.json、/metrics、/healthz）；用时 ${total} 秒`, `interface ${show.http}/api/v1/… (/openapi.json, /metrics, /healthz); ${total} s`);
  const faults = String(result.faults.length);
  if (result.faults.length === 0) line('结果：全部符合预期', 'result: everything as expected');
  else line(`结果：${faults} 处不符合预期`, `result: ${faults} not as expected`);
  for (const fault of result.faults.slice(0, 40)) line(`  × ${fault}`, `  × ${fault}`);
}

type Line = (zh: string, en: string) => void;
type Table = (heads: readonly (readonly [string, string])[], rows: readonly (readonly string[])[], numbers: readonly number[]) => void;
interface Out { readonly line: Line; readonly table: Table }

function printReceived(language: Language, { line, table }: Out, result: DemoResult): void {
  const answers = result.answers.map(({ item, answer }) => [item.via === 'mllp' ? 'HL7 (MLLP)' : 'REST', language === 'zh' ? ANSWERS_ZH[answer] ?? answer : answer]);
  table([['接收方式', 'by'], ['应答', 'answer'], ['数量', 'count']], tally(answers), [2]);
  line('\n每一条 HIS 明细的去向（行）', '\nwhat became of every line of the HIS');
  const kinds = [...new Set(result.fates.map((fate) => fate.line.kind))].sort();
  table([['业务', 'kind'], ['行数', 'lines'], ['医保平台', 'insurance'], ['追溯平台（持有人）', 'mah']], kinds.map((kind) => {
    const lines = result.fates.filter((fate) => fate.line.kind === kind);
    return [kindWords(kind, language), String(lines.length), fateList(lines.map((fate) => fate.insurance), language), fateList(lines.map((fate) => fate.mah), language)];
  }), [1]);
  line('\n未能接收的记录（原样留存，可在映射修正后重试）', '\nrecords that were not taken (kept whole, can be retried after the mapping is mended)');
  table([['原因', 'reason'], ['数量', 'count'], ['处理办法', 'what to do']], result.refused.map(({ error_code: code, n }) => {
    const text = code in ERRORS ? describeError(code as ErrorCode, undefined, language) : { message: code, action: '' };
    return [text.message, String(n), text.action];
  }), [1]);
}

function printOutcome(language: Language, { line, table }: Out, { sandbox, result }: { readonly sandbox: DemoSandbox; readonly result: DemoResult }): void {
  const named = (destination: string): string => DESTINATIONS[destination]?.[language] ?? destination;
  if (result.attention.length > 0) {
    line('\n待人工处理的上报', '\nreports that need a person');
    table([['目标', 'destination'], ['原因', 'reason'], ['数量', 'count'], ['示例', 'for example']], result.attention.map((row) => [named(row.destination), row.reason === null ? '' : `${reasonWords(row.reason, language)} ${row.reason}`, String(row.n), row.detail === null ? '' : language === 'en' ? detailInEnglish(row.detail) : row.detail]), [2]);
  }
  line('\n平台账本', '\nthe books of the platforms');
  const books = [['insurance', sandbox.insuranceBook], ['mah', sandbox.mahBook]] as const;
  table([['平台', 'platform'], ['收到的报告', 'reports'], ['重复', 'double']], books.map(([name, book]) => [named(name), String(book.entries.length), String(book.doubleKeys.length + book.doubleCodes.length)]), [1, 2]);
  const lost = String(result.unknownReplies);
  line(`平台应答丢失 ${lost} 次，均先向平台查询再决定，无人工步骤`, `${lost} replies of the platforms were lost; each was settled by asking the platform, without a person`);
}

function tally(rows: readonly (readonly string[])[]): string[][] {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row.join('\t'), (counts.get(row.join('\t')) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, count]) => [...key.split('\t'), String(count)]);
}

function fateList(fates: readonly ActualFate[], language: Language): string {
  return tally(fates.map((fate) => [FATES[fate][language]])).map(([fate, count]) => `${fate ?? ''} ${count ?? ''}`).join(language === 'zh' ? '，' : ', ');
}
