import type { OperationCount } from '../../http/operations.ts';
import type { Session } from '../session.ts';

/** Prints what an operation over a filter came to. */
export function printCount(session: Session, step: string, count: OperationCount, dryRun: boolean): void {
  session.emit(step, { ok: true, dryRun, ...count });
  session.line(dryRun
    ? session.say(`符合条件 ${String(count.matched)} 条`, `${String(count.matched)} match`)
    : session.say(`已处理 ${String(count.changed)} 条（符合条件 ${String(count.matched)} 条）`, `${String(count.changed)} of ${String(count.matched)} done`));
  for (const skipped of count.skipped) session.line(session.say(`  未处理 ${String(skipped.count)} 条：${skipped.reason}`, `  left ${String(skipped.count)}: ${skipped.reason}`));
}

/** Asks a person before many rows are touched; programs and `--yes` have decided already. @returns whether to go on */
export async function confirmCount(session: Session, count: OperationCount, yes: boolean): Promise<boolean> {
  if (count.matched === 0) return false;
  if (yes || !session.terminal.tty) return true;
  const answer = await session.io.ask(session.say(`继续处理这 ${String(count.matched)} 条？(y/N) `, `go on with these ${String(count.matched)}? (y/N) `));
  return /^(y|yes|是)$/i.test(answer.trim());
}
