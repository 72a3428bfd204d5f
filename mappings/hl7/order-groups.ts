import type { Hl7Message, Hl7Segment } from '../../adapter/ports/hl7-message.ts';

/** One line of a dispensing message: the segment that tells it and everything around it that speaks of it. */
export interface LineSite {
  /** the segment with drug and quantity: RXD, RXG, RXA or RXO */
  readonly segment: Hl7Segment;
  readonly orc: Hl7Segment | undefined;
  /** segments of the order that belong to this line, in message order, the line's own included */
  readonly around: readonly Hl7Segment[];
  /** which order of the message, from 0 */
  readonly order: number;
}

export interface Orders {
  readonly sites: readonly LineSite[];
  /** ORC segments whose order has no line segment */
  readonly bare: readonly Hl7Segment[];
  /** segments before the first order */
  readonly before: readonly Hl7Segment[];
}

/**
 * Cuts the flat list of segments into orders. An order begins with ORC and ends before the next one; a message without ORC is one order.
 * Nothing else about order is assumed: unexpected and Z segments may stand anywhere (his.md a.3).
 */
export function ordersOf(message: Hl7Message, lineSegment: string): Orders {
  const starts = message.segments.filter((segment) => segment.name === 'ORC').map((segment) => segment.position);
  const firstLine = message.first(lineSegment)?.position;
  // a line segment before the first ORC still is a line
  if (firstLine !== undefined && firstLine < (starts[0] ?? Infinity)) starts.unshift(firstLine);
  const sites: LineSite[] = [];
  const bare: Hl7Segment[] = [];
  starts.forEach((start, order) => {
    const segments = message.segments.slice(start, starts[order + 1] ?? message.segments.length);
    const orc = segments[0]?.name === 'ORC' ? segments[0] : undefined;
    const lines = segments.filter((segment) => segment.name === lineSegment);
    if (lines.length === 0 && orc !== undefined) bare.push(orc);
    lines.forEach((segment, index) => {
      sites.push({ segment, orc, order, around: belonging(segments, lines, index) });
    });
  });
  return { sites, bare, before: message.segments.slice(0, starts[0] ?? 0) };
}

/** What stands before the first line of an order speaks of all its lines when it orders (ORC, RXO, RXE); what follows a line speaks of that line. */
function belonging(segments: readonly Hl7Segment[], lines: readonly Hl7Segment[], index: number): readonly Hl7Segment[] {
  if (lines.length === 1) return segments;
  const from = index === 0 ? -1 : lines[index]?.position ?? 0;
  const to = lines[index + 1]?.position ?? Infinity;
  const first = lines[0]?.position ?? 0;
  return segments.filter((segment) => (segment.position >= from && segment.position < to) || (segment.position < first && /^RX[OE]$/.test(segment.name)));
}

/** @returns the first segment of that name around the line */
export function around(site: LineSite, name: string): Hl7Segment | undefined {
  return site.around.find((segment) => segment.name === name);
}
