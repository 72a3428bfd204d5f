import { refusal, type Refusal } from '../domain/refusal.ts';
import { readTraceCode, unusableText } from '../domain/trace-code.ts';
import type { UpstreamBill } from '../ports/upstream.ts';
import type { BilledCode, SupplierBill } from './supplier-bill.ts';

export type BillReading = { readonly bill: SupplierBill } | { readonly refusal: Refusal };

/** a bill of more codes is none of one delivery */
export const MAX_BILL_CODES = 50_000;

/** @returns the bill with its codes in canonical form, each once per line; or the first code that is none. Pure. */
export function readBill(told: SupplierBill): BillReading {
  const count = told.lines.reduce((sum, line) => sum + line.codes.length, 0);
  if (count > MAX_BILL_CODES) return { refusal: refusal('EVENT_TOO_MANY_CODES', { field: 'lines', value: count }) };
  const lines: SupplierBill['lines'][number][] = [];
  for (const [at, line] of told.lines.entries()) {
    const codes = new Map<string, BilledCode>();
    for (const [position, one] of line.codes.entries()) {
      const field = `lines[${String(at)}].codes[${String(position)}]`;
      const code = canonical(one.code, `${field}.code`);
      if ('refusal' in code) return code;
      const parent = one.parent === undefined ? undefined : canonical(one.parent, `${field}.parent`);
      if (parent !== undefined && 'refusal' in parent) return parent;
      codes.set(code.code, { ...one, code: code.code, ...(parent === undefined ? {} : { parent: parent.code }) });
    }
    lines.push({ ...line, codes: [...codes.values()] });
  }
  return { bill: { ...told, lines } };
}

function canonical(text: string, field: string): { readonly code: string } | { readonly refusal: Refusal } {
  const reading = readTraceCode(text);
  if (reading.kind === 'unusable') return { refusal: refusal('CODE_UNUSABLE', { field, value: reading.shown, detail: unusableText(reading.reason) }) };
  const [only, ...others] = reading.codes;
  if (only === undefined || others.length > 0) return { refusal: refusal('CODE_UNUSABLE', { field, value: text.slice(0, 100), detail: unusableText('several-codes') }) };
  return { code: only.text };
}

/** @returns a bill fetched from a trace system as a supplier's bill; parties go by their ref_ent_id, which is what platforms compare by */
export function billFromUpstream(told: UpstreamBill): SupplierBill {
  const party = ({ name, entId, refEntId }: UpstreamBill['from']): SupplierBill['supplier'] => {
    const code = refEntId !== '' ? refEntId : entId;
    return { ...(code === '' ? {} : { code }), ...(name === '' ? {} : { name }) };
  };
  const to = party(told.to);
  return {
    billNo: told.billNo, supplier: party(told.from), ...(to.code === undefined && to.name === undefined ? {} : { addressee: to }), ...(told.billAt === '' ? {} : { billedAt: told.billAt }),
    lines: told.lines.map((line, at) => ({
      lineNo: String(at + 1), ...said({ drugName: line.drugName, approvalNo: line.approvalNo, lot: line.lot, expiresOn: line.expiresOn, producedOn: line.producedOn }),
      ...(count(line.packs) === undefined ? {} : { packs: count(line.packs) ?? 0 }),
      codes: line.codes.map(({ code, level, packs, parent }) => ({
        code, ...(level === undefined ? {} : { level }), ...(parent === undefined ? {} : { parent }), ...(count(packs) === undefined ? {} : { packs: count(packs) ?? 0 }),
        // one coded pack whatever it holds (is_smallest): its amount is no number of packs (mah.md section 8)
        ...(level === 1 ? { smallest: true } : {}),
      })),
    })),
  };
}

function said(members: Readonly<Record<'drugName' | 'approvalNo' | 'lot' | 'expiresOn' | 'producedOn', string>>): Partial<typeof members> {
  return Object.fromEntries(Object.entries(members).filter(([, text]) => text !== ''));
}

function count(text: string): number | undefined {
  const whole = /^(\d{1,9})(?:\.0+)?$/.exec(text)?.[1];
  return whole === undefined ? undefined : Number(whole);
}
