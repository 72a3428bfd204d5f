import type { Drug } from '../../adapter/domain/drug.ts';
import type { Hl7Segment } from '../../adapter/ports/hl7-message.ts';
import { value } from './field-text.ts';

/** Where a segment of a catalogue message keeps the members of a drug. */
export interface CatalogueLayout {
  readonly segment: string;
  readonly fields: Readonly<Partial<Record<keyof Drug, number>>>;
  /** component that holds the text, where it is not the first */
  readonly components?: Readonly<Partial<Record<keyof Drug, number>>>;
  /** field that says whether the drug is still used: 1 yes, 0 no */
  readonly valid?: number;
  /** field that says that the hospital makes the drug itself (1): 院内制剂 */
  readonly selfMade?: number;
  /** only takes a value of this shape; other systems keep something else in the field */
  readonly shapes?: Readonly<Partial<Record<keyof Drug, RegExp>>>;
}

/** Our own segment: the columns of the drug catalogue file in their order (contract section 8). */
export const ZMD: CatalogueLayout = {
  segment: 'ZMD',
  fields: {
    drug: 1, name: 2, spec: 3, form: 4, manufacturer: 5, approvalNo: 6, medListCode: 7, rxFlag: 8, packUnit: 9, smallestUnit: 10, unitsPerPack: 11, prefixUnit: 12,
    prefixInner: 13, packsPerInner: 14, prefixCase: 15, packsPerCase: 16, barcode: 17, gtin: 18, price: 19, exemption: 20, hospitalListId: 21,
  },
};

/** The 61 positional fields HIS of the Neusoft family send (his.md a.2). NationCode holds the insurance code at some sites only. */
export const Z06: CatalogueLayout = {
  segment: 'Z06',
  fields: { drug: 1, name: 2, medListCode: 13, spec: 19, price: 20, packUnit: 22, unitsPerPack: 23, smallestUnit: 24, form: 25, manufacturer: 42, approvalNo: 43 },
  valid: 35, selfMade: 36,
  shapes: { medListCode: /^[XZ][A-Z0-9]{22}$/ },
};

/** MFN^M15, inventory item (HL7 2.5.1 chapter 17): what it says of the drug itself; its quantities are those of a store and stay out of the catalogue. */
export const IIM: CatalogueLayout = { segment: 'IIM', fields: { drug: 1, name: 1, manufacturer: 5, packUnit: 13 }, components: { name: 2, manufacturer: 2 } };

export const CATALOGUE_LAYOUTS: readonly CatalogueLayout[] = [ZMD, Z06, IIM];

/** @returns text of a member; null where the sender wrote the HL7 null `""`; undefined where the field is empty */
export function memberText(segment: Hl7Segment, layout: CatalogueLayout, member: keyof Drug): string | null | undefined {
  const field = layout.fields[member];
  if (field === undefined) return undefined;
  if (segment.raw(field).trim() === '""') return null;
  const text = value(segment, field, layout.components?.[member] ?? 1, 0);
  if (text === '' || layout.shapes?.[member]?.test(text) === false) return undefined;
  return text;
}
