import type { Drug } from '../domain/drug.ts';
import { levelOfPrefix, packsInLevel } from '../domain/drug.ts';
import { readTraceCode, type TraceCode } from '../domain/trace-code.ts';
import { convertQuantity } from '../domain/unit-conversion.ts';
import type { CodeRow } from '../ledger/code-state.ts';
import { readCodes } from '../ledger/ledger-store.ts';
import type { PackageNode, PackageTree } from '../packages/package-tree.ts';
import { loadTree } from '../packages/tree-store.ts';
import type { DrugLookup } from '../ports/drug-lookup.ts';
import type { Institution } from '../ports/institution.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import type { RecallBook } from '../recall/recall-book.ts';
import { billsNamed, billsOfCodes, loadBill } from './bill-store.ts';
import type { ReceiptFacts, ReceivedCode, ReceivedLine } from './receipt-facts.ts';
import { loadReceiptEvents, type ReceiptEvent } from './receipt-events.ts';
import { mayBeSame, nodesOfBill, supplierKey, type BillParty, type CodeStatus, type SupplierBill } from './supplier-bill.ts';

export interface FactsDeps { readonly catalogue: DrugLookup; readonly recalls: RecallBook }

export interface LoadedReceipt {
  readonly events: readonly ReceiptEvent[];
  readonly facts: ReceiptFacts;
  /** what the ledger holds about the codes of bills and scans */
  readonly rows: ReadonlyMap<string, CodeRow>;
}

/** Everything a receipt is compared by, from the store. @returns undefined when there never was such a receipt */
export async function loadReceiptFacts(q: SqlQuery, deps: FactsDeps, about: { readonly institution: Institution; readonly documentNo: string; readonly nowMs: number }): Promise<LoadedReceipt | undefined> {
  const { institution: { code: institution }, documentNo } = about;
  const events = await loadReceiptEvents(q, institution, documentNo);
  if (events === undefined) return undefined;
  const drugs = await deps.catalogue.lookup(q, institution, [...new Set(events.flatMap(({ event }) => event.lines.map(({ drug }) => drug)))]);
  const lines = events.flatMap((one) => linesOf(one, drugs));
  const scanned = lines.flatMap((line) => line.codes);
  const told = scanned.filter(({ level }) => level !== undefined).map(({ code, level, packs }): PackageNode => ({ code, ...(level === undefined ? {} : { level }), ...(packs === undefined ? {} : { packs }) }));
  const near = await loadTree(q, institution, scanned.map(({ code }) => code), told);
  const { bills, strays } = await findBills(q, about, { events, scanned: scanned.map(({ code }) => code), tree: near });
  const billed = bills.flatMap(nodesOfBill);
  const tree = await loadTree(q, institution, [...scanned, ...billed].map(({ code }) => code), [...billed, ...told]);
  const rows = await readCodes(q, institution, [...everyCode(tree, [...scanned, ...billed].map(({ code }) => code))]);
  const recalls = await deps.recalls.lots(q, institution, about.nowMs);
  const isScanned = new Set(scanned.map(({ code }) => code));
  return {
    events, rows,
    facts: {
      documentNo, lines, bills, tree, recalls,
      isOurs: (bill) => isOurs(bill.addressee, about.institution),
      statusOf: (code) => statusOf(rows.get(code)),
      cameOtherwise: (code) => !isScanned.has(code) && (rows.get(code)?.receivedCount ?? 0) > 0,
      strayBillOf: (code) => strays.get(code),
    },
  };
}

function linesOf({ event, excluded }: ReceiptEvent, drugs: ReadonlyMap<string, Drug>): readonly ReceivedLine[] {
  return event.lines.filter(({ lineNo }) => !excluded.has(lineNo)).map((line): ReceivedLine => {
    const drug = drugs.get(line.drug);
    const converted = drug === undefined ? undefined : convertQuantity(drug, line.quantity, line.unit);
    const packs = converted === undefined || 'problem' in converted ? undefined : converted.packs;
    const read = line.codes.flatMap((text) => { const reading = readTraceCode(text); return reading.kind === 'codes' ? reading.codes : []; });
    const first = read[0];
    const lot = line.lot ?? first?.lot;
    const expiresOn = line.expiresOn ?? first?.expiresOn;
    return {
      lineNo: line.lineNo, drug: line.drug, prefixes: [drug?.prefixUnit, drug?.prefixInner, drug?.prefixCase, drug?.gtin].filter((prefix) => prefix !== undefined),
      ...(drug?.approvalNo === undefined ? {} : { approvalNo: drug.approvalNo }), ...(lot === undefined ? {} : { lot }), ...(expiresOn === undefined ? {} : { expiresOn }),
      ...(packs === undefined ? {} : { packs }), codes: read.map((code) => receivedCode(code, drug)),
    };
  });
}

function receivedCode(code: TraceCode, drug: Drug | undefined): ReceivedCode {
  const level = drug === undefined ? undefined : levelOfPrefix(drug, code.productResourceCode);
  const known = level === 2 ? drug?.packsPerInner : level === 3 ? drug?.packsPerCase : 1;
  return { code: code.text, prefix: code.productResourceCode, ...(level === undefined ? {} : { level }), ...(level === undefined || known === undefined ? {} : { packs: packsInLevel(drug, level) }) };
}

interface Scans { readonly events: readonly ReceiptEvent[]; readonly scanned: readonly string[]; readonly tree: PackageTree }

/**
 * The bills a receipt answers to: those its document names, and those whose goods it brought. A bill of which only a stray code came is
 * none: all its other codes would be called missing.
 */
async function findBills(q: SqlQuery, { institution: { code: institution }, documentNo }: { readonly institution: Institution; readonly documentNo: string }, { events, scanned, tree }: Scans): Promise<{ readonly bills: readonly SupplierBill[]; readonly strays: ReadonlyMap<string, string> }> {
  const numbers = new Set(events.flatMap(({ event }) => [event.documentNo, event.deliveryNoteNo, event.invoiceNo]).filter((number) => number !== undefined));
  const suppliers = events.map(({ event }): BillParty => ({ ...(event.counterparty?.code === undefined ? {} : { code: event.counterparty.code }), ...(event.counterparty?.name === undefined ? {} : { name: event.counterparty.name }) }));
  const bills = (await billsNamed(q, institution, { numbers: [...numbers], documentNo })).filter((bill) => bill.documentNo === documentNo || suppliers.every((supplier) => mayBeSame(bill.supplier, supplier)));
  const found = new Map(bills.map((bill) => [keyOf(bill), bill]));
  const strays = new Map<string, string>();
  const scans = new Set(scanned);
  for (const { supplier, billNo, codes } of await billsOfCodes(q, institution, [...everyCode(tree, scanned)])) {
    if (found.has(`${supplier} ${billNo}`)) continue;
    const bill = await loadBill(q, institution, { supplier, billNo });
    if (bill === undefined) continue;
    const ofBill = bill.lines.reduce((sum, line) => sum + line.codes.length, 0);
    const ofScans = [...scans].filter((code) => codes.includes(code) || [...tree.ancestorsOf(code), ...tree.childrenOf(code)].some((near) => codes.includes(near))).length;
    const meant = codes.length * 2 >= ofBill || (bills.length === 0 && ofScans * 2 >= scans.size && ofScans > 1);
    const elsewhere = bill.documentNo !== undefined && bill.documentNo !== documentNo;
    if (meant && !elsewhere && (bills.length === 0 || bill.documentNo === undefined)) found.set(`${supplier} ${billNo}`, bill);
    else for (const code of codes) for (const one of [code, ...tree.childrenOf(code)]) strays.set(one, billNo);
  }
  return { bills: [...found.values()], strays };
}

function keyOf(bill: SupplierBill): string {
  return `${supplierKey(bill.supplier)} ${bill.billNo}`;
}

/** The codes with everything around and in them. */
function everyCode(tree: PackageTree, codes: readonly string[]): ReadonlySet<string> {
  const all = new Set<string>();
  const add = (code: string): void => {
    if (all.has(code)) return;
    all.add(code);
    for (const child of tree.childrenOf(code)) add(child);
  };
  for (const code of codes) {
    add(code);
    for (const above of tree.ancestorsOf(code)) all.add(above);
  }
  return all;
}

function isOurs(addressee: BillParty | undefined, institution: Institution): boolean {
  if (addressee === undefined) return true;
  const own = [institution.code, institution.mah?.entId, institution.mah?.refEntId].filter((code) => code !== undefined);
  if (addressee.code !== undefined && own.includes(addressee.code)) return true;
  // suppliers number their customers as they like: a foreign code decides only where no name does
  return addressee.name === undefined ? addressee.code === undefined : mayBeSame({ name: addressee.name }, { name: institution.name });
}

/** The last word of a platform, however old: goods stay suspect until it says otherwise. */
function statusOf(row: CodeRow | undefined): CodeStatus | undefined {
  if (row?.warning === undefined) return undefined;
  const types: unknown = JSON.parse(row.warning);
  if (!Array.isArray(types)) return undefined;
  return types.includes(6) ? 'cancelled' : types.includes(5) ? 'unknown' : types.includes(4) ? 'not-activated' : undefined;
}
