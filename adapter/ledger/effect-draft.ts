import type { Drug, PackageLevel } from '../domain/drug.ts';
import { levelOfPrefix, packsInLevel } from '../domain/drug.ts';
import type { EventLine, TraceEvent } from '../domain/event.ts';
import type { Finding, FindingCode, FindingSeverity } from '../domain/finding.ts';
import type { FaultReason } from '../domain/outcome.ts';
import { formatQuantity, wholeQuantity, type Quantity } from '../domain/quantity.ts';
import type { TraceCode } from '../domain/trace-code.ts';
import type { LineCode } from '../ports/destination.ts';
import type { CodeMove, CodeRow } from './code-state.ts';
import type { SplitTake } from './split-stock.ts';

/** A line with its scans read, its drug found and its quantity converted. */
export interface PreparedLine {
  readonly line: EventLine;
  readonly drug: Drug | undefined;
  /** usable codes, each once */
  readonly codes: readonly TraceCode[];
  /** smallest units; undefined when the unit cannot be converted */
  readonly units: Quantity | undefined;
  readonly packs: Quantity | undefined;
  /** policy leaves the line out of reporting */
  readonly exclusion: string | undefined;
}

/** Everything the ledger must know before it can decide about an event. */
export interface LedgerFacts {
  /** rows of the codes named in the event, and of the opened packs that may be used */
  readonly rows: ReadonlyMap<string, CodeRow>;
  /** opened packs per drug that this event may take from, oldest expiry first */
  readonly openedPacks: ReadonlyMap<string, readonly string[]>;
  /** what the event referred to took per drug from opened packs, net of earlier returns; undefined = it refers to nothing known */
  readonly takenByReferred: ReadonlyMap<string, readonly SplitTake[]> | undefined;
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
  readonly #assigned: { lineNo: string; code: string; quantity: string }[] = [];

  constructor(
    readonly event: TraceEvent,
    readonly eventNo: number,
    readonly atMs: number,
    readonly facts: LedgerFacts,
  ) {
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
    if (known !== undefined) return known;
    const level: PackageLevel = (prepared.drug === undefined ? undefined : levelOfPrefix(prepared.drug, code.productResourceCode)) ?? 1;
    const perPack = prepared.drug?.unitsPerPack;
    return {
      code: code.text, scheme: code.scheme, prefix: code.productResourceCode, state: 'unseen', drug: undefined,
      lot: code.lot, producedOn: code.producedOn, expiresOn: code.expiresOn, level, location: undefined,
      unitsTotal: perPack === undefined ? undefined : wholeQuantity(perPack * packsInLevel(prepared.drug, level)),
      unitsLeft: undefined, openedAt: undefined, lastEventNo: this.eventNo,
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
    this.#rows.set(after.code, { ...after, lastEventNo: this.eventNo });
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

  /** Nothing is reported for the line; the first reason stands. */
  block(prepared: PreparedLine, reason: FaultReason, detail: string): void {
    if (!this.#blocked.has(prepared.line.lineNo)) this.#blocked.set(prepared.line.lineNo, { reason, detail });
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
