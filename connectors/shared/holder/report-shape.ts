import type { Shape } from '../template/value.ts';

const PERSON = { code: 'value', name: 'value', licenseNo: 'value' } as const satisfies Shape;

const CODE = {
  code: 'value', scheme: 'value', prefix: 'value', level: 'value', units: 'value', lot: 'value', producedOn: 'value', expiresOn: 'value',
  lineNo: 'value', drug: 'value', name: 'value', position: 'value',
} as const satisfies Shape;

const LINE = {
  lineNo: 'value', position: 'value', drug: 'value', name: 'value', spec: 'value', form: 'value', manufacturer: 'value', approvalNo: 'value', medListCode: 'value',
  hospitalListId: 'value', gtin: 'value', barcode: 'value', prefixUnit: 'value', packUnit: 'value', smallestUnit: 'value', unitsPerPack: 'value',
  quantity: 'value', unit: 'value', packs: 'value', units: 'value', unitPrice: 'value', split: 'value', lot: 'value', producedOn: 'value', expiresOn: 'value',
  codeCount: 'value', codes: [CODE],
} as const satisfies Shape;

/** Every name a template may use (README of mah-soap, table of names). */
export const REPORT_SHAPE = {
  report: { key: 'value', operation: 'value', kind: 'value', at: 'value', attempt: 'value', codeCount: 'value', lineCount: 'value' },
  event: {
    id: 'value', kind: 'value', source: 'value', occurredAt: 'value', documentNo: 'value', location: 'value', emergency: 'value',
    prescriptionNo: 'value', invoiceNo: 'value', deliveryNoteNo: 'value', refers: 'value',
  },
  institution: { code: 'value', name: 'value', region: 'value', entId: 'value', refEntId: 'value' },
  operator: PERSON,
  prescriber: PERSON,
  patient: { visitNo: 'value', class: 'value', name: 'value', idType: 'value', idNo: 'value' },
  counterparty: PERSON,
  partner: { id: 'value', name: 'value', address: 'value' },
  reverses: { key: 'value', operation: 'value', eventId: 'value' },
  lines: [LINE],
  codes: [CODE],
  site: 'any',
  constants: 'any',
  account: { user: 'value', password: 'value', key: 'value' },
  message: { id: 'value', at: 'value', nonce: 'value' },
} as const satisfies Shape;

/** Names that exist only around the payload: in frames, arguments and headers. */
export const FRAME_SHAPE = { ...REPORT_SHAPE, payload: 'value', signature: 'value' } as const satisfies Shape;
