import type { PackageTree } from '../packages/package-tree.ts';
import type { ReceiptFacts, ReceivedLine } from './receipt-facts.ts';
import { isSameProduct, lotsDiffer } from './same-product.ts';
import type { BillLine, SupplierBill } from './supplier-bill.ts';

/** A code as it was billed or scanned, with the packs it stands for. */
export interface Carrier<Line> {
  readonly code: string;
  readonly line: Line;
  readonly bill?: SupplierBill;
  /** the smallest packs; the code itself where its content is not known */
  readonly packs: readonly string[];
  /** undefined = content known */
  readonly closed?: 'pending' | 'broken';
  /** smallest packs it holds, where that is known */
  readonly count: number | undefined;
}

export interface MatchedPacks {
  readonly billed: readonly Carrier<BillLine>[];
  readonly scanned: readonly Carrier<ReceivedLine>[];
  /** pack → who billed and who scanned it */
  readonly matched: ReadonlyMap<string, { readonly billed: Carrier<BillLine>; readonly scanned: Carrier<ReceivedLine> }>;
  readonly notScanned: ReadonlySet<string>;
  readonly notBilled: ReadonlySet<string>;
  /** codes that cannot be judged before some carton is opened */
  readonly undecided: ReadonlySet<string>;
  /** cartons whose aggregation does not hold; `counted` packs were taken on count alone */
  readonly broken: readonly { readonly code: string; readonly counted: number | undefined; readonly declared: number | undefined; readonly line: BillLine | ReceivedLine }[];
}

/**
 * Compares what was billed with what was scanned: first at the level scanned, then at the smallest level. A carton that nobody can open yet
 * leaves it, and the single packs that may be in it, undecided; one that never will be opened is compared by count with single packs of its
 * product (mah.md 5.3, C12, C16).
 */
export function matchPacks(facts: ReceiptFacts): MatchedPacks {
  const billed = billedCarriers(facts.bills.filter(({ cancelled }) => cancelled !== true), facts.tree);
  const scanned = carriersOf(facts.lines.flatMap((line) => line.codes.map((code) => ({ code: code.code, line }))), facts.tree);
  const wanted = packsOf(billed);
  const got = packsOf(scanned);
  const matched = new Map<string, { readonly billed: Carrier<BillLine>; readonly scanned: Carrier<ReceivedLine> }>();
  for (const [pack, one] of wanted) {
    const other = got.get(pack);
    if (other !== undefined) matched.set(pack, { billed: one, scanned: other });
  }
  const notScanned = new Set([...wanted.keys()].filter((pack) => !matched.has(pack)));
  const notBilled = new Set([...got.keys()].filter((pack) => !matched.has(pack)));
  for (const carton of inOrder(billedCarriers(facts.bills.filter(({ cancelled }) => cancelled === true), facts.tree))) forgive(carton, facts, got, notBilled);
  const open = { notScanned, notBilled, undecided: new Set<string>(), broken: [] as MatchedPacks['broken'][number][] };
  for (const carton of inOrder(billed)) if (carton.closed !== undefined && notScanned.has(carton.code)) openBilled(carton, facts, got, open);
  for (const carton of inOrder(scanned)) if (carton.closed !== undefined && notBilled.has(carton.code)) openScanned(carton, facts, wanted, open);
  return { billed, scanned, matched, ...open };
}

interface Open { readonly notScanned: Set<string>; readonly notBilled: Set<string>; readonly undecided: Set<string>; readonly broken: MatchedPacks['broken'][number][] }

/** The supplier billed a closed carton; single packs of its product that belong to no other may be its content. */
function openBilled(carton: Carrier<BillLine>, facts: ReceiptFacts, got: ReadonlyMap<string, Carrier<ReceivedLine>>, open: Open): void {
  const loose = looseFor(carton, facts, got, open.notBilled);
  if (loose.length === 0) return;
  open.notScanned.delete(carton.code);
  if (carton.closed === 'pending') {
    for (const code of [carton.code, ...loose]) open.undecided.add(code);
    for (const pack of loose) open.notBilled.delete(pack);
    return;
  }
  const counted = loose.slice(0, carton.count ?? loose.length);
  for (const pack of counted) open.notBilled.delete(pack);
  open.broken.push({ code: carton.code, counted: counted.length, declared: carton.count, line: carton.line });
}

/**
 * We scanned a closed carton, the supplier billed single packs: those that nobody scanned may be its content. Where single packs of its product
 * are billed at all, the carton is not called extra: they may all have been scanned beside it.
 */
function openScanned(carton: Carrier<ReceivedLine>, facts: ReceiptFacts, wanted: ReadonlyMap<string, Carrier<BillLine>>, open: Open): void {
  const possible = [...wanted].filter(([pack, by]) => by.closed === undefined && mayHold(carton.code, pack, { billed: by.line, received: carton.line, tree: facts.tree })).map(([pack]) => pack).sort();
  if (possible.length === 0) return;
  open.notBilled.delete(carton.code);
  const loose = possible.filter((pack) => open.notScanned.has(pack));
  for (const pack of loose.slice(0, carton.count ?? loose.length)) {
    open.notScanned.delete(pack);
    open.undecided.add(pack);
  }
  if (carton.closed === 'pending') open.undecided.add(carton.code);
  else open.broken.push({ code: carton.code, counted: undefined, declared: carton.count, line: carton.line });
}

/** Single packs that nobody billed and that may be in the closed carton; in one order, so that the order of scanning does not matter. */
function looseFor(carton: Carrier<BillLine>, { tree }: ReceiptFacts, got: ReadonlyMap<string, Carrier<ReceivedLine>>, notBilled: ReadonlySet<string>): readonly string[] {
  return [...notBilled].filter((pack) => {
    const by = got.get(pack);
    return by !== undefined && by.closed === undefined && mayHold(carton.code, pack, { billed: carton.line, received: by.line, tree });
  }).sort();
}

/** What a withdrawn bill names is not extra: the withdrawal itself is what is wrong with it. */
function forgive(carton: Carrier<BillLine>, facts: ReceiptFacts, got: ReadonlyMap<string, Carrier<ReceivedLine>>, notBilled: Set<string>): void {
  const came = carton.packs.filter((pack) => notBilled.delete(pack));
  if (carton.closed === undefined || came.length > 0) return;
  const loose = looseFor(carton, facts, got, notBilled);
  for (const pack of loose.slice(0, carton.count ?? loose.length)) notBilled.delete(pack);
}

/** Whether the pack may be in the carton: it is known to be, or nobody knows in which one it is and product and lot agree. */
function mayHold(carton: string, pack: string, { billed, received, tree }: { readonly billed: BillLine; readonly received: ReceivedLine; readonly tree: PackageTree }): boolean {
  const around = tree.ancestorsOf(pack);
  return around.includes(carton) || (around.length === 0 && isSameProduct(billed, received, [pack]) && !lotsDiffer(billed.lot, received.lot));
}

function billedCarriers(bills: readonly SupplierBill[], tree: PackageTree): Carrier<BillLine>[] {
  return carriersOf(bills.flatMap((bill) => bill.lines.flatMap((line) => line.codes.map(({ code }) => ({ code, line, bill })))), tree);
}

/** Those that will never be opened claim their packs before those that may be; otherwise by code, whatever the order of the bill. */
function inOrder<Line>(carriers: readonly Carrier<Line>[]): readonly Carrier<Line>[] {
  const rank = ({ closed }: Carrier<Line>): number => (closed === 'pending' ? 1 : 0);
  return [...carriers].sort((a, b) => rank(a) - rank(b) || (a.code < b.code ? -1 : 1));
}

function carriersOf<Line>(named: readonly { readonly code: string; readonly line: Line; readonly bill?: SupplierBill }[], tree: PackageTree): Carrier<Line>[] {
  const codes = new Set(named.map(({ code }) => code));
  const carriers = new Map<string, Carrier<Line>>();
  for (const one of named) {
    // a package named together with one around it is counted in that one, unless that one is closed
    const around = tree.ancestorsOf(one.code).find((above) => codes.has(above) && tree.expand(above).kind === 'whole');
    if (carriers.has(one.code) || around !== undefined) continue;
    const inside = tree.expand(one.code);
    const declared = tree.node(one.code)?.packs;
    carriers.set(one.code, inside.kind === 'whole' ? { ...one, packs: inside.units, count: inside.units.length } : { ...one, packs: [one.code], closed: inside.kind, count: declared });
  }
  return [...carriers.values()];
}

function packsOf<Line>(carriers: readonly Carrier<Line>[]): Map<string, Carrier<Line>> {
  const packs = new Map<string, Carrier<Line>>();
  for (const carrier of carriers) for (const pack of carrier.packs) if (!packs.has(pack)) packs.set(pack, carrier);
  return packs;
}
