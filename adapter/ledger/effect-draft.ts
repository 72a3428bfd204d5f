import { chinaDate } from '../domain/china-time.ts';
import type { Drug, PackageLevel } from '../domain/drug.ts';
import { levelOfPrefix, packsInLevel } from '../domain/drug.ts';
import type { EventLine, TraceEvent } from '../domain/event.ts';
import type { Finding, FindingCode, FindingSeverity } from '../domain/finding.ts';
import type { FaultReason } from '../domain/outcome.ts';
import { formatQuantity, wholeQuantity, type Quantity } from '../domain/quantity.ts';
import type { TraceCode } from '../domain/trace-code.ts';
import type { ReadingNote } from '../domain/trace-reading.ts';
import type { LineCode } from '../ports/destination.ts';
import { NO_RECALLS, type RecalledLots } from '../recall/recalled-lots.ts';
import type { RuleFinding } from '../scan/rule-finding.ts';
import { severities, type SeverityOf } from '../scan/severity.ts';
import { countMove, type CodeMove, type CodeRow } from './code-state.ts';
import type { SplitTake } from './split-stock.ts';

/** A trace code as it was read from one scan, with what had to be done to read it. */
export interface ScannedCode extends TraceCode {
  readonly notes?: readonly ReadingNote[];
}

/** A line with its scans read, its drug found and its quantity converted. */
export interface PreparedLine {
  readonly line: EventLine;
  readonly drug: Drug | undefined;
  /** usable codes, each once */
  readonly codes: readonly ScannedCode[];
  /** smallest units; undefined when the unit cannot be converted */
  readonly units: Quantity | undefined;
  readonly packs: Quantity | undefined;
  /** policy leaves the line out of reporting */
  readonly exclusion: string | undefined;
  /** a fraction of a pack for which the HIS did not say split: what split stock cannot give is told, never refused */
  readonly splitInferred?: boolean;
  /** a fraction of a pack that does not come out in smallest units: no pack may be moved for it */
  readonly broken?: boolean;
}

/** What the dispense that a return names handed out and what of it is still out. */
export interface ReferredDispense {
  readonly id: string;
  readonly voided: boolean;
  /** `other-visit`: another visit number, and nothing else to tell the patients apart */
  readonly patient: 'same' | 'other-visit' | 'other-person';
  /** codes it handed out whole that did not come back and went to nobody else */
  readonly wholeOut: ReadonlySet<string>;
  /** drugs of which it handed out whole packs with codes */
  readonly codedDrugs: ReadonlySet<string>;
  /** smallest units per drug that did not come back; undefined where the units of a line are not known. Drugs it did not hand out are missing */
  readonly unitsOut: ReadonlyMap<string, Quantity | undefined>;
}

/** What findings are made by besides the codes' own rows. */
export interface Judging {
  /** how grave a finding is for this institution after the fact */
  readonly severityOf: SeverityOf;
  readonly recalls: RecalledLots;
  /** codes of the event that are dispensed at another member of the alliance; empty where members are not told of each other */
  readonly elsewhere: ReadonlySet<string>;
  /** ms since epoch, by our own clock: how old a platform's answer is */
  readonly nowMs: number;
}

/** Everything the ledger must know before it can decide about an event. */
export interface LedgerFacts {
  /** rows of the codes named in the event, and of the opened packs that may be used */
  readonly rows: ReadonlyMap<string, CodeRow>;
  /** opened packs per drug that this event may take from, oldest expiry first */
  readonly openedPacks: ReadonlyMap<string, readonly string[]>;
  /** what the event referred to took per drug from opened packs, net of earlier returns; undefined = it refers to nothing known */
  readonly takenByReferred: ReadonlyMap<string, readonly SplitTake[]> | undefined;
  /** set on a return that names a dispense on file */
  readonly referredDispense?: ReferredDispense | undefined;
  /** left out: no recalls, default severities */
  readonly judging?: Judging;
}

/** Why nothing is reported for a line although the event is on file. */
export interface LineBlock {
  readonly reason: FaultReason;
  readonly detail: string;
}

export interface EventEffect {
  readonly rows: ReadonlyMap<string, CodeRow>;
  readonly moves: readonly CodeMove[];
  readonly findings: readonly Finding[];
  readonly lineCodes: ReadonlyMap<string, readonly LineCode[]>;
  readonly blocked: ReadonlyMap<string, LineBlock>;
  readonly assigned: readonly { readonly lineNo: string; readonly code: string; readonly quantity: string }[];
}

/** The effect while it is being worked out; later lines see what earlier lines of the same event did. */
export class EffectDraft {
  readonly #rows = new Map<string, CodeRow>();
  readonly #changed = new Set<string>();
  readonly #moves: CodeMove[] = [];
  readonly #findings: Finding[] = [];
  readonly #lineCodes = new Map<string, LineCode[]>();
  readonly #blocked = new Map<string, LineBlock>();
  readonly #returned = new Map<string, Quantity>();
  readonly #told = new Set<string>();
  readonly #assigned: { lineNo: string; code: string; quantity: string }[] = [];

  /** day of the business in China, yyyy-MM-dd */
  readonly day: string;
  readonly judging: Judging;

  constructor(
    readonly event: TraceEvent,
    readonly eventNo: number,
    readonly atMs: number,
    readonly facts: LedgerFacts,
  ) {
    this.day = chinaDate(atMs);
    this.judging = facts.judging ?? { severityOf: severities(undefined, { stage: 'event', institution: undefined }), recalls: NO_RECALLS, elsewhere: new Set(), nowMs: atMs };
    for (const [code, row] of facts.rows) this.#rows.set(code, row);
  }

  seeLine(prepared: PreparedLine): void {
    this.#lineCodes.set(prepared.line.lineNo, []);
    if (prepared.drug === undefined) this.find(prepared, 'DRUG_UNKNOWN', 'warn', `药品编码 ${prepared.line.drug} 不在药品目录中`);
    else if (prepared.units === undefined) this.find(prepared, 'UNIT_UNKNOWN', 'warn', `单位“${prepared.line.unit}”无法换算`);
  }

  /** @returns the row of a code, fresh and unseen when the ledger does not know it yet */
  row(code: TraceCode, prepared: PreparedLine): CodeRow {
    const known = this.#rows.get(code.text);
    if (known !== undefined && (known.state !== 'unseen' || known.unitsTotal !== undefined)) return known;
    const level: PackageLevel = (prepared.drug === undefined ? undefined : levelOfPrefix(prepared.drug, code.productResourceCode)) ?? 1;
    const perPack = prepared.drug?.unitsPerPack;
    return {
      code: code.text, scheme: code.scheme, prefix: code.productResourceCode, state: 'unseen', drug: undefined,
      lot: code.lot, producedOn: code.producedOn, expiresOn: code.expiresOn, level, location: undefined,
      unitsTotal: perPack === undefined ? undefined : wholeQuantity(perPack * packsInLevel(prepared.drug, level)),
      unitsLeft: undefined, openedAt: undefined, lastEventNo: this.eventNo, receivedCount: 0, soldCount: 0, returnedCount: 0,
      warning: known?.warning, warnedAt: known?.warnedAt,
    };
  }

  knownRow(code: string): CodeRow | undefined {
    return this.#rows.get(code);
  }

  /**
   * Records that the line moved the code: the next row, the move, and what destinations will see of it.
   * @param units smallest units that left the opened pack (positive) or came back (negative); 0 for an unopened pack
   */
  move(prepared: PreparedLine, before: CodeRow, after: CodeRow, units: Quantity, firstOpening: boolean): void {
    const whole = !prepared.line.split;
    const { lineNo } = prepared.line;
    this.#rows.set(after.code, countMove({ ...after, lastEventNo: this.eventNo }, this.event.kind, { from: before.state, to: after.state, units, firstOpening }, 1));
    this.#changed.add(after.code);
    this.#moves.push({ code: after.code, lineNo, from: before.state, to: after.state, units, firstOpening });
    this.#lineCodes.get(lineNo)?.push({
      code: after.code, scheme: after.scheme, prefix: after.prefix, level: after.level, firstOpening, ...(!whole && units > 0n && after.unitsLeft === 0n ? { emptied: true } : {}),
      units: formatQuantity(whole ? after.unitsTotal ?? wholeQuantity(packsInLevel(prepared.drug, after.level)) : units < 0n ? -units : units),
      ...(after.lot === undefined ? {} : { lot: after.lot }),
      ...(after.producedOn === undefined ? {} : { producedOn: after.producedOn }),
      ...(after.expiresOn === undefined ? {} : { expiresOn: after.expiresOn }),
    });
  }

  assign(lineNo: string, code: string, units: Quantity): void {
    this.#assigned.push({ lineNo, code, quantity: formatQuantity(units) });
  }

  find(prepared: PreparedLine, code: FindingCode, severity: FindingSeverity, detail: string, traceCode?: string): void {
    this.#findings.push({ code, severity, lineNo: prepared.line.lineNo, detail, ...(traceCode === undefined ? {} : { traceCode }) });
  }

  /**
   * Says what a rule found, as grave as table and policy have it; where policy makes it a block, nothing is reported for the line. The
   * same thing about several codes of a line is said once.
   */
  tell(prepared: PreparedLine, found: RuleFinding, traceCode: string): void {
    const severity = this.judging.severityOf(found);
    if (found.code === 'CODE_RECALLED') {
      const key = `${prepared.line.lineNo} ${found.detail}`;
      if (this.#told.has(key)) return;
      this.#told.add(key);
    }
    this.find(prepared, found.code, severity, found.detail, traceCode);
    if (severity === 'block' && found.fixed !== true) this.block(prepared, 'RULE', found.detail);
  }

  /** Nothing is reported for the line; the first reason stands. */
  block(prepared: PreparedLine, reason: FaultReason, detail: string): void {
    if (!this.#blocked.has(prepared.line.lineNo)) this.#blocked.set(prepared.line.lineNo, { reason, detail });
  }

  /** smallest units of the drug that earlier lines of this return brought back */
  returnedSoFar(drug: string): Quantity {
    return this.#returned.get(drug) ?? 0n;
  }

  /** smallest units that earlier lines of this event put back into the pack */
  putBackSoFar(code: string): Quantity {
    return this.#moves.reduce((sum, move) => (move.code === code && move.units < 0n ? sum - move.units : sum), 0n);
  }

  countReturned(drug: string, units: Quantity): void {
    this.#returned.set(drug, this.returnedSoFar(drug) + units);
  }

  isMovedInThisEvent(code: string): boolean {
    return this.#changed.has(code);
  }

  done(): EventEffect {
    const rows = new Map<string, CodeRow>();
    for (const code of this.#changed) {
      const row = this.#rows.get(code);
      if (row !== undefined) rows.set(code, row);
    }
    return { rows, moves: this.#moves, findings: this.#findings, lineCodes: this.#lineCodes, blocked: this.#blocked, assigned: this.#assigned };
  }
}
