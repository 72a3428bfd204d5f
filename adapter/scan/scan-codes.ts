import { chinaDate, chinaDateTime } from '../domain/china-time.ts';
import { levelOfPrefix, packsInLevel, type Drug } from '../domain/drug.ts';
import type { EventKind } from '../domain/event.ts';
import type { Finding } from '../domain/finding.ts';
import { readTraceCode, type ReadingNote, type TraceCode } from '../domain/trace-code.ts';
import { wholeQuantity, type Quantity } from '../domain/quantity.ts';
import type { CodeRow, CodeState } from '../ledger/code-state.ts';
import { readCodes } from '../ledger/ledger-store.ts';
import { cannotOpen } from '../ledger/split-line.ts';
import { moveWholePack } from '../ledger/whole-packs.ts';
import type { DrugLookup } from '../ports/drug-lookup.ts';
import type { Institution } from '../ports/institution.ts';
import type { Purpose } from '../ports/policy.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import type { RecallBook } from '../recall/recall-book.ts';
import { dispensedElsewhere, NO_MEMBERS, type MembersOf } from './elsewhere.ts';
import { arrivingFindings, drugFindings, leavingFindings, type CodeFacts } from './judge-code.ts';
import type { RuleFinding } from './rule-finding.ts';
import { expired, notInStock, readingNote, scannedTwice, schemeUnknown, splitAlreadyOpen, unusable, wrongLot } from './rules.ts';
import { runAround } from './serial-run.ts';
import { severities, type SeverityOf, type SeverityRules } from './severity.ts';

/** What a code may be scanned for. */
export const SCAN_PURPOSES = ['receive', 'dispense', 'return', 'split', 'transfer'] as const satisfies readonly Purpose[];
export type ScanPurpose = (typeof SCAN_PURPOSES)[number];

export interface ScanRequest {
  /** as the scanner gave it */
  readonly code: string;
  readonly purpose: ScanPurpose;
  /** HIS drug id of the line the pack is for */
  readonly drug?: string | undefined;
  readonly lot?: string | undefined;
  readonly documentNo?: string | undefined;
}

export interface ScanAnswer {
  readonly verdict: 'ok' | 'warn' | 'block';
  readonly findings: readonly Finding[];
  /** canonical code; missing when the scan is none */
  readonly code?: string;
  readonly scheme?: TraceCode['scheme'];
  readonly state?: CodeState;
  readonly level?: number;
  readonly drug?: string;
  readonly drugName?: string;
  readonly lot?: string;
  readonly expiresOn?: string;
  readonly location?: string;
  readonly unitsTotal?: Quantity;
  readonly unitsLeft?: Quantity;
  readonly smallestUnit?: string;
}

/** What scans are judged by; everything is read through one transaction's `q`, nothing is written and no network is asked. */
export interface Scanning {
  readonly q: SqlQuery;
  readonly institution: Institution;
  readonly catalogue: DrugLookup;
  readonly recalls: RecallBook;
  readonly policy?: SeverityRules | undefined;
  readonly members?: MembersOf | undefined;
  readonly nowMs: number;
}

const KIND: Readonly<Record<Exclude<ScanPurpose, 'split'>, EventKind>> = { receive: 'receipt', dispense: 'dispense', return: 'dispense-return', transfer: 'transfer-out' };

/**
 * Judges codes before anything is done with them, by the same rules that judge every dispense afterwards.
 * @returns one answer per request, in order
 */
export async function scanCodes(scanning: Scanning, requests: readonly ScanRequest[]): Promise<readonly ScanAnswer[]> {
  const { q, institution: { code: institution }, nowMs } = scanning;
  const readings = requests.map((request) => readTraceCode(request.code));
  const codes = [...new Set(readings.flatMap((reading) => (reading.kind === 'codes' ? reading.codes.map((code) => code.text) : [])))];
  const rows = await readCodes(q, institution, codes);
  const drugIds = new Set([...requests.map(({ drug }) => drug), ...[...rows.values()].map(({ drug }) => drug)].filter((id) => id !== undefined));
  const known: Known = {
    rows,
    drugs: await scanning.catalogue.lookup(q, institution, [...drugIds]),
    recalls: await scanning.recalls.lots(q, institution, nowMs),
    elsewhere: await dispensedElsewhere(q, (scanning.members ?? NO_MEMBERS)(institution), codes),
  };
  const answers: ScanAnswer[] = [];
  for (const [at, request] of requests.entries()) {
    const reading = readings[at];
    const severityOf = severities(scanning.policy, { stage: 'scan', institution: scanning.institution, purpose: request.purpose, atMs: nowMs });
    if (reading === undefined || reading.kind === 'unusable') {
      answers.push(answer([unusable(reading?.reason ?? 'empty')], severityOf));
      continue;
    }
    const [code, ...others] = reading.codes;
    // which of several is meant cannot be told
    if (code === undefined || others.length > 0) answers.push(answer([unusable('several-codes')], severityOf));
    else answers.push(await scanOne(scanning, known, { request, code, severityOf, notes: notesOf(reading.notes, rows.get(code.text)) }));
  }
  return answers;
}

/** A code the ledger has seen is the code it looks like: one in 16,000 ends in zeros by chance. */
function notesOf(notes: readonly ReadingNote[], stored: CodeRow | undefined): readonly RuleFinding[] {
  const seen = stored !== undefined && stored.state !== 'unseen';
  return notes.filter((note) => !(seen && note === 'looks-rounded')).map((note) => readingNote(note));
}

interface Known {
  readonly rows: ReadonlyMap<string, CodeRow>;
  readonly drugs: ReadonlyMap<string, Drug>;
  readonly recalls: CodeFacts['recalls'];
  readonly elsewhere: ReadonlySet<string>;
}

interface Scan { readonly request: ScanRequest; readonly code: TraceCode; readonly severityOf: SeverityOf; readonly notes: readonly RuleFinding[] }

async function scanOne(scanning: Scanning, known: Known, { request, code, severityOf, notes }: Scan): Promise<ScanAnswer> {
  const { q, institution, nowMs } = scanning;
  const stored = known.rows.get(code.text);
  const drugId = request.drug ?? stored?.drug;
  const drug = drugId === undefined ? undefined : known.drugs.get(drugId);
  const row = stored === undefined || stored.state === 'unseen' ? unseenRow(code, drug, stored) : stored;
  const unreceived = row.receivedCount === 0 && (request.purpose === 'dispense' || request.purpose === 'split' || request.purpose === 'transfer');
  const facts: CodeFacts = {
    row, line: { drugId: request.drug, drug, lot: request.lot, on: chinaDate(nowMs) }, recalls: known.recalls, elsewhere: known.elsewhere.has(code.text), nowMs,
    neighbours: unreceived ? await runAround(q, institution.code, code.text) : 0,
  };
  const scheme = schemeUnknown(code);
  const place = placeFindings(request.purpose, row);
  const found = [
    ...notes, ...(scheme === undefined ? [] : [scheme]), ...await withHistory(scanning, request, row, place),
    ...drugFindings(code, row, facts.line), ...findingsFor(request.purpose, facts),
  ];
  return { ...answer(found, severityOf, code.text), ...shown(code, row, stored?.drug === undefined ? drug : known.drugs.get(stored.drug)) };
}

/** A code the ledger has no life of, as the code itself and the drug of the line describe it. */
function unseenRow(code: TraceCode, drug: Drug | undefined, stored: CodeRow | undefined): CodeRow {
  const level = (drug === undefined ? undefined : levelOfPrefix(drug, code.productResourceCode)) ?? 1;
  return {
    code: code.text, scheme: code.scheme, prefix: code.productResourceCode, state: 'unseen', drug: undefined, lot: code.lot, producedOn: code.producedOn, expiresOn: code.expiresOn,
    level, location: undefined, unitsTotal: drug?.unitsPerPack === undefined ? undefined : wholeQuantity(drug.unitsPerPack * packsInLevel(drug, level)), unitsLeft: undefined,
    openedAt: undefined, lastEventNo: 0, receivedCount: 0, soldCount: 0, returnedCount: 0, warning: stored?.warning, warnedAt: stored?.warnedAt,
  };
}

/** Where the pack is, against what is to be done with it: the ledger's own decision. */
function placeFindings(purpose: ScanPurpose, row: CodeRow): readonly RuleFinding[] {
  if (purpose !== 'split') {
    const { finding } = moveWholePack(KIND[purpose], row);
    return finding === undefined ? [] : [finding];
  }
  if (row.state === 'opened') return [splitAlreadyOpen()];
  if (row.state === 'unseen') return [notInStock()];
  return row.state === 'in-stock' ? [] : [cannotOpen(row)];
}

function findingsFor(purpose: ScanPurpose, facts: CodeFacts): readonly RuleFinding[] {
  const { row, line } = facts;
  switch (purpose) {
    case 'dispense': return leavingFindings(facts);
    case 'split': return leavingFindings({ ...facts, split: row.state === 'opened' });
    case 'transfer': return leavingFindings({ ...facts, split: true });
    case 'return': return [wrongLot(row, line)].filter((one) => one !== undefined);
    case 'receive': return [...arrivingFindings(facts), ...[expired(row, line), wrongLot(row, line)].filter((one) => one !== undefined)];
  }
}

/** primary key of event */
export const SELECT_LAST_EVENT = 'SELECT kind, occurred_at, location, document_no FROM event WHERE institution = ? AND event_no = ?';

/** When and where a pack went that is gone; never to whom. Scanned twice for one document it is no second dispense. */
async function withHistory({ q, institution }: Scanning, request: ScanRequest, row: CodeRow, found: readonly RuleFinding[]): Promise<readonly RuleFinding[]> {
  if (row.state !== 'dispensed' || !found.some(({ code }) => code === 'CODE_ALREADY_DISPENSED')) return found;
  const last = await q.get<{ kind: string; occurred_at: number; location: string | null; document_no: string | null }>(SELECT_LAST_EVENT, [institution.code, row.lastEventNo]);
  if (last === undefined) return found;
  if (request.documentNo !== undefined && last.kind === 'dispense' && last.document_no === request.documentNo) return [scannedTwice()];
  const when = `${chinaDateTime(last.occurred_at).slice(0, 16)}${last.location === null ? '' : `，${last.location}`}`;
  return found.map((one) => (one.code === 'CODE_ALREADY_DISPENSED' ? { ...one, detail: `${one.detail}（${when}）` } : one));
}

function answer(found: readonly RuleFinding[], severityOf: SeverityOf, traceCode?: string): Pick<ScanAnswer, 'verdict' | 'findings'> {
  const findings = found.map((one): Finding => ({ code: one.code, severity: severityOf(one), lineNo: '', detail: one.detail, ...(traceCode === undefined ? {} : { traceCode }) }));
  const worst = (severity: string): boolean => findings.some((finding) => finding.severity === severity);
  return { verdict: worst('block') ? 'block' : worst('warn') ? 'warn' : 'ok', findings };
}

function shown(code: TraceCode, row: CodeRow, drug: Drug | undefined): Omit<ScanAnswer, 'verdict' | 'findings'> {
  const members = {
    code: code.text, scheme: code.scheme, state: row.state, level: row.level, drug: row.drug ?? drug?.drug, drugName: drug?.name, lot: row.lot, expiresOn: row.expiresOn, location: row.location,
    unitsTotal: row.unitsTotal, unitsLeft: row.unitsLeft, smallestUnit: drug?.smallestUnit,
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
