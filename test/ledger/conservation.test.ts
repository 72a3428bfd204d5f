import { expect } from 'chai';
import fc from 'fast-check';
import type { Drug } from '../../adapter/domain/drug.ts';
import type { EventKind, TraceEvent } from '../../adapter/domain/event.ts';
import { parseQuantity, wholeQuantity } from '../../adapter/domain/quantity.ts';
import type { TraceCode } from '../../adapter/domain/trace-code.ts';
import type { CodeMove, CodeRow } from '../../adapter/ledger/code-state.ts';
import type { PreparedLine } from '../../adapter/ledger/effect-draft.ts';
import { effectOf } from '../../adapter/ledger/event-effect.ts';
import { reversalOf } from '../../adapter/ledger/reversal.ts';
import { byOldestExpiry } from '../../adapter/ledger/split-stock.ts';

const TABLET: Drug = { drug: 'YP1', name: '演示片', packUnit: '盒', smallestUnit: '片', unitsPerPack: 12 };

function code(serial: number): TraceCode {
  const text = `8999001${String(serial).padStart(9, '0')}0001`;
  return { text, scheme: 'cn20', productResourceCode: '8999001', serial: text.slice(7, 16), checkDigits: '0001' };
}

/** The ledger in memory: what the store keeps, without the store. */
class MemoryLedger {
  readonly rows = new Map<string, CodeRow>();
  readonly moves = new Map<number, { event: TraceEvent; moves: readonly CodeMove[]; voided: boolean }>();
  #next = 1;

  take(kind: EventKind, line: { split: boolean; quantity: number; codes: readonly TraceCode[] }, refers?: number): number | undefined {
    const eventNo = this.#next++;
    const event: TraceEvent = { id: String(eventNo), source: 'his', institution: 'H', kind, occurredAt: '2026-11-22T08:00:00+08:00', lines: [] };
    const prepared: PreparedLine = {
      line: { lineNo: '1', drug: 'YP1', quantity: String(line.quantity), unit: line.split ? '片' : '盒', split: line.split, codes: line.codes.map((one) => one.text) },
      drug: TABLET, codes: line.codes, units: wholeQuantity(line.split ? line.quantity : line.quantity * 12), packs: parseQuantity(String(line.quantity)), exclusion: undefined,
    };
    const opened = [...this.rows.values()].filter((row) => row.state === 'opened').sort(byOldestExpiry).map((row) => row.code);
    const effect = effectOf(event, eventNo, eventNo, [prepared], { rows: this.rows, openedPacks: new Map([['YP1', opened]]), takenByReferred: this.#taken(refers) });
    if ('refusal' in effect) return undefined;
    for (const [key, row] of effect.rows) this.rows.set(key, row);
    this.moves.set(eventNo, { event: refers === undefined ? event : { ...event, refers: String(refers) }, moves: effect.moves, voided: false });
    return eventNo;
  }

  void(eventNo: number): boolean {
    const target = this.moves.get(eventNo);
    if (target === undefined || target.voided) return false;
    const returned = [...this.moves.values()].some(({ event, voided }) => event.kind === 'dispense-return' && event.refers === String(eventNo) && !voided);
    if (returned) return false;
    const own = this.#next++;
    const effect = reversalOf(own, { eventNo, kind: target.event.kind }, target.moves, this.rows);
    if ('refusal' in effect) return false;
    for (const [key, row] of effect.rows) this.rows.set(key, row);
    this.moves.set(own, { event: { ...target.event, id: String(own), kind: 'void', refers: String(eventNo) }, moves: effect.moves, voided: true });
    target.voided = true;
    return true;
  }

  #taken(refers: number | undefined): Map<string, { code: string; units: bigint }[]> | undefined {
    if (refers === undefined) return undefined;
    const net = new Map<string, bigint>();
    const add = (id: number): void => {
      for (const move of this.moves.get(id)?.moves ?? []) net.set(move.code, (net.get(move.code) ?? 0n) + move.units);
      for (const [later, entry] of this.moves) if (entry.event.refers === String(id)) add(later);
    };
    add(refers);
    return new Map([['YP1', [...net].map(([key, units]) => ({ code: key, units }))]]);
  }

  /** units of the pack = units left + units gone, for every pack that was ever opened */
  check(): void {
    const gone = new Map<string, bigint>();
    for (const { moves } of this.moves.values()) for (const move of moves) gone.set(move.code, (gone.get(move.code) ?? 0n) + move.units);
    for (const row of this.rows.values()) {
      const left = row.unitsLeft ?? 0n;
      expect(left >= 0n, `${row.code} holds ${String(left)}`).to.equal(true);
      expect(left <= wholeQuantity(12), `${row.code} holds ${String(left)}`).to.equal(true);
      if (row.openedAt !== undefined) expect(left + (gone.get(row.code) ?? 0n), `${row.code} ${row.state}`).to.equal(wholeQuantity(12));
    }
  }
}

const operation = fc.oneof(
  fc.record({ op: fc.constant('receipt' as const), code: fc.nat(7) }),
  fc.record({ op: fc.constant('open' as const), code: fc.nat(7) }),
  fc.record({ op: fc.constant('split' as const), units: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ op: fc.constant('split-scanned' as const), units: fc.integer({ min: 1, max: 13 }), code: fc.nat(7) }),
  fc.record({ op: fc.constant('whole' as const), code: fc.nat(7) }),
  fc.record({ op: fc.constant('return-whole' as const), code: fc.nat(7) }),
  fc.record({ op: fc.constant('return-split' as const), units: fc.integer({ min: 1, max: 13 }), of: fc.nat(30) }),
  fc.record({ op: fc.constant('return-scanned' as const), units: fc.integer({ min: 1, max: 13 }), code: fc.nat(7) }),
  fc.record({ op: fc.constant('destroy' as const), code: fc.nat(7) }),
  fc.record({ op: fc.constant('waste' as const), units: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ op: fc.constant('void' as const), of: fc.nat(30) }),
);

function apply(ledger: MemoryLedger, step: typeof operation extends fc.Arbitrary<infer T> ? T : never): void {
  const events = [...ledger.moves.keys()];
  const pick = (of: number): number | undefined => events[of % Math.max(1, events.length)];
  switch (step.op) {
    case 'receipt': ledger.take('receipt', { split: false, quantity: 1, codes: [code(step.code)] }); break;
    case 'open': ledger.take('split-open', { split: true, quantity: 12, codes: [code(step.code)] }); break;
    case 'split': ledger.take('dispense', { split: true, quantity: step.units, codes: [] }); break;
    case 'split-scanned': ledger.take('dispense', { split: true, quantity: step.units, codes: [code(step.code)] }); break;
    case 'whole': ledger.take('dispense', { split: false, quantity: 1, codes: [code(step.code)] }); break;
    case 'return-whole': ledger.take('dispense-return', { split: false, quantity: 1, codes: [code(step.code)] }); break;
    case 'return-split': ledger.take('dispense-return', { split: true, quantity: step.units, codes: [] }, pick(step.of)); break;
    case 'return-scanned': ledger.take('dispense-return', { split: true, quantity: step.units, codes: [code(step.code)] }); break;
    case 'destroy': ledger.take('destroy', { split: false, quantity: 1, codes: [code(step.code)] }); break;
    case 'waste': ledger.take('stock-loss', { split: true, quantity: step.units, codes: [] }); break;
    case 'void': { const target = pick(step.of); if (target !== undefined) ledger.void(target); break; }
  }
}

describe('conservation of split packs', () => {
  it('holds for every pack after every step of random histories', () => {
    fc.assert(fc.property(fc.array(operation, { minLength: 1, maxLength: 60 }), (steps) => {
      const ledger = new MemoryLedger();
      for (const step of steps) {
        apply(ledger, step);
        ledger.check();
      }
    }), { numRuns: 1500 });
  });

  it('refuses a split line that wants more than the opened packs hold, and takes nothing', () => {
    const ledger = new MemoryLedger();
    ledger.take('split-open', { split: true, quantity: 12, codes: [code(1)] });
    expect(ledger.take('dispense', { split: true, quantity: 13, codes: [] })).to.equal(undefined);
    expect(ledger.rows.get(code(1).text)?.unitsLeft).to.equal(wholeQuantity(12));
  });

  it('uses several packs when one does not hold enough', () => {
    const ledger = new MemoryLedger();
    ledger.take('split-open', { split: true, quantity: 12, codes: [code(1)] });
    ledger.take('split-open', { split: true, quantity: 12, codes: [code(2)] });
    expect(ledger.take('dispense', { split: true, quantity: 20, codes: [] })).to.be.a('number');
    expect([code(1), code(2)].map((one) => ledger.rows.get(one.text)?.unitsLeft)).to.deep.equal([0n, wholeQuantity(4)]);
    expect(ledger.rows.get(code(1).text)?.state).to.equal('dispensed');
  });

  it('does not let an opened pack leave as a whole one', () => {
    const ledger = new MemoryLedger();
    ledger.take('split-open', { split: true, quantity: 12, codes: [code(1)] });
    ledger.take('dispense', { split: false, quantity: 1, codes: [code(1)] });
    expect(ledger.rows.get(code(1).text)?.state).to.equal('opened');
  });
});
