import { describeError } from '../../domain/error.ts';
import { findingText } from '../../domain/finding-text.ts';
import type { PreviewReport, PreviewRow } from '../../dry-run/preview.ts';
import { kindWords } from '../state-words.ts';
import type { Session } from '../session.ts';

/** Shows what records of a source would become: one row per line, with what the rules find. @returns whether every one could be read */
export function printPreview(session: Session, source: string, report: PreviewReport): boolean {
  for (const probe of report.probes ?? []) {
    session.emit('probe', { part: `sources.${source}`, ...probe });
    session.line(`${probe.ok ? session.say('正常', 'ok') : session.say('注意', 'note')}  ${probe.what}  ${probe.detail}`);
  }
  if (report.kind === 'failed') {
    session.emit('preview', { ok: false, source, detail: report.detail });
    session.line(session.say(`预览失败：${report.detail}`, `no preview: ${report.detail}`));
    return false;
  }
  const { rows } = report;
  const ok = rows.every(({ result }) => result !== 'refused');
  session.emit('preview', { ok, source, withStore: report.withStore, rows: rows.map((row) => ({ ...row, notes: notesOf(session, row) })) });
  if (rows.length === 0) {
    session.line(session.say('已连接，目前没有数据可预览', 'connected, there is nothing to show yet'));
    return true;
  }
  const { say } = { say: (zh: string, en: string) => session.say(zh, en) };
  session.table([say('事件', 'event'), say('业务', 'kind'), say('时间', 'time'), say('行', 'line'), say('药品', 'drug'), say('数量', 'quantity'), say('追溯码', 'codes'), say('结果与提示', 'result and findings')],
    rows.map((row) => cellsOf(session, row)));
  if (!report.withStore) session.line(say('还没有数据库：没有药品目录与台账，导入药品目录后提示会减少', 'there is no store yet: no catalogue and no ledger; import the drug catalogue and there will be fewer findings'));
  return ok;
}

function cellsOf(session: Session, row: PreviewRow): string[] {
  const { event, line } = row;
  const codes = line === undefined || line.codes.length === 0 ? '' : `${line.codes[0] ?? ''}${line.codes.length > 1 ? ` +${String(line.codes.length - 1)}` : ''}`;
  return [
    row.id, event === undefined ? '' : kindWords(event.kind, session.language), event?.occurredAt ?? '', line?.lineNo ?? '', line?.drug ?? '',
    line === undefined ? '' : `${line.quantity}${line.unit}${line.split ? session.say('（拆零）', ' (split)') : ''}`, codes, notesOf(session, row).join(session.say('；', '; ')),
  ];
}

function notesOf(session: Session, { refusal, note, findings }: PreviewRow): readonly string[] {
  if (refusal !== undefined) {
    const { message } = describeError(refusal.code, refusal.detail, session.language);
    return [session.say('不能接收：', 'refused: ') + [refusal.field, message].filter((part) => part !== undefined).join(' ')];
  }
  if (note !== undefined) return [session.say(`不追溯：${note}`, `not traced: ${note}`)];
  if (findings.length === 0) return [session.say('可接收', 'ok')];
  return [...new Set(findings.map(({ code, severity }) => `${code} ${severity} ${findingText(code, session.language).message}`))];
}
