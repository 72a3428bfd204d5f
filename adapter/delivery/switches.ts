import type { SqlDriver } from '../ports/sql-driver.ts';

/** Stop switch of a destination (停止上报), kept in the store so that the command line and every process see it. */
export interface SwitchState { readonly stopped: boolean; readonly reason: string | undefined; readonly changedAt: number }

const SELECT = `SELECT stopped, reason, changed_at FROM destination_switch WHERE institution = ? AND destination = ?`;
const UPSERT = `INSERT INTO destination_switch (institution, destination, stopped, reason, changed_by, changed_at) VALUES (?,?,?,?,?,?)
  ON CONFLICT (institution, destination) DO UPDATE SET stopped = excluded.stopped, reason = excluded.reason, changed_by = excluded.changed_by, changed_at = excluded.changed_at`;

export async function readSwitch(driver: SqlDriver, lane: { readonly institution: string; readonly destination: string }): Promise<SwitchState> {
  const row = await driver.read((q) => q.get<{ stopped: number; reason: string | null; changed_at: number }>(SELECT, [lane.institution, lane.destination]));
  return { stopped: row?.stopped === 1, reason: row?.reason ?? undefined, changedAt: row?.changed_at ?? 0 };
}

export async function setSwitch(driver: SqlDriver, lane: { readonly institution: string; readonly destination: string }, change: { readonly stopped: boolean; readonly reason: string; readonly by: string; readonly nowMs: number }): Promise<void> {
  await driver.write((q) => q.run(UPSERT, [lane.institution, lane.destination, change.stopped ? 1 : 0, change.reason, change.by, change.nowMs]));
}
