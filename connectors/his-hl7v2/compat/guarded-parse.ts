import Hl7Standard from 'hl7-standard';

/**
 * hl7-standard behind a guard, read-only. Its defects that lose or change data (packages.md 1.1) are kept out: line ends are
 * normalised to CR, other delimiters than `|^~\&` are refused, and nothing is ever built or set with it. It is some twenty times
 * slower than our own codec and never on the path to an acknowledgement of a good message.
 */
export interface GuardedSegment {
  readonly name: string;
  /** field number → repetitions → components → sub-components, as they stand (escapes not decoded) */
  readonly fields: ReadonlyMap<number, readonly (readonly (readonly string[])[])[]>;
}
export type GuardedResult =
  | { readonly kind: 'read'; readonly segments: readonly GuardedSegment[] }
  | { readonly kind: 'refused'; readonly why: string };

const MAX_LENGTH = 65_536;
const MAX_SEGMENTS = 1_000;

/** Reads a decoded message with hl7-standard. Never throws. */
export function parseGuarded(text: string): GuardedResult {
  if (text.length > MAX_LENGTH) return { kind: 'refused', why: 'longer than 64 Ki characters' };
  const lines = text.replace(/^[\s\0\ufeff]+/, '').split(/\r\n|\r|\n/).map((line) => line.trim()).filter((line) => line !== '');
  if (lines.length > MAX_SEGMENTS) return { kind: 'refused', why: 'more than 1,000 segments' };
  const head = lines[0] ?? '';
  if (!head.startsWith('MSH')) return { kind: 'refused', why: 'does not begin with MSH' };
  if (!/^MSH\|\^~\\&(\||$)/.test(head)) return { kind: 'refused', why: 'delimiters other than |^~\\&' };
  // one line without any line end makes it throw, and one bad segment name makes it refuse the whole message
  const readable = lines.filter((line) => /^[A-Z][A-Z0-9]{2}\|/.test(line));
  try {
    const parsed = new Hl7Standard(`${readable.join('\r')}\r`);
    parsed.transform();
    return { kind: 'read', segments: [...parsed.getSegments()].sort((a, b) => a.index - b.index).map(guardedSegment) };
  } catch (fault) {
    return { kind: 'refused', why: fault instanceof Error ? fault.message : String(fault) };
  }
}

function guardedSegment(segment: Hl7Standard.Segment): GuardedSegment {
  const fields = new Map<number, readonly (readonly (readonly string[])[])[]>();
  for (const [key, value] of Object.entries(segment.data)) {
    const number = Number(key.split('.')[1]);
    const isDeclaration = segment.type === 'MSH' && number === 2;
    fields.set(number, isDeclaration && typeof value === 'string' ? [[[value]]] : repetitionsOf(value));
  }
  return { name: segment.type, fields };
}

/** A list of plain texts is ambiguous there: repetitions and the sub-components of a lone component look the same. */
function repetitionsOf(value: Hl7Standard.Field): readonly (readonly (readonly string[])[])[] {
  if (typeof value === 'string') return [[[value]]];
  if (!isList(value)) return [componentsOf(value)];
  return value.map((repetition) => (typeof repetition === 'string' ? [[repetition]] : componentsOf(repetition)));
}

function componentsOf(components: Readonly<Record<string, Hl7Standard.Component>>): readonly (readonly string[])[] {
  return Object.values(components).map((component) => (typeof component === 'string' ? [component] : component));
}

function isList(value: Exclude<Hl7Standard.Field, string>): value is readonly (string | Readonly<Record<string, Hl7Standard.Component>>)[] {
  return Array.isArray(value);
}
