/** Fields of one segment by number, from 1. */
export type Fields = Readonly<Record<number, string>>;

const ESCAPES: Readonly<Record<string, string>> = { '|': '\\F\\', '^': '\\S\\', '~': '\\R\\', '\\': '\\E\\', '&': '\\T\\' };

/** @returns text with the delimiters in it escaped */
export function plain(text: string): string {
  return text.replace(/[|^~\\&]/g, (mark) => ESCAPES[mark] ?? mark);
}

/** @returns a segment as text, empty fields between filled in; MSH is written by `header` */
export function segment(name: string, fields: Fields): string {
  const last = Math.max(0, ...Object.keys(fields).map(Number));
  const texts = Array.from({ length: last }, (_, at) => fields[at + 1] ?? '');
  return [name, ...texts].join('|').replace(/\|+$/, '');
}

export interface HeaderFacts {
  readonly type: string;
  readonly controlId: string;
  readonly institution: string;
  /** yyyyMMddHHmmss */
  readonly sentAt: string;
  readonly version: string;
  /** MSH-18 */
  readonly charset: string;
}

/** @returns the MSH segment */
export function header(facts: HeaderFacts): string {
  const fields = ['MSH', '^~\\&', 'PHARM', facts.institution, 'TRACE', 'CENTER', facts.sentAt, '', facts.type, facts.controlId, 'P', facts.version, '', '', '', '', '', facts.charset];
  return fields.join('|').replace(/\|+$/, '');
}
