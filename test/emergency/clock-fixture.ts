import { nationalPolicy } from '../../adapter/checks/national-policy.ts';
import { createAlerts } from '../../adapter/checks/findings/alert-store.ts';
import { chinaIso } from '../../adapter/domain/china-time.ts';
import { fileEmergency } from '../../adapter/emergency/file-emergency.ts';
import { watchEmergencies } from '../../adapter/emergency/watch-emergencies.ts';
import type { Alerts } from '../../adapter/ports/alert.ts';
import type { Clock } from '../../adapter/ports/clock.ts';
import { silentLog } from '../../adapter/ports/log.ts';
import type { SqlDriver } from '../../adapter/ports/sql-driver.ts';
import { seedEvent } from '../http/seed.ts';

export const HOSPITAL = 'H89990000001';
export const HOUR = 3_600_000;
export const START = Date.parse('2026-11-22T00:00:00+08:00');

/** A clock that stands where it is put. */
export class StandingClock implements Clock {
  ms = START;
  now(): number { return this.ms; }
  sleep(): Promise<void> { return Promise.resolve(); }
}

export const codeOf = (serial: number): string => `8999001${String(serial).padStart(9, '0')}0001`;

export interface EmergencyDesk {
  readonly clock: StandingClock;
  readonly alerts: Alerts;
  /** an emergency dispense of one pack nobody had received, `atMs` by the clock of the HIS */
  dispense(eventNo: number, atMs: number, changes?: { readonly codes?: readonly string[]; readonly uncodedLines?: number; readonly receivedAtMs?: number }): Promise<boolean>;
  receive(eventNo: number, code: string, atMs: number): Promise<void>;
  cancel(eventNo: number, id: string, atMs: number): Promise<void>;
  watch(): Promise<number>;
}

/** Emergency clocks on a store of the test, written as the intake writes them. */
export function emergencyDesk(driver: SqlDriver, clock: StandingClock = new StandingClock()): EmergencyDesk {
  const alerts = createAlerts(driver, clock);
  const seed = (eventNo: number, kind: string, atMs: number, more: { readonly id?: string; readonly refers?: string } = {}): Promise<void> =>
    seedEvent(driver, { institution: HOSPITAL, eventNo, id: `E${String(eventNo)}`, kind, occurredAt: chinaIso(atMs), documentNo: `CF${String(eventNo)}`, ...more });
  const move = (eventNo: number, code: string, from: string, to: string): Promise<number> => driver.write((q) => q.run(
    "INSERT INTO code_event (institution, code, event_no, line_no, from_state, to_state, units, first_opening) VALUES (?, ?, ?, '1', ?, ?, '0', 0)", [HOSPITAL, code, eventNo, from, to]));
  return {
    clock, alerts,
    dispense: async (eventNo, atMs, changes = {}) => {
      const codes = changes.codes ?? [codeOf(eventNo)];
      await seed(eventNo, 'dispense', atMs);
      for (const code of codes) await move(eventNo, code, 'unseen', 'dispensed');
      return driver.write((q) => fileEmergency(q, {
        institution: { code: HOSPITAL, name: '示范医院', region: '350102' }, eventNo, receivedAtMs: changes.receivedAtMs ?? atMs + 1_000, policy: nationalPolicy,
        event: { id: `E${String(eventNo)}`, source: 'his', institution: HOSPITAL, kind: 'dispense', occurredAt: chinaIso(atMs), documentNo: `CF${String(eventNo)}`, location: '急诊药房', emergency: true, lines: [] },
        uncodedLines: changes.uncodedLines ?? 0, unseenCodes: codes,
      }));
    },
    receive: async (eventNo, code, atMs) => {
      await seed(eventNo, 'receipt', atMs);
      await move(eventNo, code, 'dispensed', 'in-stock');
    },
    cancel: (eventNo, id, atMs) => seed(eventNo, 'void', atMs, { refers: id }),
    watch: () => watchEmergencies({ driver, institutions: [HOSPITAL], alerts, clock, log: silentLog }),
  };
}

/** @returns alerts per band, as stored */
export async function alertsByBand(driver: SqlDriver): Promise<Record<string, number>> {
  const rows = await driver.read((q) => q.all<{ alert_key: string }>('SELECT alert_key FROM alert WHERE institution = ? ORDER BY alert_no', [HOSPITAL]));
  const counts: Record<string, number> = {};
  for (const { alert_key: key } of rows) {
    const band = key.split(':').at(-1) ?? '';
    counts[band] = (counts[band] ?? 0) + 1;
  }
  return counts;
}
