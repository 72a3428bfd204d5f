import { formatQuantity } from '../domain/quantity.ts';
import { overlapsIn, type Overlap } from '../packages/package-tree.ts';
import { compareQuantities } from './compare-quantities.ts';
import { compareStatuses } from './compare-statuses.ts';
import { deviationKey, type Deviation } from './deviation.ts';
import { matchPacks, type MatchedPacks } from './match-packs.ts';
import type { ReceiptFacts } from './receipt-facts.ts';
import { daysDiffer, isSameProduct, lotsDiffer } from './same-product.ts';

export type ReceiptState = 'matched' | 'mismatched' | 'pending' | 'no-bill' | 'voided';

export interface ReceiptComparison {
  readonly state: ReceiptState;
  /** codes as scanned whose packs are all billed */
  readonly matched: readonly string[];
  /** codes that cannot be judged before a carton is opened */
  readonly pending: readonly string[];
  /** scanned in more than one line or event: counted once */
  readonly repeated: readonly string[];
  /** scanned together with a package around them: counted once */
  readonly overlaps: readonly Overlap[];
  /** billed here, received under another document */
  readonly cameOtherwise: readonly string[];
  readonly deviations: readonly Deviation[];
  readonly packs: { readonly billed: number; readonly scanned: number; readonly matched: number };
}

/**
 * Compares a receipt with the supplier's bills. Pure: the same facts give the same deviations, each once, whatever came first.
 * Sources: 闽药监规〔2026〕5号 二(三)2; Hebei plan 二(二)3; mah.md 5, 15.
 */
export function compareReceipt(facts: ReceiptFacts): ReceiptComparison {
  const all = facts.lines.flatMap((line) => line.codes.map(({ code }) => code));
  const nothing = { matched: [], pending: [], repeated: repeatedIn(all), overlaps: overlapsIn(all, facts.tree), cameOtherwise: [], packs: { billed: 0, scanned: 0, matched: 0 } };
  if (facts.lines.length === 0) return { ...nothing, state: 'voided', deviations: [] };
  const found = matchPacks(facts);
  const statuses = compareStatuses(facts, found);
  if (facts.bills.length === 0) {
    const none: Deviation = { kind: 'no-upstream-bill', subject: facts.documentNo, codes: [], holds: [...new Set(all)] };
    return { ...nothing, state: 'no-bill', deviations: [none, ...statuses] };
  }
  const cameOtherwise = [...found.notScanned].filter((pack) => [pack, ...facts.tree.ancestorsOf(pack)].some(facts.cameOtherwise));
  const missing = new Set([...found.notScanned].filter((pack) => !cameOtherwise.includes(pack)));
  const deviations = unique([
    ...billDeviations(facts), ...missingOf(found, missing), ...extraOf(facts, found), ...lineDeviations(found), ...brokenOf(found),
    ...statuses, ...compareQuantities(facts, found, { missing, cameOtherwise: new Set(cameOtherwise) }),
  ]);
  const pending = [...found.undecided];
  return {
    ...nothing, state: deviations.length > 0 ? 'mismatched' : pending.length > 0 ? 'pending' : 'matched', pending, cameOtherwise, deviations,
    matched: found.scanned.filter(({ packs }) => packs.every((pack) => found.matched.has(pack))).map(({ code }) => code),
    packs: { billed: found.billed.reduce((sum, { count }) => sum + (count ?? 1), 0), scanned: found.scanned.reduce((sum, { count }) => sum + (count ?? 1), 0), matched: found.matched.size },
  };
}

function repeatedIn(codes: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return [...new Set(codes.filter((code) => seen.size === seen.add(code).size))];
}

/** Each once: a code that two bills name is one matter. */
function unique(deviations: readonly Deviation[]): readonly Deviation[] {
  const first = new Map<string, Deviation>();
  for (const one of deviations) if (!first.has(deviationKey(one))) first.set(deviationKey(one), one);
  return [...first.values()];
}

function billDeviations(facts: ReceiptFacts): readonly Deviation[] {
  const scanned = new Set(facts.lines.flatMap((line) => line.codes.map(({ code }) => code)));
  return facts.bills.flatMap((bill): readonly Deviation[] => {
    const codes = billCodesScanned(facts, bill.lines.flatMap((line) => line.codes.map(({ code }) => code)), scanned);
    if (bill.cancelled === true) return [{ kind: 'bill-cancelled', subject: bill.billNo, billNo: bill.billNo, codes: [], holds: codes }];
    if (facts.isOurs(bill)) return [];
    const addressee = bill.addressee?.name ?? bill.addressee?.code ?? '';
    return [{ kind: 'addressed-elsewhere', subject: bill.billNo, billNo: bill.billNo, codes: [], holds: codes, actual: addressee }];
  });
}

function billCodesScanned({ tree }: ReceiptFacts, billed: readonly string[], scanned: ReadonlySet<string>): readonly string[] {
  const named = new Set(billed);
  return [...scanned].filter((code) => named.has(code) || tree.ancestorsOf(code).some((above) => named.has(above)) || tree.childrenOf(code).some((child) => named.has(child)));
}

/** A billed package of which nothing came is named whole; one of which something came, by the packs that did not. */
function missingOf(found: MatchedPacks, missing: ReadonlySet<string>): readonly Deviation[] {
  return found.billed.flatMap(({ code, packs, line, bill }) => {
    const gone = packs.filter((pack) => missing.has(pack));
    const named = gone.length === packs.length ? (gone.length === 0 ? [] : [code]) : gone;
    return named.map((subject): Deviation => ({
      kind: 'missing', subject, codes: [subject], holds: [], ...(bill === undefined ? {} : { billNo: bill.billNo }),
      ...(line.drug === undefined ? {} : { drug: line.drug }), ...(line.lot === undefined ? {} : { lot: line.lot }), ...(line.drugName === undefined ? {} : { expected: line.drugName }),
    }));
  });
}

function extraOf(facts: ReceiptFacts, found: MatchedPacks): readonly Deviation[] {
  return found.scanned.flatMap(({ code, packs, line }) => {
    const more = packs.filter((pack) => found.notBilled.has(pack));
    const named = more.length === packs.length ? (more.length === 0 ? [] : [code]) : more;
    return named.map((subject): Deviation => {
      const stray = facts.strayBillOf(subject) ?? facts.strayBillOf(code);
      return { kind: 'extra', subject, codes: [subject], holds: [subject], lineNo: line.lineNo, drug: line.drug, ...(line.lot === undefined ? {} : { lot: line.lot }), ...(stray === undefined ? {} : { expected: `上游单据 ${stray}` }) };
    });
  });
}

/** Drug, lot and expiry of what was billed against the line it was received in; of a wrong drug nothing else is said. */
function lineDeviations(found: MatchedPacks): readonly Deviation[] {
  const deviations = new Map<string, Deviation>();
  for (const [pack, { billed: { line: told, bill }, scanned: { code, line } }] of found.matched) {
    const about = { subject: code, lineNo: line.lineNo, drug: line.drug, ...(bill === undefined ? {} : { billNo: bill.billNo }) };
    const add = (kind: Deviation['kind'], expected: string | undefined, actual: string | undefined): void => {
      const earlier = deviations.get(`${kind} ${code}`);
      const codes = [...(earlier?.codes ?? []), pack];
      deviations.set(`${kind} ${code}`, { kind, ...about, codes, holds: [code], ...(line.lot === undefined ? {} : { lot: line.lot }), ...(expected === undefined ? {} : { expected }), ...(actual === undefined ? {} : { actual }) });
    };
    if (!isSameProduct(told, line, [pack, code])) {
      add('wrong-drug', told.drug ?? told.approvalNo ?? told.drugName, line.drug);
      continue;
    }
    if (lotsDiffer(told.lot, line.lot)) add('wrong-lot', told.lot, line.lot);
    if (daysDiffer(told.expiresOn, line.expiresOn)) add('wrong-expiry', told.expiresOn, line.expiresOn);
  }
  return [...deviations.values()];
}

function brokenOf(found: MatchedPacks): readonly Deviation[] {
  return found.broken.flatMap(({ code, counted, declared, line }): readonly Deviation[] => {
    const broken: Deviation = { kind: 'broken-aggregation', subject: code, codes: [code], holds: counted === undefined ? [code] : [], lineNo: line.lineNo, ...(line.drug === undefined ? {} : { drug: line.drug }) };
    if (counted === undefined || declared === undefined || counted === declared) return [broken];
    const [expected, actual] = [declared, counted].map((packs) => formatQuantity(BigInt(packs) * 1_000_000n));
    return [broken, { ...broken, kind: 'quantity', ...(expected === undefined ? {} : { expected }), ...(actual === undefined ? {} : { actual }) }];
  });
}
