import type { Clock } from '../../adapter/ports/clock.ts';
import type { Counters } from '../../adapter/ports/counters.ts';
import type { Conflict } from './upload-failure.ts';

const MAX_REMEMBERED = 10_000;

/**
 * What is remembered about bills between sending and asking. Conflicts survive a restart, because without them a bill whose
 * codes flow elsewhere would look merely absent; the rest only saves questions.
 */
export class BillMemory {
  readonly #counters: Counters;
  readonly #clock: Clock;
  readonly #name: string;
  readonly #takenAt = new Map<string, number>();
  readonly #processingAt = new Map<string, number>();

  constructor(deps: { readonly counters: Counters; readonly clock: Clock; readonly name: string }) {
    this.#counters = deps.counters;
    this.#clock = deps.clock;
    this.#name = deps.name;
  }

  /** The platform took the bill in; it may not list it yet. */
  noteTaken(billCode: string): void {
    put(this.#takenAt, billCode, this.#clock.now());
  }

  wasTakenWithin(billCode: string, ms: number): boolean {
    const at = this.#takenAt.get(billCode);
    return at !== undefined && this.#clock.now() - at < ms;
  }

  noteProcessing(billCode: string): void {
    put(this.#processingAt, billCode, this.#clock.now());
  }

  wasProcessingWithin(billCode: string, ms: number): boolean {
    const at = this.#processingAt.get(billCode);
    return at !== undefined && this.#clock.now() - at < ms;
  }

  forget(billCode: string): void {
    this.#takenAt.delete(billCode);
    this.#processingAt.delete(billCode);
  }

  async noteConflict(institution: string, billCode: string, conflict: Conflict): Promise<void> {
    await this.#counters.remember(institution, this.#key(billCode), conflict.kind === 'number-exists' ? 'number' : ['codes', ...conflict.bills].join(' '));
  }

  async conflictOf(institution: string, billCode: string): Promise<Conflict | undefined> {
    const [kind, ...bills] = (await this.#counters.recall(institution, this.#key(billCode)) ?? '').split(' ');
    if (kind === 'number') return { kind: 'number-exists' };
    return kind === 'codes' ? { kind: 'codes-flow', bills } : undefined;
  }

  async clearConflict(institution: string, billCode: string): Promise<void> {
    if (await this.conflictOf(institution, billCode) !== undefined) await this.#counters.remember(institution, this.#key(billCode), '');
  }

  #key(billCode: string): string {
    return `mah-conflict:${this.#name}:${billCode}`;
  }
}

function put(map: Map<string, number>, key: string, at: number): void {
  map.delete(key);
  map.set(key, at);
  const oldest = map.size > MAX_REMEMBERED ? map.keys().next().value : undefined;
  if (oldest !== undefined) map.delete(oldest);
}
