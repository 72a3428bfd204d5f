/** How an event was answered: settled needs nothing more, refused may be mended in the HIS or here. */
export type TakenAs = 'settled' | 'refused';

/**
 * Events taken lately, so that reading a window again costs no work. A help, never the truth: the intake knows duplicates by
 * itself, and a restart begins with an empty memory.
 */
export class RecentEvents {
  readonly #known = new Map<string, { readonly hash: string; readonly as: TakenAs }>();

  constructor(private readonly limit = 100_000) {}

  /** @returns whether this very content was taken; the same id with other content has to go to the intake */
  holds(id: string, hash: string): boolean {
    return this.#known.get(id)?.hash === hash;
  }

  isSettled(id: string): boolean {
    return this.#known.get(id)?.as === 'settled';
  }

  remember(id: string, hash: string, as: TakenAs): void {
    this.#known.delete(id);
    this.#known.set(id, { hash, as });
    if (this.#known.size > this.limit) {
      const oldest = this.#known.keys().next();
      if (oldest.done !== true) this.#known.delete(oldest.value);
    }
  }
}
