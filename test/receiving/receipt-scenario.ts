import { wholeQuantity } from '../../adapter/domain/quantity.ts';
import { packageTree, type PackageNode } from '../../adapter/packages/package-tree.ts';
import { recalledLots, approvalKey, lotKey } from '../../adapter/recall/recalled-lots.ts';
import type { ReceiptFacts, ReceivedLine } from '../../adapter/receiving/receipt-facts.ts';
import { nodesOfBill, type BilledCode, type BillLine, type CodeStatus, type SupplierBill } from '../../adapter/receiving/supplier-bill.ts';
import { seededRandom } from '../support/seeded-random.ts';

/** A receipt with differences planted in it, and what has to be said about it: `kind subject`. */
export interface PlantedReceipt { readonly facts: ReceiptFacts; readonly planted: readonly string[] }

const PER_INNER = 5;
const INNERS = 2;
const LOT_FAULTS = ['wrong-lot', 'wrong-expiry', 'wrong-drug'] as const;
const CODE_FAULTS = ['not-activated', 'cancelled', 'unknown'] as const;
const KIND: Readonly<Record<CodeStatus, string>> = { 'not-activated': 'not-activated', 'cancelled': 'code-cancelled', 'unknown': 'code-unknown', 'recalled': 'recalled' };

/** One billed package and how it was scanned. */
interface Package { readonly codes: readonly BilledCode[]; readonly top: string; readonly units: readonly string[]; scans: string[]; fault: string | undefined; readonly relation: 'billed' | 'told' | 'none' }

class Scenario {
  readonly random: () => number;
  readonly planted: string[] = [];
  readonly nodes: PackageNode[] = [];
  readonly statuses = new Map<string, CodeStatus>();
  readonly came = new Set<string>();
  readonly lines: ReceivedLine[] = [];
  #serial = 0;

  constructor(seed: number) { this.random = seededRandom(seed); }

  chance(share: number): boolean { return this.random() < share; }
  below(count: number): number { return Math.floor(this.random() * count); }
  pick<T>(from: readonly T[]): T {
    const one = from[this.below(from.length)];
    if (one === undefined) throw new Error('nothing to pick from');
    return one;
  }

  code(drug: number, level: 1 | 2 | 3): string {
    this.#serial += 1;
    return `8999${String(level)}${String(drug).padStart(2, '0')}${String(this.#serial).padStart(9, '0')}0001`;
  }

  /** a single pack, an inner or a case; its relation told by the bill, by the platform, or by nobody (then scanned as it was billed) */
  package(drug: number): Package {
    const level = this.pick([1, 1, 2, 3] as const);
    const top = this.code(drug, level);
    if (level === 1) return { codes: [{ code: top, level }], top, units: [top], scans: [top], fault: undefined, relation: 'billed' };
    const relation = this.pick(['billed', 'told', 'none'] as const);
    const inners = level === 2 ? [top] : Array.from({ length: INNERS }, () => this.code(drug, 2));
    const parts: { code: string; level: 1 | 2; parent: string }[] = level === 2 ? [] : inners.map((code) => ({ code, level: 2, parent: top }));
    for (const parent of inners) for (let at = 0; at < PER_INNER; at += 1) parts.push({ code: this.code(drug, 1), level: 1, parent });
    const packs = inners.length * PER_INNER;
    const units = parts.filter((part) => part.level === 1).map(({ code }) => code);
    const carton: BilledCode = { code: top, level, packs };
    if (relation === 'none') return { codes: [carton], top, units: [top], scans: [top], fault: undefined, relation };
    if (relation === 'told') this.nodes.push(...parts);
    const scans = this.chance(0.5) ? [top] : level === 3 && this.chance(0.5) ? [...inners] : [...units];
    return { codes: relation === 'billed' ? [carton, ...parts] : [carton], top, units, scans, fault: undefined, relation };
  }
}

/** @returns a receipt made from the seed: the same seed, the same receipt */
export function plantReceipt(seed: number): PlantedReceipt {
  const s = new Scenario(seed);
  const drugs = Array.from({ length: 1 + s.below(4) }, (_, at) => at + 1);
  const billLines: BillLine[] = [];
  const recalled: { readonly drug: number; readonly lot: string }[] = [];
  for (const drug of drugs) {
    for (let at = 0, count = 1 + s.below(2); at < count; at += 1) plantLine(s, drug, drugs, { at, billLines, recalled });
  }
  const whole = s.pick(['', '', '', '', '', '', 'no-bill', 'cancelled', 'elsewhere']);
  const bill: SupplierBill = { billNo: 'CK1', supplier: { code: 'S1' }, lines: billLines, ...(whole === 'cancelled' ? { cancelled: true } : {}), addressee: { code: whole === 'elsewhere' ? 'OTHER' : 'H1' } };
  const planted = expectedOf(s, whole);
  const bills = whole === 'no-bill' ? [] : [bill];
  const recalls = recalledLots(recalled.map(({ drug, lot }) => ({ approvalKey: approvalKey(approvalOf(drug)), lotKey: lotKey(lot), recall: { noticeNo: 'ZH1' } })));
  const facts: ReceiptFacts = {
    documentNo: 'RK1', lines: s.lines, bills, tree: packageTree([...bills.flatMap(nodesOfBill), ...s.nodes, ...levelsOf(s.lines)]), recalls,
    isOurs: ({ addressee }) => addressee?.code === 'H1', statusOf: (code) => s.statuses.get(code), cameOtherwise: (code) => s.came.has(code), strayBillOf: () => undefined,
  };
  return { facts, planted };
}

const OF_THE_GOODS = new Set(['not-activated', 'code-cancelled', 'code-unknown', 'recalled']);

function expectedOf(s: Scenario, whole: string): readonly string[] {
  const ofGoods = s.planted.filter((one) => OF_THE_GOODS.has(one.split(' ')[0] ?? ''));
  if (whole === 'no-bill') return ['no-upstream-bill RK1', ...ofGoods];
  // of a withdrawn bill nothing is expected; what no bill ever named is extra all the same
  if (whole === 'cancelled') return ['bill-cancelled CK1', ...ofGoods, ...s.planted.filter((one) => one.startsWith('extra '))];
  return [...(whole === 'elsewhere' ? ['addressed-elsewhere CK1'] : []), ...s.planted];
}

function levelsOf(lines: readonly ReceivedLine[]): readonly PackageNode[] {
  return lines.flatMap((line) => line.codes.map(({ code, level, packs }) => ({ code, ...(level === undefined ? {} : { level }), ...(packs === undefined ? {} : { packs }) })));
}

function approvalOf(drug: number): string { return `国药准字H8999${String(drug).padStart(4, '0')}`; }

interface Planting { readonly at: number; readonly billLines: BillLine[]; readonly recalled: { drug: number; lot: string }[] }

function plantLine(s: Scenario, drug: number, drugs: readonly number[], { at, billLines, recalled }: Planting): void {
  const lot = `L${String(drug)}${String(at)}`;
  const packages = Array.from({ length: 1 + s.below(4) }, () => s.package(drug));
  const broken = s.chance(0.1);
  if (broken) packages.push(brokenCarton(s, drug));
  billLines.push({ lineNo: String(billLines.length + 1), approvalNo: approvalOf(drug), lot, expiresOn: '2028-06-30', codes: packages.flatMap(({ codes }) => codes) });
  for (const one of packages) if (one.fault === undefined && s.chance(0.35)) plantFault(s, drug, drugs, { one, lot, beside: broken });
  const scans = packages.filter(({ fault }) => !LOT_FAULTS.includes(fault as 'wrong-lot')).flatMap((one) => one.scans);
  // a single pack beside a closed carton that did not come may be out of that carton: nobody can tell before it is opened
  const closed = packages.some(({ relation, scans: of, codes }) => relation === 'none' && of.length === 0 && (codes[0]?.level ?? 1) > 1);
  if (!broken && !closed && s.chance(0.2)) scans.push(extra(s, drug));
  addLine(s, { drug, lot, expiresOn: s.pick(['2028-06-30', '2028-06', '2028/6/30']), scans });
  // scanned once more in a second event: counted once
  if (scans.length > 0 && s.chance(0.1)) addLine(s, { drug, lot, expiresOn: '2028-06-30', scans: [s.pick(scans)], packs: 0 });
  const anything = scans.length > 0 || packages.some(({ fault }) => LOT_FAULTS.includes(fault as 'wrong-lot') && fault !== 'wrong-drug');
  if (anything && packages.every(({ fault }) => fault !== 'wrong-drug' && fault !== 'wrong-lot') && scans.length > 0 && s.chance(0.1)) {
    recalled.push({ drug, lot });
    s.planted.push(`recalled YP${String(drug)} ${lotKey(lot)}`);
  }
}

/** Billed as a carton nobody can open any more, scanned as the single packs that are in it. */
function brokenCarton(s: Scenario, drug: number): Package {
  const top = s.code(drug, 2);
  s.nodes.push({ code: top, broken: true });
  s.planted.push(`broken-aggregation ${top}`);
  const scans = Array.from({ length: PER_INNER }, () => s.code(drug, 1));
  const short = s.chance(0.3);
  if (short) {
    scans.pop();
    s.planted.push(`quantity ${top}`);
  }
  return { codes: [{ code: top, level: 2, packs: PER_INNER }], top, units: [top], scans, fault: 'broken', relation: 'none' };
}

function extra(s: Scenario, drug: number): string {
  if (s.chance(0.5)) {
    const code = s.code(drug, 1);
    s.planted.push(`extra ${code}`);
    return code;
  }
  const carton = s.code(drug, 2);
  s.nodes.push(...Array.from({ length: PER_INNER }, (): PackageNode => ({ code: s.code(drug, 1), level: 1, parent: carton })));
  s.planted.push(`extra ${carton}`);
  return carton;
}

function plantFault(s: Scenario, drug: number, drugs: readonly number[], { one, lot, beside }: { readonly one: Package; readonly lot: string; /** of a broken carton: see plantLine */ readonly beside: boolean }): void {
  const others = drugs.filter((other) => other !== drug);
  const fault = s.pick(['missing', 'missing-part', 'came', ...CODE_FAULTS, 'wrong-lot', 'wrong-expiry', ...(others.length > 0 ? ['wrong-drug'] : [])]);
  one.fault = fault;
  if ((fault === 'missing' || fault === 'came') && beside && one.relation === 'none') {
    one.fault = undefined;
  } else if (fault === 'missing' || fault === 'came') {
    one.scans = [];
    if (fault === 'missing') s.planted.push(`missing ${one.top}`);
    else s.came.add(one.top);
  } else if (fault === 'missing-part') {
    const units = one.scans.length === one.units.length && one.units.length > 1;
    if (!units) { one.fault = undefined; return; }
    s.planted.push(`missing ${one.scans.pop() ?? ''}`);
  } else if ((CODE_FAULTS as readonly string[]).includes(fault)) {
    const code = s.pick(one.scans);
    s.statuses.set(code, fault as CodeStatus);
    s.planted.push(`${KIND[fault as CodeStatus]} ${code}`);
  } else {
    for (const code of one.scans) s.planted.push(`${fault} ${code}`);
    const to = fault === 'wrong-drug' ? s.pick(others) : drug;
    addLine(s, { drug: to, lot: fault === 'wrong-lot' ? 'XX9' : lot, expiresOn: fault === 'wrong-expiry' ? '2027-01-31' : '2028-06-30', scans: one.scans });
  }
}

const PREFIXES = (drug: number): readonly string[] => [1, 2, 3].map((level) => `8999${String(level)}${String(drug).padStart(2, '0')}`);

function addLine(s: Scenario, line: { readonly drug: number; readonly lot: string; readonly expiresOn: string; readonly scans: readonly string[]; readonly packs?: number }): void {
  const codes = line.scans.map((code) => {
    const level = Number(code[4]) as 1 | 2 | 3;
    return { code, prefix: code.slice(0, 7), level, packs: [1, PER_INNER, PER_INNER * INNERS][level - 1] ?? 1 };
  });
  const packs = wholeQuantity(line.packs ?? codes.reduce((sum, code) => sum + code.packs, 0));
  s.lines.push({ lineNo: String(s.lines.length + 1), drug: `YP${String(line.drug)}`, approvalNo: approvalOf(line.drug), prefixes: PREFIXES(line.drug), lot: line.lot, expiresOn: line.expiresOn, packs, codes });
}

/** Changes what the document says it received: the count is planted once per drug of which nothing else is. */
export function plantQuantity(receipt: PlantedReceipt): PlantedReceipt {
  const [first] = receipt.facts.lines;
  if (first?.packs === undefined || receipt.facts.bills.every(({ cancelled }) => cancelled === true)) return receipt;
  const lines = receipt.facts.lines.map((line, at) => (at === 0 && line.packs !== undefined ? { ...line, packs: line.packs + wholeQuantity(1_000) } : line));
  return { facts: { ...receipt.facts, lines }, planted: [...receipt.planted, `quantity ${first.drug}`] };
}
