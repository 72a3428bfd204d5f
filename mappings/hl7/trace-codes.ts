import type { Hl7Message, Hl7Repetition, Hl7Segment } from '../../adapter/ports/hl7-message.ts';
import { value } from './field-text.ts';
import type { LineSite, Orders } from './order-groups.ts';
import { plainNumber } from './amount.ts';
import { fieldName } from './problems.ts';
import type { Problems } from './problems.ts';

/** Codes of one line and what the sender says about them. */
export interface LineCodes {
  readonly codes: readonly string[];
  /** ZTC-4, upper case: level or how the code was used */
  readonly marks: readonly string[];
  /** ZTC-5: how much of the line each code stands for; inner packs and cases left out */
  readonly amounts: readonly string[];
}

/** contract section 6: RXD-35 / RXA-29 / RXG-31 (2.8) */
const TAG_FIELDS: Readonly<Record<string, number>> = { RXD: 35, RXA: 29, RXG: 31 };
/** contract section 6: RXD-25 / RXA-25; RXG-25 is the same barcode field of the give segment */
const SUPPLEMENTARY_FIELDS: Readonly<Record<string, number>> = { RXD: 25, RXA: 25, RXG: 25 };
/** the intake takes no more in one event */
const MAX_CODES = 20_000;
const LONGEST_CODE = 512;
/** ZTC-4 of inner packs and cases: one code stands for several packs there, and that is no 拆零 */
const LARGER_PACKS = new Set(['2', '3', 'INNER', 'CASE', '中', '大', '中包装', '大包装']);

/**
 * Trace codes of every line, from all slots in the order of contract section 6, each code once per line: the tag fields, the supplementary
 * code fields, OBX with observation TRACE-CODE, and ZTC segments. All repetitions.
 * @param lineNos number of each site's line, same order as `orders.sites`
 */
export function traceCodesOf(message: Hl7Message, orders: Orders, lineNos: readonly string[], problems: Problems): readonly LineCodes[] {
  const found = orders.sites.map(() => ({ codes: new Set<string>(), marks: [] as string[], amounts: [] as string[] }));
  orders.sites.forEach((site, index) => {
    for (const code of slotCodes(site.around)) found[index]?.codes.add(code);
  });
  const [only] = found;
  for (const code of observedCodes(orders.before)) {
    if (only !== undefined && found.length === 1) only.codes.add(code);
    else problems.add('HL7_FIELD_INVALID', { field: 'OBX-5', value: code, detail: '追溯码须放在所属医嘱（ORC）之后' });
  }
  for (const ztc of message.all('ZTC')) {
    const line = found[siteOf(ztc, orders, lineNos)];
    if (line === undefined) {
      problems.add('HL7_FIELD_INVALID', { field: fieldName(ztc, 2), value: value(ztc, 2), detail: 'ZTC-2 须为消息中某一行的行号' });
      continue;
    }
    for (const code of texts(ztc.repetitions(3))) line.codes.add(code);
    const mark = value(ztc, 4).toUpperCase();
    if (mark !== '') line.marks.push(mark);
    if (value(ztc, 5) !== '' && !LARGER_PACKS.has(mark)) line.amounts.push(plainNumber(value(ztc, 5)));
  }
  checkSize(orders, found.map((line) => line.codes), problems);
  return found.map((line) => ({ codes: [...line.codes], marks: line.marks, amounts: line.amounts }));
}

function slotCodes(segments: readonly Hl7Segment[]): string[] {
  const tags = segments.flatMap((segment) => texts(repetitions(segment, TAG_FIELDS)));
  const supplementary = segments.flatMap((segment) => repetitions(segment, SUPPLEMENTARY_FIELDS).filter(isTraceCode).flatMap((repetition) => texts([repetition])));
  return [...tags, ...supplementary, ...observedCodes(segments)];
}

function observedCodes(segments: readonly Hl7Segment[]): string[] {
  return segments.filter((segment) => segment.name === 'OBX' && isTraceObservation(segment)).flatMap((obx) => texts(obx.repetitions(5)));
}

function repetitions(segment: Hl7Segment, fields: Readonly<Record<string, number>>): readonly Hl7Repetition[] {
  const field = Object.hasOwn(fields, segment.name) ? fields[segment.name] : undefined;
  return field === undefined ? [] : segment.repetitions(field);
}

function isTraceObservation(obx: Hl7Segment): boolean {
  return [1, 2, 4, 5].some((component) => /^(?:TRACE[-_ ]?CODE|追溯码|药品追溯码)$/i.test(value(obx, 3, component)));
}

/** Supplementary codes may be other things (billing codes): a trace code is long and mostly digits, or its coding system says so. */
function isTraceCode(repetition: Hl7Repetition): boolean {
  if (/^TRACE/i.test(repetition.text(3).trim())) return true;
  return /(?:\d[\s-]?){14}/.test(repetition.text(1).normalize('NFKC'));
}

function texts(slots: readonly Hl7Repetition[]): string[] {
  return slots.map((slot) => slot.text(1, 0).trim()).filter((text) => text !== '');
}

/** ZTC-2 names the line by its number in its own order, by its number in the message, or by the order number; empty = the order it follows. */
function siteOf(ztc: Hl7Segment, orders: Orders, lineNos: readonly string[]): number {
  const { sites } = orders;
  const named = value(ztc, 2);
  const own = sites.map((site, index) => ({ site, index })).filter(({ site }) => site.around.includes(ztc));
  const ownIndex = own[0]?.index ?? -1;
  if (named === '') return ownIndex >= 0 ? ownIndex : sites.length === 1 ? 0 : -1;
  const order = sites[ownIndex]?.order;
  const inOrder = sites.findIndex((site) => site.order === order && value(site.segment, 1) === named);
  if (inOrder >= 0) return inOrder;
  const inMessage = lineNos.indexOf(named);
  return inMessage >= 0 ? inMessage : sites.findIndex((site: LineSite) => value(site.orc, 2) === named || value(site.orc, 3) === named);
}

function checkSize(orders: Orders, lines: readonly ReadonlySet<string>[], problems: Problems): void {
  const total = lines.reduce((sum, codes) => sum + codes.size, 0);
  if (total > MAX_CODES) problems.add('EVENT_TOO_MANY_CODES', { field: orders.sites[0]?.segment.name ?? '', value: String(total), detail: `一条消息至多 ${String(MAX_CODES)} 个追溯码` });
  for (const codes of lines) {
    for (const code of codes) {
      if (code.length > LONGEST_CODE || code.includes('\0')) problems.add('CODE_UNUSABLE', { field: 'ZTC-3', value: code, detail: `追溯码最长 ${String(LONGEST_CODE)} 个字符` });
    }
  }
}
