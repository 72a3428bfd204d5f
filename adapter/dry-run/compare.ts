import type { TraceEvent } from '../domain/event.ts';
import type { Difference, DifferenceKind } from './difference.ts';
import type { EventImage, LineImage, ReportImage } from './event-image.ts';

/** People's data is compared, never shown. */
const PERSONAL = /^(?:patient|operator|prescriber)\.(?:name|idNo|licenseNo|personNo)$/;
const HIDDEN = '***';

export interface CompareOptions {
  /** when the record came in, ISO 8601: an event whose data holds no time is stamped with it, which a second reading cannot repeat to the second */
  readonly arrivedAt?: string;
}

/**
 * What would differ about an event between what is on file and what a dry run made of it. Pure. An event on one side only is one
 * difference, however many lines it has.
 * @returns in the order field, line, exclusion, quantity, code, finding, report
 */
export function compareImages(before: EventImage | undefined, after: EventImage | undefined, options: CompareOptions = {}): readonly Difference[] {
  if (before === undefined) return after === undefined ? [] : [{ kind: 'event', what: after.event.kind, after: summaryOf(after) }];
  if (after === undefined) return [{ kind: 'event', what: before.event.kind, before: summaryOf(before) }];
  return [
    ...compareFields(before.event, after.event, options), ...compareLines(before, after), ...compareCodes(before, after),
    ...compareFindings(before, after), ...compareReports(before.reports, after.reports),
  ];
}

function summaryOf({ lines, moves, reports }: EventImage): string {
  const goes = reports.filter(({ fate }) => fate === 'goes').map(({ destination, operation }) => `${destination} ${operation}`);
  return `lines=${String(lines.length)} codes=${String(new Set(moves.map(({ code }) => code)).size)} reports=${[...new Set(goes)].join(',')}`;
}

/** Members of the event as it was told, and of its lines; codes are compared by themselves. */
function compareFields(before: TraceEvent, after: TraceEvent, { arrivedAt }: CompareOptions): Difference[] {
  const stamped = after.occurredAt === arrivedAt;
  const header = compareTexts(flat(withoutLines(before)), flat(withoutLines(after))).filter(({ what }) => what !== 'occurredAt' || !stamped);
  const lines = before.lines.flatMap((line) => {
    const other = after.lines.find(({ lineNo }) => lineNo === line.lineNo);
    return other === undefined ? [] : compareTexts(flat({ ...line, codes: undefined }), flat({ ...other, codes: undefined })).map((one) => ({ ...one, lineNo: line.lineNo }));
  });
  return [...header, ...lines].map((one) => ({ kind: 'field', ...one }));
}

function withoutLines(event: TraceEvent): object {
  return { ...event, lines: undefined };
}

/** @returns members by path: `patient.visitNo` → text */
function flat(value: object, path = ''): Map<string, string> {
  const members = new Map<string, string>();
  for (const [name, member] of Object.entries(value) as [string, unknown][]) {
    if (member === undefined || member === null) continue;
    const at = path === '' ? name : `${path}.${name}`;
    if (typeof member === 'object') for (const [inner, text] of flat(member, at)) members.set(inner, text);
    else members.set(at, typeof member === 'string' ? member : JSON.stringify(member));
  }
  return members;
}

function compareTexts(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Omit<Difference, 'kind'>[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((what) => before.get(what) !== after.get(what)).map((what) => change(what, shown(what, before.get(what)), shown(what, after.get(what))));
}

function shown(what: string, text: string | undefined): string | undefined {
  return text !== undefined && PERSONAL.test(what) ? HIDDEN : text;
}

function change(what: string, before: string | undefined, after: string | undefined): Omit<Difference, 'kind'> {
  return { what, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}

function compareLines(before: EventImage, after: EventImage): Difference[] {
  const found: Difference[] = [];
  const later = new Map(after.lines.map((line) => [line.lineNo, line]));
  for (const line of before.lines) {
    const other = later.get(line.lineNo);
    later.delete(line.lineNo);
    if (other === undefined) found.push({ kind: 'line', what: 'line', lineNo: line.lineNo, before: lineText(line) });
    else found.push(...compareLine(line, other));
  }
  for (const line of later.values()) found.push({ kind: 'line', what: 'line', lineNo: line.lineNo, after: lineText(line) });
  return found;
}

function lineText({ drug, quantity, unit, exclusion }: LineImage): string {
  return [drug, `${quantity}${unit}`, exclusion].filter((part) => part !== undefined && part !== '').join(' ');
}

function compareLine(before: LineImage, after: LineImage): Difference[] {
  const { lineNo } = before;
  const differing = (kind: DifferenceKind, what: string, one: string | undefined, other: string | undefined): Difference[] => (one === other ? [] : [{ kind, lineNo, ...change(what, one, other) }]);
  return [
    ...differing('exclusion', 'exclusion', before.exclusion, after.exclusion),
    ...differing('quantity', 'units', before.units, after.units),
    ...differing('quantity', 'split', String(before.split), String(after.split)),
  ];
}

/** Codes by line: those that were told, those the split stock gave, and what became of each. */
function compareCodes(before: EventImage, after: EventImage): Difference[] {
  const one = codesOf(before);
  const other = codesOf(after);
  const keys = [...new Set([...one.keys(), ...other.keys()])];
  return keys.filter((key) => one.get(key) !== other.get(key)).map((key) => {
    const [lineNo = '', code = ''] = JSON.parse(key) as string[];
    return { kind: 'code', lineNo, code, ...change('ledger', one.get(key), other.get(key)) };
  });
}

function codesOf({ event, moves }: EventImage): Map<string, string> {
  const codes = new Map<string, string>();
  for (const line of event.lines) for (const code of line.codes) codes.set(JSON.stringify([line.lineNo, code]), 'told');
  for (const move of moves) {
    const key = JSON.stringify([move.lineNo, move.code]);
    const text = `${move.from}→${move.to}${move.units === '0' ? '' : ` ${unitsText(move.units)}`}`;
    const known = codes.get(key);
    codes.set(key, known === undefined || known === 'told' ? text : `${known} ${text}`);
  }
  return codes;
}

/** Millionths as a decimal text. */
function unitsText(millionths: string): string {
  const digits = millionths.replace('-', '').padStart(7, '0');
  return `${millionths.startsWith('-') ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`.replace(/\.?0+$/, '');
}

function compareFindings(before: EventImage, after: EventImage): Difference[] {
  const one = new Map(before.findings.map((finding) => [JSON.stringify([finding.code, finding.lineNo, finding.traceCode ?? '']), finding]));
  const other = new Map(after.findings.map((finding) => [JSON.stringify([finding.code, finding.lineNo, finding.traceCode ?? '']), finding]));
  return [...new Set([...one.keys(), ...other.keys()])].filter((key) => one.get(key)?.severity !== other.get(key)?.severity).map((key) => {
    const [what = '', lineNo = '', code = ''] = JSON.parse(key) as string[];
    return { kind: 'finding', ...(lineNo === '' ? {} : { lineNo }), ...(code === '' ? {} : { code }), ...change(what, one.get(key)?.severity, other.get(key)?.severity) };
  });
}

/** Reports by destination, operation, lines and codes; keys and times say nothing about their content. */
function compareReports(before: readonly ReportImage[], after: readonly ReportImage[]): Difference[] {
  const keyOf = ({ destination, operation, covers, codes }: ReportImage): string => JSON.stringify([destination, operation, covers, codes]);
  const one = new Map(before.map((report) => [keyOf(report), report]));
  const other = new Map(after.map((report) => [keyOf(report), report]));
  const found: Difference[] = [];
  for (const key of new Set([...one.keys(), ...other.keys()])) {
    const [was, would] = [one.get(key), other.get(key)];
    // its later life hides how it was planned
    if (was?.fate === 'any' || would?.fate === 'any') continue;
    const [told, tells] = [was === undefined ? undefined : reportText(was), would === undefined ? undefined : reportText(would)];
    const report = was ?? would;
    if (told === tells || report === undefined) continue;
    const [lineNo] = report.covers;
    found.push({ kind: 'report', ...(lineNo === undefined || report.covers.length > 1 ? {} : { lineNo }), ...change(`${report.destination} ${report.operation}`, told, tells) });
  }
  return found;
}

function reportText({ covers, codes, fate, reason }: ReportImage): string {
  const codeText = codes.length === 0 ? '' : ` codes=${codes.length > 3 ? `${codes.slice(0, 3).join(',')}…(${String(codes.length)})` : codes.join(',')}`;
  return `${fate}${reason === undefined ? '' : ` (${reason})`} lines=${covers.join(',')}${codeText}`;
}
