import { chinaCompact, chinaIso } from '../../adapter/domain/china-time.ts';
import type { Drug } from '../../adapter/domain/drug.ts';
import type { EventKind, EventLine, TraceEvent } from '../../adapter/domain/event.ts';
import { encodeChinese } from './chinese-bytes.ts';
import type { DemoItem, Fate, LineExpectation, MllpInput, RestInput } from './demo-day.ts';
import { messageText, type MessageStyle } from './hl7-message.ts';
import type { Random } from './random.ts';

/** What has to become of a line; taken from the rules unless the scene knows better. */
export interface Fates {
  readonly insurance: Fate;
  readonly mah: Fate;
}

/** An event as it was sent, so that later scenes can repeat, contradict, return or void it. */
export interface Sent {
  readonly event: TraceEvent;
  /** how it went over MLLP; undefined = REST */
  readonly style: MessageStyle | undefined;
  readonly item: DemoItem;
}

export const HL7_SOURCE = 'his-hl7';
export const REST_SOURCE = 'his';

const CHARSETS: readonly (readonly [MllpInput['charset'], readonly string[]])[] = [['UTF-8', ['UNICODE UTF-8', 'UTF-8']], ['GBK', ['GBK', 'GB2312', '']], ['GB18030', ['GB 18030-2000']]];

/** Writes the day down: inputs in order, and what has to become of every line. */
export class DayBook {
  readonly items: DemoItem[] = [];
  readonly sent: Sent[] = [];
  readonly #lines = new Map<string, LineExpectation & { readonly visitNo: string | undefined }>();
  readonly #random: Random;
  readonly #midnight: number;
  #now = 0;
  #number = 0;

  readonly institution: string;
  readonly date: string;
  readonly catalogue: ReadonlyMap<string, Drug>;

  constructor(of: { readonly institution: string; readonly date: string; readonly random: Random; readonly catalogue: ReadonlyMap<string, Drug> }) {
    this.institution = of.institution;
    this.date = of.date;
    this.catalogue = of.catalogue;
    this.#random = of.random;
    this.#midnight = Date.parse(`${of.date}T00:00:00+08:00`);
  }

  /** Moves the clock of the day forward. */
  at(minute: number): void {
    this.#now = Math.max(this.#now, this.#midnight + Math.floor(minute * 60_000));
  }

  nowIso(): string {
    return chinaIso(this.#now);
  }

  /** @returns a number unique in the day: `MZ20261122000123` */
  nextId(prefix: string): string {
    this.#number += 1;
    return `${prefix}${chinaCompact(this.#midnight).slice(0, 8)}${String(this.#number).padStart(6, '0')}`;
  }

  /** Puts down an event that is sent by REST. */
  rest(event: TraceEvent, note: string, about: { readonly fates?: (line: EventLine) => Partial<Fates>; readonly expect?: RestInput['expect'] } = {}): Sent {
    const item: RestInput = { via: 'rest', at: this.nowIso(), note, eventId: event.id, event: event as unknown as Readonly<Record<string, unknown>>, expect: about.expect ?? 'accepted' };
    return this.#put({ event, style: undefined, item }, about.fates, item.expect === 'accepted');
  }

  /** Puts down an event that is sent as an HL7 message, in one of the character sets hospitals use. */
  hl7(event: TraceEvent, style: Omit<MessageStyle, 'charset'>, note: string, about: { readonly fates?: (line: EventLine) => Partial<Fates>; readonly expect?: MllpInput['expect']; readonly duplicate?: boolean } = {}): Sent {
    const [charset, names] = this.charsetFor(JSON.stringify(event));
    const full: MessageStyle = { ...style, charset: this.#random.pick(names) };
    const item = this.message(messageText(event, full), { charset, note, eventId: event.id, expect: about.expect ?? 'AA' });
    return this.#put({ event, style: full, item }, about.fates, item.expect === 'AA' && about.duplicate !== true);
  }

  charsetFor(text: string): (typeof CHARSETS)[number] {
    if (/\p{Script=Han}/u.test(text) && /[\u{20000}-\u{2FFFF}]/u.test(text)) return CHARSETS[2] ?? this.#random.pick(CHARSETS);
    const at = this.#random.next();
    return (at < 0.5 ? CHARSETS[0] : at < 0.85 ? CHARSETS[1] : CHARSETS[2]) ?? this.#random.pick(CHARSETS);
  }

  /** @returns HL7 text as an input, not yet put down */
  message(text: string, about: { readonly charset: MllpInput['charset']; readonly note: string; readonly eventId: string; readonly expect: MllpInput['expect'] }): MllpInput {
    const bytes = about.charset === 'UTF-8' ? new TextEncoder().encode(text) : encodeChinese(text);
    return { via: 'mllp', at: this.nowIso(), bytes, ...about };
  }

  /** Puts down an input that must not change anything: a repeat, a contradiction, a mistake. */
  extra(item: DemoItem): void {
    this.items.push(item);
  }

  /** The settlement of a visit arrives: what waited for it goes. */
  settle(visitNo: string): void {
    for (const [key, line] of this.#lines) {
      if (line.visitNo === visitNo && line.insurance === 'held') this.#lines.set(key, { ...line, insurance: 'reported' });
    }
  }

  /** The event is voided: what was or would be reported is taken back. */
  takeBack(event: TraceEvent): void {
    for (const line of event.lines) {
      const key = keyOf(event, line);
      const known = this.#lines.get(key);
      if (known === undefined) continue;
      const gone = (fate: Fate): Fate => (fate === 'reported' || fate === 'held' ? 'taken-back' : fate);
      this.#lines.set(key, { ...known, insurance: gone(known.insurance), mah: gone(known.mah) });
    }
  }

  /** @returns whether a person has to act on some line of the event first */
  needsAttention(event: TraceEvent): boolean {
    return event.lines.some((line) => {
      const known = this.#lines.get(keyOf(event, line));
      return known?.insurance === 'attention' || known?.mah === 'attention';
    });
  }

  lines(): readonly LineExpectation[] {
    return [...this.#lines.values()].map((line) => ({ source: line.source, eventId: line.eventId, lineNo: line.lineNo, kind: line.kind, insurance: line.insurance, mah: line.mah }));
  }

  #put(sent: Sent, fates: ((line: EventLine) => Partial<Fates>) | undefined, taken: boolean): Sent {
    this.items.push(sent.item);
    if (!taken) return sent;
    this.sent.push(sent);
    const { event } = sent;
    for (const line of event.lines) {
      const fate = { ...fatesOf(event, line, this.catalogue.get(line.drug)), ...fates?.(line) };
      this.#lines.set(keyOf(event, line), { source: event.source, eventId: event.id, lineNo: line.lineNo, kind: event.kind, visitNo: event.patient?.visitNo, ...fate });
    }
    return sent;
  }
}

function keyOf(event: TraceEvent, line: EventLine): string {
  return `${event.source}|${event.id}|${line.lineNo}`;
}

/** Kinds that the MAH system is not told of by default (mah.md 4, 4.1; contract section 7). */
const MAH_SILENT: ReadonlySet<EventKind> = new Set(['stock-count', 'stock-gain', 'stock-loss', 'transfer-out', 'transfer-in', 'gift-in', 'gift-return', 'other-in', 'other-out']);

/** What the specification says has to become of a line, scenes with more knowledge aside. */
function fatesOf(event: TraceEvent, line: EventLine, drug: Drug | undefined): Fates {
  if (drug?.exemption !== undefined) return { insurance: 'excluded', mah: 'excluded' };
  return { insurance: insuranceFate(event, line, drug), mah: mahFate(event, line) };
}

function insuranceFate(event: TraceEvent, line: EventLine, drug: Drug | undefined): Fate {
  if (event.kind === 'split-open') return 'excluded';
  if (drug === undefined) return 'attention';
  if (event.kind !== 'dispense') return 'reported';
  if (line.codes.length === 0 && !line.split) return 'attention';
  return event.patient?.settlementType === 'insured' && event.patient.settlementId === undefined ? 'held' : 'reported';
}

function mahFate(event: TraceEvent, line: EventLine): Fate {
  if (MAH_SILENT.has(event.kind)) return 'excluded';
  if (event.kind === 'dispense-return' && line.split) return 'excluded';
  // a split line without a scan takes from packs whose opening was told before
  if (event.kind === 'dispense' && line.split && line.codes.length === 0) return 'excluded';
  if (line.codes.length === 0) return 'attention';
  return line.codes.some((code) => !/^8\d{19}$/.test(code)) ? 'attention' : 'reported';
}
