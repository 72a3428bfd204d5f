import type { OperationCount } from '../../http/operations.ts';
import type { Session } from '../session.ts';
import { skippedWords } from '../state-words.ts';
import { UsageError } from '../usage-error.ts';

/**
 * Prints what an operation over a filter came to, with what was left aside and why.
 * @param options.rest why matching rows may come out unchanged without a reason of their own
 */
export function printCount(session: Session, step: string, count: OperationCount, options: { readonly dryRun: boolean; readonly rest?: { readonly zh: string; readonly en: string } }): void {
  const { dryRun, rest } = options;
  const skipped = count.skipped.map((one) => ({ ...one, reason: skippedWords(one.reason, session.language) }));
  // the retry counts what it left among the matched, the resend does not: what neither explains is told as the rest
  const unexplained = dryRun || rest === undefined ? 0 : Math.max(0, count.matched - count.changed);
  if (unexplained > 0 && rest !== undefined) skipped.push({ reason: session.say(rest.zh, rest.en), count: unexplained });
  session.emit(step, { ok: true, dryRun, ...count, skipped });
  session.line(dryRun
    ? session.say(`符合条件 ${String(count.matched)} 条`, `${String(count.matched)} match`)
    : session.say(`已处理 ${String(count.changed)} 条（符合条件 ${String(count.matched)} 条）`, `${String(count.changed)} of ${String(count.matched)} done`));
  for (const one of skipped) session.line(session.say(`  略过 ${String(one.count)} 条：${one.reason}`, `  left aside ${String(one.count)}: ${one.reason}`));
}

/**
 * Asks a person before many rows are touched; `--yes` has decided already.
 * @returns whether to go on
 * @throws UsageError where nobody can be asked and `--yes` was not given
 */
export async function confirmCount(session: Session, count: OperationCount, yes: boolean): Promise<boolean> {
  if (count.matched === 0) return false;
  if (yes) return true;
  const question = session.say(`继续处理这 ${String(count.matched)} 条？(y/N) `, `go on with these ${String(count.matched)}? (y/N) `);
  if (!session.io.canAsk || session.json) throw notAsked(count);
  const answer = await session.io.ask(question);
  if (answer !== undefined && /^(y|yes|是)$/i.test(answer.trim())) return true;
  session.line(session.say('已取消，没有改动', 'cancelled, nothing was changed'));
  return false;
}

function notAsked(count: OperationCount): UsageError {
  return new UsageError(
    `这里没有终端可以确认，${String(count.matched)} 条都没有处理；先用 --dry-run 核对，再加 --yes 执行`,
    `nobody can be asked here, none of the ${String(count.matched)} was touched; look with --dry-run, then run it with --yes`,
  );
}
