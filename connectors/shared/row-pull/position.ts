import type { Counters } from '../../../adapter/ports/counters.ts';

/** How far a source has read. Everything before `since` is taken; a sweep that was cut short goes on after `sweep.after`. */
export interface Position {
  /** local time, row version or SCN; undefined = the beginning */
  readonly since?: string;
  /** local time of the very first poll, or the configured one: nothing before it is looked for, however far a poll looks back */
  readonly start?: string;
  /** change-tracking: local time of the server when `since` was taken: where reading by time goes on when the versions are gone */
  readonly at?: string;
  readonly sweep?: Sweep;
}

/** One pass over what may be new: its bounds are fixed before its first row is read. */
export interface Sweep {
  /** inclusive and exclusive bound of the position column */
  readonly lower?: string;
  readonly upper?: string;
  /** becomes `since` when the sweep is complete */
  readonly next?: string;
  /** becomes `at` when the sweep is complete */
  readonly at?: string;
  /** change-tracking: this pass reads by time, because the changes since the last one are not known */
  readonly window?: true;
  readonly after?: { readonly position: string; readonly event: string };
}

/** The remembered position of one source, written only after everything before it is durable. */
export interface PositionStore {
  load(): Promise<Position | undefined>;
  save(position: Position): Promise<void>;
}

export function positionStore(counters: Counters, at: { readonly institution: string; readonly source: string; readonly cursor: string }): PositionStore {
  const name = `row-pull:${at.source}:${at.cursor}`;
  return {
    load: async () => {
      const text = await counters.recall(at.institution, name);
      return text === undefined ? undefined : JSON.parse(text) as Position;
    },
    save: (position) => counters.remember(at.institution, name, JSON.stringify(position)),
  };
}
