import type { Book, CallCounter } from '../book.ts';
import type { Journal } from '../journal.ts';

/** One report of a hospital as a holder's system keeps it. */
export interface HolderBill {
  readonly seq: number;
  readonly key: string;
  readonly orgCode: string;
  readonly movement: string;
  readonly codes: readonly string[];
  readonly occurredAt: string;
  readonly committedAt: number;
  /** key of the bill this one takes back */
  readonly revokes: string;
}

export interface HolderEntry extends HolderBill { readonly live: boolean }

export type HolderResult =
  | { readonly kind: 'taken'; readonly bill: HolderBill }
  | { readonly kind: 'again'; readonly bill: HolderBill }
  | { readonly kind: 'refused'; readonly error: 'BAD_CODE' | 'CODE_FLOWS' | 'NOT_FOUND' | 'TOO_MANY'; readonly text: string; readonly codes: readonly string[] };

type Fact = { readonly kind: 'bill'; readonly bill: HolderBill } | { readonly kind: 'again'; readonly key: string; readonly codes: readonly string[] };

/** Movements into the hospital's hands; all others go out of them. */
const INBOUND: ReadonlySet<string> = new Set(['receipt', 'dispense-return', 'transfer-in', 'stock-gain']);

export interface NewBill { readonly key: string; readonly orgCode: string; readonly movement: string; readonly codes: readonly string[]; readonly occurredAt: string }

/** What a holder's system knows, whatever wire it speaks: bills, what they revoke, and where each code was last. */
export class HolderState {
  readonly #journal: Journal;
  readonly #bills: HolderBill[] = [];
  readonly #byKey = new Map<string, HolderBill>();
  readonly #revoked = new Set<string>();
  readonly #movements = new Map<string, HolderBill[]>();
  readonly #againKeys = new Set<string>();
  readonly #againCodes = new Set<string>();
  readonly #maxCodes: number;

  constructor(journal: Journal, maxCodes: number) {
    this.#journal = journal;
    this.#maxCodes = maxCodes;
    for (const fact of journal.replay()) this.#apply(fact as Fact);
  }

  bill(orgCode: string, key: string): HolderBill | undefined {
    return this.#byKey.get(`${orgCode}/${key}`);
  }

  /** Strict: a key once, a code in one place, no code twice in a bill. */
  report(bill: NewBill, now: number): HolderResult {
    const known = this.bill(bill.orgCode, bill.key);
    if (known !== undefined) {
      this.#record({ kind: 'again', key: `${bill.orgCode}/${bill.key}`, codes: [] });
      return { kind: 'again', bill: known };
    }
    if (bill.codes.length > this.#maxCodes) return { kind: 'refused', error: 'TOO_MANY', text: `一张单据最多 ${String(this.#maxCodes)} 个码`, codes: [] };
    const bad = bill.codes.filter((code, index) => !/^8999\d{16}$/.test(code) || bill.codes.indexOf(code) !== index);
    if (bad.length > 0) return { kind: 'refused', error: 'BAD_CODE', text: '追溯码不合法或重复', codes: bad };
    const inbound = INBOUND.has(bill.movement);
    const flowing = bill.codes.filter((code) => {
      const last = this.#lastOf(code);
      return last !== undefined && INBOUND.has(last.movement) === inbound;
    });
    if (flowing.length > 0) {
      this.#record({ kind: 'again', key: '', codes: flowing });
      return { kind: 'refused', error: 'CODE_FLOWS', text: '追溯码已有同方向的流向', codes: flowing };
    }
    return { kind: 'taken', bill: this.#commit({ ...bill, revokes: '' }, now) };
  }

  revoke(cancel: { readonly key: string; readonly orgCode: string; readonly revokes: string; readonly occurredAt: string }, now: number): HolderResult {
    const known = this.bill(cancel.orgCode, cancel.key);
    if (known !== undefined) return { kind: 'again', bill: known };
    const target = this.bill(cancel.orgCode, cancel.revokes);
    if (target === undefined || this.#revoked.has(`${cancel.orgCode}/${cancel.revokes}`)) return { kind: 'refused', error: 'NOT_FOUND', text: '要撤销的单据不存在或已撤销', codes: [] };
    return { kind: 'taken', bill: this.#commit({ ...cancel, movement: 'revoke', codes: target.codes }, now) };
  }

  reset(): void {
    this.#journal.reset();
    this.#bills.length = 0;
    for (const part of [this.#byKey, this.#revoked, this.#movements, this.#againKeys, this.#againCodes]) part.clear();
  }

  book(calls: CallCounter): Book<HolderEntry> {
    const reportsByKey: Record<string, number> = {};
    for (const bill of this.#bills) reportsByKey[`${bill.orgCode}/${bill.key}`] = (reportsByKey[`${bill.orgCode}/${bill.key}`] ?? 0) + 1;
    return {
      entries: this.#bills.map((bill) => ({ ...bill, live: !this.#revoked.has(`${bill.orgCode}/${bill.key}`) })),
      reportsByKey, doubleKeys: [...this.#againKeys], doubleCodes: [...this.#againCodes], callsByOperation: calls.calls, refusals: calls.refusals,
    };
  }

  #lastOf(code: string): HolderBill | undefined {
    return (this.#movements.get(code) ?? []).filter((bill) => !this.#revoked.has(`${bill.orgCode}/${bill.key}`)).at(-1);
  }

  #commit(bill: Omit<HolderBill, 'seq' | 'committedAt'>, now: number): HolderBill {
    const whole = { ...bill, seq: this.#bills.length + 1, committedAt: now };
    this.#record({ kind: 'bill', bill: whole });
    return whole;
  }

  #record(fact: Fact): void {
    this.#journal.append(fact);
    this.#apply(fact);
  }

  #apply(fact: Fact): void {
    if (fact.kind === 'again') {
      if (fact.key !== '') this.#againKeys.add(fact.key);
      for (const code of fact.codes) this.#againCodes.add(code);
      return;
    }
    const { bill } = fact;
    this.#bills.push(bill);
    this.#byKey.set(`${bill.orgCode}/${bill.key}`, bill);
    if (bill.revokes !== '') this.#revoked.add(`${bill.orgCode}/${bill.revokes}`);
    else for (const code of bill.codes) this.#movements.set(code, [...(this.#movements.get(code) ?? []), bill]);
  }
}
