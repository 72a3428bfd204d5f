import type { ReportLine, ReportedEvent } from '../../adapter/ports/destination.ts';
import type { ExtraField } from './profile.ts';

interface Facts { readonly reported: ReportedEvent; readonly piece: { readonly reportLine: ReportLine } }

/** What an extra field of a region may be filled with; a profile names one of these in `from`. */
const FACTS: Readonly<Record<string, (facts: Facts) => string | undefined>> = {
  'drug.spec': ({ piece }) => piece.reportLine.drug?.spec,
  'drug.form': ({ piece }) => piece.reportLine.drug?.form,
  'drug.manufacturer': ({ piece }) => piece.reportLine.drug?.manufacturer,
  'drug.approvalNo': ({ piece }) => piece.reportLine.drug?.approvalNo,
  'drug.packUnit': ({ piece }) => piece.reportLine.drug?.packUnit,
  'drug.smallestUnit': ({ piece }) => piece.reportLine.drug?.smallestUnit,
  'drug.unitsPerPack': ({ piece }) => { const count = piece.reportLine.drug?.unitsPerPack; return count === undefined ? undefined : String(count); },
  'drug.price': ({ piece }) => piece.reportLine.drug?.price,
  'drug.barcode': ({ piece }) => piece.reportLine.drug?.barcode,
  'line.lot': ({ piece }) => piece.reportLine.line.lot,
  'line.unit': ({ piece }) => piece.reportLine.line.unit,
  'event.documentNo': ({ reported }) => reported.event.documentNo,
  'event.location': ({ reported }) => reported.event.location,
  'event.invoiceNo': ({ reported }) => reported.event.invoiceNo,
  'operator.code': ({ reported }) => reported.event.operator?.code,
  'operator.name': ({ reported }) => reported.event.operator?.name,
  'patient.visitNo': ({ reported }) => reported.event.patient?.visitNo,
};

/** @returns whether a profile may name it */
export function isFact(name: string): boolean {
  return Object.hasOwn(FACTS, name);
}

/** @returns values of the region's extra fields under their wire names */
export function extraValues(fields: readonly ExtraField[], facts: Facts): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(fields.map((field) => [field.name, FACTS[field.from]?.(facts)]));
}
