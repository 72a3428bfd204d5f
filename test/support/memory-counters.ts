import type { Counters } from '../../adapter/ports/counters.ts';

/** Counters that live as long as the test. */
export function memoryCounters(): Counters {
  const next = new Map<string, number>();
  const texts = new Map<string, string>();
  const keyOf = (institution: string, name: string): string => `${institution}\u0000${name}`;
  return {
    reserve: (institution, name, size) => {
      const first = next.get(keyOf(institution, name)) ?? 1;
      next.set(keyOf(institution, name), first + size);
      return Promise.resolve(first);
    },
    recall: (institution, name) => Promise.resolve(texts.get(keyOf(institution, name))),
    remember: (institution, name, value) => {
      texts.set(keyOf(institution, name), value);
      return Promise.resolve();
    },
  };
}
