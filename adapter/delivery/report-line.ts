import type { Drug } from '../domain/drug.ts';
import type { EventLine } from '../domain/event.ts';
import { formatFixed, formatQuantity, type Quantity } from '../domain/quantity.ts';
import type { LineCode, ReportLine } from '../ports/destination.ts';

/**
 * Codes stand in the order of their text, at planning and at sending alike: a connector that cuts a line into several reports
 * must cut it at the same places both times.
 * @returns a line as destinations see it; packs with at most four decimals (sel_retn_cnt has 16,4)
 */
export function reportLine(prepared: { readonly line: EventLine; readonly drug: Drug | undefined; readonly units: Quantity | undefined; readonly packs: Quantity | undefined }, codes: readonly LineCode[]): ReportLine {
  const { line, drug, units, packs } = prepared;
  return {
    line, drug, codes: [...codes].sort((a, b) => (a.code < b.code ? -1 : 1)),
    units: units === undefined ? undefined : formatQuantity(units),
    packs: packs === undefined ? undefined : formatFixed(packs, 4).replace(/\.?0+$/, ''),
  };
}
