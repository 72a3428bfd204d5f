import { readFileSync } from 'node:fs';
import { TraceError } from '../../../adapter/domain/error.ts';

/** @returns the PEM text of a setting that holds it, or the path of a file with it. @throws TraceError CONFIG_INVALID when it is neither; the text is never shown */
export function pemOf(value: string | undefined, name: string): string | undefined {
  if (value === undefined || value === '') return undefined;
  if (value.includes('-----BEGIN')) return value;
  let text: string;
  try {
    text = readFileSync(value.replace(/^file:/, ''), 'utf8');
  } catch {
    throw new TraceError('CONFIG_INVALID', `${name}：不是 PEM 文本，也读不到这个文件`);
  }
  if (!text.includes('-----BEGIN')) throw new TraceError('CONFIG_INVALID', `${name}：文件不是 PEM 格式`);
  return text;
}
