import { CallCounter, type Book } from '../book.ts';
import type { FaultRule } from '../fault-rule.ts';
import type { Journal } from '../journal.ts';
import type { Platform, PlatformName, PlatformReply, PlatformRequest } from '../platform.ts';
import { HolderState, type HolderEntry } from './holder-state.ts';

/** Account of the hospital at a holder's system. */
export interface HolderOptions {
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  /** key of the body signature (REST) */
  readonly signKey?: string;
  readonly maxCodes?: number;
}

export const SANDBOX_HOLDER = { user: 'hospital-8999', password: 'sandbox-holder-8999', signKey: 'sandbox-sm3-8999', orgCode: 'ORG8999' } as const;
export type HolderAccount = Required<Pick<HolderOptions, 'user' | 'password' | 'signKey'>>;

/** A reply of a holder's system before it becomes text: named values and lists of values. */
export type HolderValues = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface HolderAnswer {
  readonly values: HolderValues;
  readonly refused?: string;
}

/** What differs between the three fakes: the wire. */
export interface HolderWire {
  readonly name: PlatformName;
  operationOf(request: PlatformRequest): string;
  /** checks, commits, answers */
  perform(request: PlatformRequest, state: HolderState, now: number): HolderAnswer | PlatformReply;
  /** a refusal in the wire's own shape */
  refusal(request: PlatformRequest, kind: 'errorBody' | 'refuse', rule: FaultRule): HolderValues;
  reply(operation: string, values: HolderValues): PlatformReply;
  misplace(values: HolderValues): unknown;
  wrongId(values: HolderValues): HolderValues;
}

/** A fake trace system of one holder; the three wires share state, book and faults. */
export class HolderPlatform implements Platform {
  readonly name: PlatformName;
  readonly #wire: HolderWire;
  readonly #state: HolderState;
  readonly #now: () => number;
  readonly #calls = new CallCounter();

  constructor(wire: HolderWire, options: { readonly journal: Journal; readonly now: () => number; readonly maxCodes: number }) {
    this.name = wire.name;
    this.#wire = wire;
    this.#now = options.now;
    this.#state = new HolderState(options.journal, options.maxCodes);
  }

  operationOf(request: PlatformRequest): string {
    return this.#wire.operationOf(request);
  }

  countCall(operation: string): void {
    this.#calls.call(operation);
  }

  answer(request: PlatformRequest): PlatformReply {
    const operation = this.operationOf(request);
    const answer = this.#wire.perform(request, this.#state, this.#now());
    if ('render' in answer) {
      this.#calls.refuse({ operation, text: `HTTP ${String(answer.status)}`, at: this.#now() });
      return answer;
    }
    if (answer.refused !== undefined) this.#calls.refuse({ operation, text: answer.refused, at: this.#now() });
    return this.#wire.reply(operation, answer.values);
  }

  faultReply(request: PlatformRequest, kind: 'throttle' | 'errorBody' | 'refuse', rule: FaultRule): PlatformReply {
    if (kind === 'throttle') return plainReply(429, 'too many requests');
    return this.#wire.reply(this.operationOf(request), this.#wire.refusal(request, kind, rule));
  }

  misplaceSuccess(value: unknown): unknown {
    return this.#wire.misplace(value as HolderValues);
  }

  wrongId(value: unknown): unknown {
    return this.#wire.wrongId(value as HolderValues);
  }

  pad(value: unknown, bytes: number): unknown {
    return { ...(value as HolderValues), PADDING: 'x'.repeat(bytes) };
  }

  get book(): Book<HolderEntry> {
    return this.#state.book(this.#calls);
  }

  bookDocument(): Readonly<Record<string, unknown>> {
    const { entries, reportsByKey, doubleKeys, doubleCodes, callsByOperation, refusals } = this.book;
    return { platform: this.name, counts: { committed: entries.length, live: entries.filter(({ live }) => live).length }, doubleKeys, doubleCodes, callsByOperation, refusals, reportsByKey, entries };
  }

  reset(): void {
    this.#state.reset();
    this.#calls.reset();
  }
}

export function plainReply(status: number, text: string): PlatformReply {
  return { status, contentType: 'text/plain;charset=UTF-8', value: text, render: String };
}
