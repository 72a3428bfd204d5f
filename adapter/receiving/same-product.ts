import { approvalKey, lotKey } from '../recall/recalled-lots.ts';
import type { ReceivedLine } from './receipt-facts.ts';
import type { BillLine } from './supplier-bill.ts';

type ReceivedDrug = Pick<ReceivedLine, 'drug' | 'approvalNo' | 'prefixes'>;

/** 7-digit product resource code or GTIN of a canonical code; '' for schemes without one. */
function prefixOf(code: string): string {
  if (/^\d{20}$/.test(code)) return code.slice(0, 7);
  return /^\(01\)(\d{14})\(21\)/.exec(code)?.[1] ?? '';
}

/**
 * Whether the billed goods are the drug of the receipt line, by whatever both name: the HIS drug id, the approval number, the resource code
 * of the codes. Where nothing can be compared they are taken as the same: nothing is invented.
 */
export function isSameProduct(billed: BillLine, received: ReceivedDrug, codes: readonly string[]): boolean {
  if (billed.drug !== undefined) return billed.drug === received.drug;
  if (billed.approvalNo !== undefined && received.approvalNo !== undefined && approvalKey(billed.approvalNo) !== approvalKey(received.approvalNo)) return false;
  const prefixes = codes.map(prefixOf).filter((prefix) => prefix !== '');
  return received.prefixes.length === 0 || prefixes.length === 0 || prefixes.some((prefix) => received.prefixes.includes(prefix));
}

/** @returns whether both name a lot and the lots differ beyond blanks, width and case */
export function lotsDiffer(one: string | undefined, other: string | undefined): boolean {
  return isSaid(one) && isSaid(other) && lotKey(one) !== lotKey(other);
}

/** @returns whether both name a day and the days differ; a date that names only the month is compared by its month */
export function daysDiffer(one: string | undefined, other: string | undefined): boolean {
  if (!isSaid(one) || !isSaid(other)) return false;
  const [a, b] = [digitsOf(one), digitsOf(other)];
  const length = Math.min(a.length, b.length, 8);
  return length >= 6 && a.slice(0, length) !== b.slice(0, length);
}

function isSaid(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== '';
}

/** `2027/1/5` → `20270105`, `2027-12` → `202712` */
function digitsOf(date: string): string {
  const parts = date.normalize('NFKC').split(/\D+/).filter((part) => part !== '');
  return parts.map((part) => (part.length === 1 ? `0${part}` : part)).join('').slice(0, 8);
}
