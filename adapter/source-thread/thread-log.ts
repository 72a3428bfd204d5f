import type { Log, LogFields } from '../ports/log.ts';
import type { FromThread } from './protocol.ts';
import type { Post } from './thread-intake.ts';

/** @returns a log that the process writes for the thread, so that there is one file and one order */
export function threadLog(post: Post): Log {
  const write = (level: Extract<FromThread, { kind: 'log' }>['level']) => (message: string, fields?: LogFields): void => {
    post({ kind: 'log', level, message, fields: fields === undefined ? undefined : asText(fields) });
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

/** JSON, in which an error is its stack; what cannot be written is left out rather than lost with everything around it. */
function asText(fields: LogFields): string {
  try {
    return JSON.stringify(fields, (_name, value: unknown) => (value instanceof Error ? value.stack ?? value.message : typeof value === 'bigint' ? value.toString() : value));
  } catch {
    return JSON.stringify({ fields: Object.keys(fields) });
  }
}
