/** Small durable state that must survive a restart: number blocks and remembered values. */
export interface Counters {
  /**
   * Reserves `size` consecutive numbers under a name, durably, before any of them is used.
   * @returns the first of the block; the next call, in any process, starts after it
   */
  reserve(institution: string, name: string, size: number): Promise<number>;
  /** @returns the remembered text, or undefined */
  recall(institution: string, name: string): Promise<string | undefined>;
  remember(institution: string, name: string, value: string): Promise<void>;
}
