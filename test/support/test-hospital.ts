import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nationalPolicy } from '../../adapter/checks/national-policy.ts';
import { Dispatcher } from '../../adapter/delivery/dispatcher.ts';
import type { RetrySettings } from '../../adapter/delivery/retry-policy.ts';
import type { Drug } from '../../adapter/domain/drug.ts';
import type { TraceEvent } from '../../adapter/domain/event.ts';
import { IntakeService } from '../../adapter/intake/intake.ts';
import { systemClock } from '../../adapter/ops/system-clock.ts';
import type { DrugLookup } from '../../adapter/ports/drug-lookup.ts';
import type { Institution } from '../../adapter/ports/institution.ts';
import type { IntakeAnswer } from '../../adapter/ports/intake.ts';
import { silentLog } from '../../adapter/ports/log.ts';
import type { SqlDriver, SqlRow } from '../../adapter/ports/sql-driver.ts';
import { createCounters } from '../../adapter/store/counters.ts';
import { migrate } from '../../adapter/store/migrate.ts';
import { Numbers } from '../../adapter/store/numbers.ts';
import { openSqlite } from '../../adapter/store/sqlite/driver.ts';
import type { Destination } from '../../adapter/ports/destination.ts';

export const HOSPITAL: Institution = { code: 'H35010200001', name: '示范医院', region: '350102', province: 'national', level: 3, mah: { entId: 'E1', refEntId: 'R1' } };

export const DRUGS: readonly Drug[] = [
  { drug: 'YP1', name: '演示片', packUnit: '盒', smallestUnit: '片', unitsPerPack: 12, prefixUnit: '8999001', prefixInner: '8999101', packsPerInner: 10, prefixCase: '8999201', packsPerCase: 100 },
  { drug: 'YP2', name: '演示注射液', packUnit: '盒', smallestUnit: '支', unitsPerPack: 5, prefixUnit: '8999002' },
  { drug: 'YP9', name: '演示饮片', packUnit: '袋', smallestUnit: '克', unitsPerPack: 100, exemption: 'slices' },
];

/** Quick clocks for tests: nothing waits longer than some tens of milliseconds. */
export const QUICK_RETRY: RetrySettings = { baseBackOffMs: 10, maxBackOffMs: 40, firstAskMs: 5, absentQuietMs: 40, pollMs: 5, maxPollMs: 20 };

export interface TestHospital {
  readonly driver: SqlDriver;
  readonly intake: IntakeService;
  readonly dispatcher: Dispatcher;
  submit(event: Partial<TraceEvent> & { readonly id: string }): Promise<IntakeAnswer>;
  rows<Row = SqlRow>(sql: string, ...params: (string | number)[]): Promise<Row[]>;
  stop(): Promise<void>;
}

/** An intake and a delivery on a store of their own, with destinations made for the test. */
export async function openTestHospital(destinations: readonly Destination[], options: { readonly driver?: SqlDriver; readonly path?: string; readonly retry?: Partial<RetrySettings>; readonly institutions?: readonly Institution[]; /** looked at anew on every lookup: a test may push */ readonly drugs?: readonly Drug[] } = {}): Promise<TestHospital> {
  const folder = options.driver === undefined && options.path === undefined ? mkdtempSync(join(tmpdir(), 'his-trace-test-')) : undefined;
  const driver = options.driver ?? openSqlite({ path: options.path ?? join(folder ?? '', 'store.db') });
  await migrate(driver);
  const institutions = options.institutions ?? [HOSPITAL];
  const clock = systemClock;
  const counters = createCounters(driver);
  const numbers = new Numbers(counters);
  const catalogue: DrugLookup = { lookup: (_q, _institution, ids) => Promise.resolve(new Map([...DRUGS, ...(options.drugs ?? [])].filter((drug) => ids.includes(drug.drug)).map((drug) => [drug.drug, drug]))) };
  const count = (): void => undefined;
  const dispatcher = new Dispatcher({ driver, destinations, institutions, catalogue, clock, log: silentLog, retry: { ...QUICK_RETRY, ...options.retry }, random: () => 0.5, processId: 'test', alone: true, count });
  const intake = new IntakeService({
    driver, numbers, clock, log: silentLog, count, onTaken: (institution) => { dispatcher.wake(institution); },
    rules: { institution: (code) => institutions.find((one) => one.code === code), home: institutions[0], policy: nationalPolicy, destinations, catalogue },
  });
  return {
    driver, intake, dispatcher,
    submit: (partial) => {
      const event: TraceEvent = { source: 'his', institution: HOSPITAL.code, kind: 'dispense', occurredAt: '2026-11-22T09:31:05+08:00', lines: [], ...partial };
      return intake.submit({ institution: event.institution, source: event.source, controlId: event.id, media: 'json', charset: 'utf-8', bytes: Buffer.from(JSON.stringify(event)), interpreter: 'his-rest' }, { kind: 'events', events: [event] });
    },
    rows: (sql, ...params) => driver.read((q) => q.all(sql, params)),
    stop: async () => {
      await dispatcher.stop(200);
      if (options.driver === undefined) await driver.close();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @returns a synthetic 20-digit code of the drug's smallest pack */
export function packCode(serial: number, prefix = '8999001'): string {
  return `${prefix}${String(serial).padStart(9, '0')}0001`;
}
