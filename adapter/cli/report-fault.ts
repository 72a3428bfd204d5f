import { describeProblem } from '../config/problem.ts';
import { describeError, ERRORS, TraceError } from '../domain/error.ts';
import { plainText } from './text-width.ts';
import type { Session } from './session.ts';
import { ConfigFault } from './session.ts';
import { OperatorFault } from './operator-fault.ts';
import { UsageError } from './usage-error.ts';

const FAILED = 1;
const WRONG_USE = 2;

/**
 * Says what went wrong, in one or two lines and never as a stack.
 * @returns the exit code: 2 for wrong use or configuration, 1 for anything else
 */
export function reportFault(error: unknown, session: Session): number {
  if (error instanceof ConfigFault) return reportProblems(error, session);
  if (error instanceof UsageError) {
    const message = error.in(session.language);
    const action = describeError('USAGE', undefined, session.language).action;
    return report(session, { code: 'USAGE', message, action }, WRONG_USE);
  }
  if (error instanceof OperatorFault) return report(session, { code: error.code, ...error.in(session.language) }, FAILED);
  if (error instanceof TraceError) {
    const { message, action } = describeError(error.code, error.detail, session.language);
    return report(session, { code: error.code, message, action }, error.code === 'CONFIG_INVALID' || error.code === 'USAGE' ? WRONG_USE : FAILED);
  }
  const fault = error as { code?: unknown; message?: unknown } | undefined;
  const detail = [fault?.code, fault?.message].filter((part) => typeof part === 'string').join(' ').slice(0, 300);
  const { message } = describeError('INTERNAL', detail, session.language);
  return report(session, { code: 'INTERNAL', message, action: session.say('查看日志；仍有问题请联系信息科', 'see the log, or tell hospital IT') }, FAILED);
}

function report(session: Session, fault: { readonly code: string; readonly message: string; readonly action: string }, exit: number): number {
  if (session.json) session.emit('error', { ok: false, ...fault });
  else session.io.err(`${session.say('错误', 'error')} ${fault.code in ERRORS ? `[${fault.code}] ` : ''}${plainText(fault.message)}\n    ${session.say('改法：', 'remedy: ')}${fault.action}\n`);
  return exit;
}

function reportProblems(fault: ConfigFault, session: Session): number {
  const { problems, file } = fault;
  session.emit('check', {
    ok: false,
    problems: problems.map(({ line, path, reason, remedy, en }) => ({ line, path, ...(session.language === 'zh' ? { reason, remedy } : en) })),
  });
  if (session.json) return WRONG_USE;
  session.io.err(`${session.say(`配置有 ${String(problems.length)} 处问题：`, `${String(problems.length)} problem(s) in the configuration:`)}\n`);
  for (const problem of problems) session.io.err(`${describeProblem(problem, file, session.language)}\n`);
  return WRONG_USE;
}
