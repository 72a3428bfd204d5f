import { formatQuantity, wholeQuantity, type Quantity } from '../domain/quantity.ts';
import type { Deviation } from './deviation.ts';
import type { Carrier, MatchedPacks } from './match-packs.ts';
import type { ReceiptFacts } from './receipt-facts.ts';
import { isSameProduct } from './same-product.ts';
import type { BillLine } from './supplier-bill.ts';

interface Explained { readonly missing: ReadonlySet<string>; readonly cameOtherwise: ReadonlySet<string> }

/**
 * Packs of each drug: what the receipt document says against what was scanned and what was billed; and a bill that says another number than
 * it has codes. A difference that missing or extra codes explain is not said a second time (check C13 of mah.md section 15).
 */
export function compareQuantities(facts: ReceiptFacts, found: MatchedPacks, explained: Explained): readonly Deviation[] {
  const byDrug = new Map<string, ReceiptFacts['lines'][number][]>();
  for (const line of facts.lines) byDrug.set(line.drug, [...(byDrug.get(line.drug) ?? []), line]);
  const current = facts.bills.filter(({ cancelled }) => cancelled !== true);
  // with every bill withdrawn there is nothing left to count against
  if (current.length === 0) return [];
  return [...byDrug].flatMap(([drug, lines]): readonly Deviation[] => {
    const [first] = lines;
    if (first === undefined) return [];
    const billLines = current.flatMap((bill) => bill.lines).filter((line) => isBilledAs(line, first));
    const said = sum(lines.map(({ packs }) => packs));
    const scanned = sum(found.scanned.filter(({ line }) => line.drug === drug).map(countOf));
    const billed = sum(billLines.map((line) => billedPacks(line, found, explained)));
    // goods that the supplier billed without codes can only be counted
    const bare = billLines.every(({ codes }) => codes.length === 0);
    const differs = said !== undefined && (bare ? billLines.length > 0 && billed !== undefined && said !== billed : !fitsAny(said, [scanned, billed]));
    const contradiction = billLines.find((line) => contradictsItself(line, found));
    if (!differs && contradiction === undefined) return [];
    const told = contradiction?.packs === undefined ? billed : wholeQuantity(contradiction.packs);
    const counted = differs ? said : scanned;
    return [{
      kind: 'quantity', subject: drug, drug, lineNo: first.lineNo, codes: [], holds: lines.flatMap(({ codes }) => codes.map(({ code }) => code)),
      ...(told === undefined ? {} : { expected: formatQuantity(told) }), ...(counted === undefined ? {} : { actual: formatQuantity(counted) }),
    }];
  });
}

function isBilledAs(billed: BillLine, received: ReceiptFacts['lines'][number]): boolean {
  const named = billed.drug !== undefined || (billed.approvalNo !== undefined && received.approvalNo !== undefined) || (billed.codes.length > 0 && received.prefixes.length > 0);
  return named && isSameProduct(billed, received, billed.codes.map(({ code }) => code));
}

/** A number nobody can work out explains everything: nothing is invented. */
function fitsAny(said: Quantity, counts: readonly (Quantity | undefined)[]): boolean {
  return counts.some((count) => count === undefined || count === said);
}

function countOf({ count }: Pick<Carrier<unknown>, 'count'>): Quantity | undefined {
  return count === undefined ? undefined : wholeQuantity(count);
}

function carriersOf(line: BillLine, found: MatchedPacks): readonly Carrier<BillLine>[] {
  return found.billed.filter((carrier) => carrier.line === line);
}

function billedPacks(line: BillLine, found: MatchedPacks, { cameOtherwise }: Explained): Quantity | undefined {
  if (line.codes.length === 0) return line.packs === undefined ? undefined : wholeQuantity(line.packs);
  const carriers = carriersOf(line, found);
  const elsewhere = carriers.reduce((count, carrier) => count + carrier.packs.filter((pack) => cameOtherwise.has(pack)).length, 0);
  const whole = sum(carriers.map(countOf));
  return whole === undefined ? undefined : whole - wholeQuantity(elsewhere);
}

function contradictsItself(line: BillLine, found: MatchedPacks): boolean {
  if (line.packs === undefined || line.codes.length === 0) return false;
  const counted = sum(carriersOf(line, found).map(countOf));
  return counted !== undefined && counted !== wholeQuantity(line.packs);
}

function sum(quantities: readonly (Quantity | undefined)[]): Quantity | undefined {
  return quantities.reduce<Quantity | undefined>((total, one) => (total === undefined || one === undefined ? undefined : total + one), 0n);
}
