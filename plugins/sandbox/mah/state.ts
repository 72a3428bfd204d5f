import type { Journal } from '../journal.ts';
import { PackageRegistry } from './packages.ts';
import type { Enterprise, MahSettings } from './settings.ts';

export interface FailedCode {
  readonly code: string;
  /** numbering of mah.md section 2.6 */
  readonly error: string;
  readonly text: string;
}

/** One bill that was accepted for processing; what becomes of it is settled already, and shown when its time has come. */
export interface Bill {
  readonly seq: number;
  readonly billCode: string;
  readonly billType: string;
  readonly refEntId: string;
  readonly method: string;
  readonly fromId: string;
  readonly toId: string;
  /** `2026-11-22 09:31:05` */
  readonly billTime: string;
  readonly physicType: string;
  readonly fromBillCode: string;
  readonly codes: readonly string[];
  readonly failed: readonly FailedCode[];
  readonly resultType: '3' | '4';
  readonly acceptedAt: number;
  readonly uploadedAt: number;
  readonly doneAt: number;
}

export type MahFact =
  | { readonly kind: 'bill'; readonly bill: Bill }
  | { readonly kind: 'enterprise'; readonly enterprise: Enterprise }
  | { readonly kind: 'again'; readonly keys: readonly string[]; readonly codes: readonly string[] };

/** Bills that cancel each other: a code flows in a bill kind until a bill of the other side takes it back. */
const INBOUND = ['102', '103', '104', '107', '108', '110', '111'];
const OUTBOUND = ['202', '203', '209', '211', '212', '214'];

/** What the platform knows: enterprises, bills, the codes they move. */
export class MahState {
  readonly packages: PackageRegistry;
  readonly #journal: Journal;
  readonly #enterprises: Enterprise[];
  readonly #listed: readonly Enterprise[];
  readonly #bills: Bill[] = [];
  readonly #byCode = new Map<string, Bill[]>();
  readonly #byNumber = new Map<string, Bill>();
  readonly #againKeys = new Set<string>();
  readonly #againCodes = new Set<string>();

  constructor(journal: Journal, settings: MahSettings) {
    this.#journal = journal;
    this.#listed = settings.enterprises;
    this.#enterprises = [...settings.enterprises];
    this.packages = new PackageRegistry(settings.upstreamBills);
    for (const fact of journal.replay()) this.#apply(fact as MahFact);
  }

  record(fact: MahFact): void {
    this.#journal.append(fact);
    this.#apply(fact);
  }

  reset(): void {
    this.#journal.reset();
    this.#bills.length = 0;
    this.#enterprises.splice(0, this.#enterprises.length, ...this.#listed);
    for (const part of [this.#byCode, this.#byNumber, this.#againKeys, this.#againCodes]) part.clear();
  }

  get bills(): readonly Bill[] {
    return this.#bills;
  }

  get enterprises(): readonly Enterprise[] {
    return this.#enterprises;
  }

  get againKeys(): readonly string[] {
    return [...this.#againKeys];
  }

  get againCodes(): readonly string[] {
    return [...this.#againCodes];
  }

  bill(refEntId: string, billCode: string): Bill | undefined {
    return this.#byNumber.get(`${refEntId}/${billCode}`);
  }

  enterpriseByRef(refEntId: string): Enterprise | undefined {
    return this.#enterprises.find((each) => each.refEntId === refEntId);
  }

  enterpriseByEnt(entId: string): Enterprise | undefined {
    return this.#enterprises.find((each) => each.entId === entId);
  }

  /** @returns bills that moved this very code, oldest first; failed bills and codes that failed in a bill moved nothing */
  movements(code: string): readonly Bill[] {
    return this.#byCode.get(code) ?? [];
  }

  /** @returns the bill of the same kind in which the code flows already, undefined when it does not */
  flowsIn(code: string, billType: string): Bill | undefined {
    const back = reversing(billType);
    const last = this.movements(code).filter((bill) => bill.billType === billType || back.includes(bill.billType)).at(-1);
    return last?.billType === billType ? last : undefined;
  }

  /** @returns the last movement of the code or of a package around it */
  lastMovement(code: string): Bill | undefined {
    return [code, ...this.packages.ancestors(code)].flatMap((each) => this.movements(each).slice(-1)).sort((left, right) => left.seq - right.seq).at(-1);
  }

  #apply(fact: MahFact): void {
    switch (fact.kind) {
      case 'bill': this.#add(fact.bill); return;
      case 'enterprise': this.#enterprises.push(fact.enterprise); return;
      case 'again':
        for (const key of fact.keys) this.#againKeys.add(key);
        for (const code of fact.codes) this.#againCodes.add(code);
    }
  }

  #add(bill: Bill): void {
    this.#bills.push(bill);
    this.#byNumber.set(`${bill.refEntId}/${bill.billCode}`, bill);
    if (bill.resultType === '4') return;
    const failed = new Set(bill.failed.map((each) => each.code));
    for (const code of bill.codes) {
      if (failed.has(code)) continue;
      const moved = this.#byCode.get(code);
      if (moved === undefined) this.#byCode.set(code, [bill]);
      else moved.push(bill);
    }
  }
}

function reversing(billType: string): readonly string[] {
  if (billType === '323' || billType === '322') return ['116'];
  if (billType === '116') return ['323', '322'];
  if (INBOUND.includes(billType)) return OUTBOUND;
  return OUTBOUND.includes(billType) ? INBOUND : [];
}

/** @returns `0` processing, `1` uploaded, `3` processed, `4` failed (mah.md section 2.6, result_type) */
export function resultTypeAt(bill: Bill, now: number): '0' | '1' | '3' | '4' {
  if (now < bill.uploadedAt) return '0';
  return now < bill.doneAt ? '1' : bill.resultType;
}
