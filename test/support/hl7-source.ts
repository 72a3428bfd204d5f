import { memoryCounters } from './memory-counters.ts';
import type { HisMapping } from '../../adapter/ports/his-mapping.ts';
import { silentLog } from '../../adapter/ports/log.ts';
import { Hl7Source } from '../../connectors/his-hl7v2/source.ts';
import type { Hl7Settings } from '../../connectors/his-hl7v2/settings.ts';
import { standard } from '../../mappings/standard/index.ts';
import { FakeIntake } from './fake-intake.ts';

export const HL7_DEFAULTS: Hl7Settings = {
  host: '127.0.0.1', port: 0, charset: 'auto',
  ack: {
    mode: 'original', echoControlId: false, acceptWhen: 'NE', applicationWhen: 'AL',
    codes: { accept: 'AA', error: 'AE', reject: 'AR', commitAccept: 'CA', commitError: 'CE', commitReject: 'CR' },
  },
  maxFrameBytes: 1_048_576, idleTimeout: 60_000, frameTimeout: 30_000, answerTimeout: 30_000,
  maxConnections: 256, maxPerAddress: 64, maxInFlight: 32, ownThread: true, peers: [], institution: 'H35010200001',
};

export interface RunningSource {
  readonly source: Hl7Source;
  readonly intake: FakeIntake;
  readonly port: number;
  readonly counted: ReadonlyMap<string, number>;
}

export interface SourceOptions {
  readonly settings?: Partial<Hl7Settings>;
  readonly mapping?: HisMapping;
  readonly institutions?: readonly string[];
}

/** A source that is not started: for interpret and probe. */
export function makeSource(options: SourceOptions = {}): Omit<RunningSource, 'port'> {
  const intake = new FakeIntake();
  const counted = new Map<string, number>();
  const source = new Hl7Source({
    name: 'his-hl7', settings: { ...HL7_DEFAULTS, ...options.settings }, mapping: options.mapping ?? standard,
    institutions: (options.institutions ?? ['H35010200001', 'H35010200002']).map((code) => ({ code, name: '示范医院', region: '350102' })),
    intake, counters: memoryCounters(), clock: { now: () => Date.parse('2026-11-22T10:00:00+08:00'), sleep: () => Promise.resolve() }, log: silentLog,
    count: (metric, labels) => {
      const key = [metric, ...Object.values(labels)].join(' ');
      counted.set(key, (counted.get(key) ?? 0) + 1);
    },
  });
  return { source, intake, counted };
}

export async function startSource(options: SourceOptions = {}): Promise<RunningSource> {
  const made = makeSource(options);
  await made.source.start();
  return { ...made, port: Number(new URL(made.source.address()).port) };
}
