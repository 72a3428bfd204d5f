import type { Hl7Delimiters, Hl7Message, Hl7Repetition, Hl7Segment } from '../../../adapter/ports/hl7-message.ts';
import { readDelimiters } from './delimiters.ts';
import { decodeEscapes } from './escape.ts';
import type { ByteReader } from './escape.ts';

/** A message of 1 MiB holds far fewer; more is not HL7 but an attempt to fill the memory. */
const MAX_SEGMENTS = 20_000;
const NAME = /^[A-Za-z][A-Za-z0-9]{2}$/;
const HEADERS = new Set(['MSH', 'FHS', 'BHS']);

export type ParsedMessage =
  | { readonly kind: 'message'; readonly message: Hl7Message }
  /** Chinese: why it is none */
  | { readonly kind: 'unreadable'; readonly why: string };

interface Dialect { readonly delimiters: Hl7Delimiters; readonly readBytes: ByteReader }

class LazyRepetition implements Hl7Repetition {
  constructor(readonly raw: string, private readonly dialect: Dialect) {}

  text(component = 1, subcomponent = 1): string {
    const { delimiters, readBytes } = this.dialect;
    const whole = piece(this.raw, delimiters.component, component);
    const text = subcomponent === 0 ? whole : piece(whole, delimiters.subcomponent, subcomponent);
    return text === '""' ? '' : decodeEscapes(text, delimiters, readBytes);
  }
}

class LazySegment implements Hl7Segment {
  private fields: readonly string[] | undefined;

  constructor(
    readonly name: string,
    readonly position: number,
    readonly occurrence: number,
    private readonly line: string,
    private readonly dialect: Dialect,
  ) {}

  get fieldCount(): number {
    return this.split().length - (HEADERS.has(this.name) ? 0 : 1);
  }

  raw(field: number): string {
    if (!HEADERS.has(this.name)) return this.split()[field] ?? '';
    return field === 1 ? this.dialect.delimiters.field : this.split()[field - 1] ?? '';
  }

  text(field: number, component = 1, subcomponent = 1): string {
    const raw = this.raw(field);
    if (raw === '') return '';
    if (this.isDeclaration(field)) return component === 1 ? raw : '';
    return new LazyRepetition(piece(raw, this.dialect.delimiters.repetition, 1), this.dialect).text(component, subcomponent);
  }

  repetitions(field: number): readonly Hl7Repetition[] {
    const raw = this.raw(field);
    if (raw === '') return [];
    if (this.isDeclaration(field)) return [{ raw, text: () => raw }];
    return raw.split(this.dialect.delimiters.repetition).map((repetition) => new LazyRepetition(repetition, this.dialect));
  }

  /** MSH-1 and MSH-2 hold the delimiters themselves and are never split. */
  private isDeclaration(field: number): boolean {
    return field <= 2 && HEADERS.has(this.name);
  }

  private split(): readonly string[] {
    this.fields ??= this.line.split(this.dialect.delimiters.field);
    return this.fields;
  }
}

class LazyMessage implements Hl7Message {
  private byName: Map<string, Hl7Segment[]> | undefined;

  constructor(readonly delimiters: Hl7Delimiters, readonly segments: readonly Hl7Segment[]) {}

  all(name: string): readonly Hl7Segment[] {
    if (this.byName === undefined) {
      this.byName = new Map();
      for (const segment of this.segments) {
        const same = this.byName.get(segment.name);
        if (same === undefined) this.byName.set(segment.name, [segment]);
        else same.push(segment);
      }
    }
    return this.byName.get(name) ?? [];
  }

  first(name: string): Hl7Segment | undefined {
    return this.all(name)[0];
  }
}

/** @returns the n-th piece (from 1) without splitting the rest */
function piece(text: string, separator: string, n: number): string {
  let from = 0;
  for (let i = 1; i < n; i += 1) {
    const at = text.indexOf(separator, from);
    if (at < 0) return '';
    from = at + 1;
  }
  const end = text.indexOf(separator, from);
  return end < 0 ? (from === 0 ? text : text.slice(from)) : text.slice(from, end);
}

/**
 * Lines of the text, ended by CR, CRLF or LF. A line that cannot be a segment (a line feed typed into a note) belongs to the
 * segment before it; blank lines and what stands before MSH are left out.
 */
function segmentLines(text: string, field: string): string[] | undefined {
  const lines: string[] = [];
  for (const line of text.includes('\n') ? text.split(/\r\n|\r|\n/) : text.split('\r')) {
    // most lines begin with a letter and are taken as they are
    const trimmed = line.charCodeAt(0) > 0x20 ? line : line.replace(/^[\s\0]+/, '');
    if (trimmed === '') continue;
    const name = trimmed.slice(0, 3);
    const isSegment = NAME.test(name) && (trimmed.length === 3 || trimmed.charAt(3) === field);
    if (isSegment) lines.push(trimmed);
    else if (lines.length > 0) lines.push(`${lines.pop() ?? ''}\n${line}`);
    if (lines.length > MAX_SEGMENTS) return undefined;
  }
  return lines;
}

/**
 * Reads one message (already decoded to text). Fields, components and escapes are only looked at when they are asked for.
 * @param readBytes how the bytes of \X..\ escapes are read
 */
export function parseMessage(text: string, readBytes: ByteReader): ParsedMessage {
  const start = /^[\s\0\ufeff]*(?=msh)/i.exec(text);
  if (start === null) return { kind: 'unreadable', why: '内容不是以 MSH 段开始' };
  const body = start[0] === '' ? text : text.slice(start[0].length);
  const delimiters = readDelimiters(body.slice(0, 16));
  if (delimiters === undefined) return { kind: 'unreadable', why: 'MSH-1、MSH-2 声明的分隔符无效' };
  const lines = segmentLines(body, delimiters.field);
  if (lines === undefined) return { kind: 'unreadable', why: `段数超过 ${String(MAX_SEGMENTS)}` };
  const dialect: Dialect = { delimiters, readBytes };
  const seen = new Map<string, number>();
  const segments = lines.map((line, position) => {
    const name = line.slice(0, 3).toUpperCase();
    const occurrence = (seen.get(name) ?? 0) + 1;
    seen.set(name, occurrence);
    return new LazySegment(name, position, occurrence, line, dialect);
  });
  return { kind: 'message', message: new LazyMessage(delimiters, segments) };
}
