import type { Running } from '../actions.ts';
import type { Session } from '../session.ts';

/** SIGTERM has to end the process within 10 s. */
const STOP_AT_MOST_MS = 9_500;

/** Keeps something running in the foreground until it is told to stop, or ends by itself. @returns the exit code */
export async function runUntilStopped(session: Session, running: Running, stopped: Promise<void>): Promise<number> {
  for (const { what, address } of running.addresses) {
    session.line(`${what}  ${address}`);
    session.emit('listening', { what, address });
  }
  session.line(session.say('运行中，按 Ctrl-C 停止', 'running, Ctrl-C stops it'));
  session.emit('ready', { ok: true });
  const ended = await Promise.race([stopped.then(() => undefined), running.ended ?? new Promise<never>(() => undefined)]);
  if (ended !== undefined) session.io.err(`${session.say('服务已中止：', 'ended by itself: ')}${ended}\n`);
  else session.line(session.say('正在停止…', 'stopping…'));
  const guard = setTimeout(() => { session.io.abandon(); }, STOP_AT_MOST_MS);
  try {
    await running.stop();
  } finally {
    clearTimeout(guard);
  }
  session.emit('stopped', { ok: ended === undefined });
  return ended === undefined ? 0 : 1;
}
