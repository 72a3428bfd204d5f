import type { EventLine } from '../../adapter/domain/event.ts';
import type { Hl7Segment } from '../../adapter/ports/hl7-message.ts';
import { readAmount, readPrice } from './amount.ts';
import { freeText, keyText, label, present, value } from './field-text.ts';
import type { LineDialect, MovedLine, SkippedLine } from './moved-line.ts';
import { directionOf, documentNoOf, referredEvent } from './order-facts.ts';
import { around } from './order-groups.ts';
import type { LineSite } from './order-groups.ts';
import { personOf } from './person.ts';
import { fieldName } from './problems.ts';
import type { Problems } from './problems.ts';
import { isSplit } from './split.ts';
import { dayOf, readInstant } from './time.ts';
import type { LineCodes } from './trace-codes.ts';
import type { SegmentLayout } from './standard-layouts.ts';

/** How the standard tells a line in RXD, RXG or RXA. */
export function standardLine(layout: SegmentLayout, hint: string): LineDialect {
  return {
    segment: layout.segment,
    lineNoField: layout.lineNo,
    hint,
    readLine: (site, of) => {
      const skipped = notDone(site, layout);
      if (skipped !== undefined) return skipped;
      return readLine(site, layout, of);
    },
  };
}

/** RXA-20 completion status: refused or not administered means that nothing was used. */
function notDone(site: LineSite, layout: SegmentLayout): SkippedLine | undefined {
  if (layout.segment !== 'RXA') return undefined;
  const status = value(site.segment, 20).toUpperCase();
  return status === 'RE' || status === 'NA' ? { skipped: `未给药（RXA-20=${status}）` } : undefined;
}

function readLine(site: LineSite, layout: SegmentLayout, of: { readonly lineNo: string; readonly codes: LineCodes; readonly problems: Problems }): MovedLine | SkippedLine | undefined {
  const { segment, orc } = site;
  const { problems, codes } = of;
  const amount = readAmount(segment, layout.quantity, problems);
  const drug = drugOf(site, layout, problems);
  const unit = unitOf(site, layout, problems);
  // RXA-21 D: an administration recorded before is deleted
  const deleted = layout.segment === 'RXA' && value(segment, 21).toUpperCase() === 'D';
  const movement = directionOf(site, deleted || amount?.negative === true);
  if (movement === 'none') return { skipped: `未移动药品（ORC-1=${value(orc, 1)}）` };
  const batch = batchOf(segment, layout, codes, problems);
  const unitPrice = readPrice(around(site, 'FT1'), 12, problems);
  const refers = movement === 'back' ? referredEvent(orc, problems) : undefined;
  const occurredAt = layout.times.map((field) => readInstant(segment, field, problems)).find((time) => time !== undefined) ?? readInstant(orc, 9, problems);
  const prescriptionNo = layout.prescription === undefined || value(segment, layout.prescription) === ''
    ? keyText(around(site, 'RXE'), 15, { problems, longest: 64 }) : keyText(segment, layout.prescription, { problems, longest: 64 });
  const documentNo = documentNoOf(orc, problems) ?? prescriptionNo;
  if (amount === undefined || drug === undefined || unit === undefined) return undefined;
  const words = layout.packaging.flatMap((field) => [segment.text(field, 1, 0), segment.text(field, 2, 0)]);
  return {
    movement, occurredAt, prescriptionNo, documentNo, refers,
    line: present<EventLine>({
      lineNo: of.lineNo, drug: drug.code, drugName: drug.name, quantity: amount.quantity, unit, unitPrice,
      split: isSplit({ words, codes, whole: amount.whole, unit }), ...batch, producedOn: undefined, codes: codes.codes,
    }),
    location: locationOf(segment, layout),
    operator: (layout.operator === undefined ? undefined : personOf(segment, layout.operator)) ?? personOf(orc, 10),
    prescriber: personOf(orc, 12) ?? personOf(around(site, 'RXE'), 13),
  };
}

function drugOf(site: LineSite, layout: SegmentLayout, problems: Problems): { readonly code: string; readonly name: string | undefined } | undefined {
  const candidates: readonly (readonly [Hl7Segment | undefined, number])[] = [[site.segment, layout.drug], [around(site, 'RXE'), 2], [around(site, 'RXO'), 10], [around(site, 'RXO'), 1]];
  for (const [segment, field] of candidates) {
    // CE.1 identifier, else CE.4 alternate identifier
    const component = [1, 4].find((n) => value(segment, field, n) !== '');
    if (segment === undefined || component === undefined) continue;
    const code = keyText(segment, field, { problems, longest: 64, component });
    const name = segment.text(field, 2, 0) || segment.text(field, 5, 0);
    return code === undefined ? undefined : { code, name: freeText(name, 256) };
  }
  problems.add('HL7_FIELD_INVALID', { field: fieldName(site.segment, layout.drug), detail: '缺少药品编码' });
  return undefined;
}

function unitOf(site: LineSite, layout: SegmentLayout, problems: Problems): string | undefined {
  const rxe = layout.segment === 'RXD' ? around(site, 'RXE') : undefined;
  const ordered = rxe === undefined ? '' : label(rxe, 11);
  const unit = freeText(label(site.segment, layout.unit), 32) ?? freeText(ordered, 32);
  if (unit === undefined) problems.add('HL7_FIELD_INVALID', { field: fieldName(site.segment, layout.unit), detail: '缺少数量的单位（例如 盒、片）' });
  return unit;
}

/**
 * Lot and expiry are parallel by repetition. A line has one lot: of several different ones none is taken when the line has codes (each
 * code's own receipt knows its lot), else the first.
 */
function batchOf(segment: Hl7Segment, layout: SegmentLayout, codes: LineCodes, problems: Problems): { readonly lot: string | undefined; readonly expiresOn: string | undefined } {
  const lots = segment.repetitions(layout.lot).map((repetition) => repetition.text(1).trim());
  const different = new Set(lots.filter((lot) => lot !== ''));
  const expiries = segment.repetitions(layout.expiry).map((repetition) => {
    const text = repetition.text(1).trim();
    const day = text === '' ? undefined : dayOf(text);
    if (text !== '' && day === undefined) problems.add('HL7_FIELD_INVALID', { field: fieldName(segment, layout.expiry), value: text, detail: '有效期不是真实的日期，格式应为 yyyyMMdd' });
    return day;
  });
  if (different.size > 1 && codes.codes.length > 0) return { lot: undefined, expiresOn: undefined };
  const index = Math.max(0, lots.findIndex((lot) => lot !== ''));
  return { lot: freeText(lots[index] ?? '', 64), expiresOn: expiries[index] ?? expiries.find((day) => day !== undefined) };
}

function locationOf(segment: Hl7Segment, layout: SegmentLayout): string | undefined {
  for (const field of layout.locations) {
    // XON, CWE and LA2 alike: a name or code comes first, an LA2 without point of care has its facility in component 4
    const text = freeText(label(segment, field) || value(segment, field, 4), 64);
    if (text !== undefined) return text;
  }
  return undefined;
}
