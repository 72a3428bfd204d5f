import type { HisMapping } from '../../../adapter/ports/his-mapping.ts';
import type { Counters } from '../../../adapter/ports/counters.ts';
import type { Intake } from '../../../adapter/ports/intake.ts';
import { silentLog } from '../../../adapter/ports/log.ts';
import type { RowDatabase } from '../../../connectors/shared/row-pull/row-database.ts';
import { RowSource } from '../../../connectors/shared/row-pull/row-source.ts';
import type { PullSettings } from '../../../connectors/shared/row-pull/settings.ts';
import { standard } from '../../../mappings/standard/index.ts';
import type { Submission } from '../../support/fake-intake.ts';
import { answerByMeaning, FakeIntake } from '../../support/fake-intake.ts';

/** `HIS_TRACE_ROW_PULL=full`: more than 10,000 rows for each strategy in each scenario; without it fewer, for CI. */
export const FULL_PULL = process.env['HIS_TRACE_ROW_PULL'] === 'full';

export const INSTITUTION = 'H35010200001';

export const PULL_DEFAULTS: PullSettings = {
  strategy: 'time-window', view: 'lines', every: 1, startAt: 'beginning', deepEvery: 3_600_000, deepLookBack: 86_400_000,
  columns: { event: 'EVENT_ID', row: 'ROW_ID', changedAt: 'CHANGED_AT', version: 'ROW_VER', flag: 'SEND_FLAG' },
  flagPending: '0', flagDone: '1', pageEvents: 50, maxEventRows: 1_000, maxInFlight: 16, readTimeout: 5_000, connectTimeout: 1_000, charset: 'database',
};

/** Counters that survive a restart of the source, but not of the test. */
export function memoryCounters(): Counters & { readonly values: ReadonlyMap<string, string> } {
  const values = new Map<string, string>();
  return {
    values, reserve: () => Promise.resolve(1), recall: (institution, name) => Promise.resolve(values.get(`${institution} ${name}`)),
    remember: (institution, name, value) => { values.set(`${institution} ${name}`, value); return Promise.resolve(); },
  };
}

/** An intake that knows duplicates and conflicts, as the real one does. */
export class KnowingIntake extends FakeIntake {
  readonly accepted = new Map<string, string>();
  duplicates = 0;
  readonly conflicts: string[] = [];

  constructor() {
    super();
    this.behaviour = (submission) => this.judge(submission);
  }

  judge(submission: Submission): ReturnType<typeof answerByMeaning> {
    const { interpretation } = submission;
    const [event] = interpretation.kind === 'events' ? interpretation.events : [];
    if (event !== undefined) {
      const content = JSON.stringify(event);
      const known = this.accepted.get(event.id);
      if (known === undefined) this.accepted.set(event.id, content);
      else if (known === content) this.duplicates += 1;
      else this.conflicts.push(event.id);
    }
    return answerByMeaning(submission);
  }
}

export interface FixtureOptions {
  readonly db: RowDatabase;
  readonly intake: Intake;
  readonly counters: Counters;
  readonly settings?: Partial<PullSettings>;
  readonly mapping?: HisMapping;
  readonly log?: typeof silentLog;
}

/** A source on a database made for the test. Its clock runs as fast as it is asked. */
export function makeRowSource(options: FixtureOptions): { readonly source: RowSource; readonly counted: ReadonlyMap<string, number> } {
  const counted = new Map<string, number>();
  let now = Date.parse('2026-11-22T10:00:00+08:00');
  const source = new RowSource({
    db: options.db, address: 'fake://his',
    deps: {
      name: 'his-db', settings: { ...PULL_DEFAULTS, ...options.settings }, mapping: options.mapping ?? standard, institutions: [{ code: INSTITUTION, name: '示范医院', region: '350102' }],
      intake: options.intake, counters: options.counters, log: options.log ?? silentLog,
      clock: { now: () => now, sleep: (ms) => { now += ms; return new Promise((resolve) => { setImmediate(resolve); }); } },
      count: (metric, labels) => {
        const key = [metric, ...Object.values(labels)].join(' ');
        counted.set(key, (counted.get(key) ?? 0) + 1);
      },
    },
  });
  return { source, counted };
}
