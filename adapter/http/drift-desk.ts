import type { DriftWatch } from '../drift/drift-watch.ts';

/** What the HTTP side needs of the drift watch. */
export type DriftDesk = Pick<DriftWatch, 'list' | 'release'>;

/** @returns the drift watch, undefined where none runs: nothing is parked then */
export function driftOf(given: { readonly drift?: DriftDesk | undefined }): DriftDesk | undefined {
  return given.drift;
}
