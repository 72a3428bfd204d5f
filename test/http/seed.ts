import { chinaDate } from '../../adapter/domain/china-time.ts';
import type { SqlDriver, SqlValue } from '../../adapter/ports/sql-driver.ts';

/** Rows as the intake and the delivery write them, for the views to read. */
export interface SeedEvent {
  readonly institution: string; readonly eventNo: number; readonly id: string; readonly source?: string; readonly kind?: string; readonly occurredAt?: string;
  readonly documentNo?: string; readonly visitNo?: string; readonly refers?: string; readonly body?: unknown;
  readonly lines?: readonly { readonly lineNo: string; readonly drug?: string; readonly lot?: string; readonly exclusion?: string }[];
}

export interface SeedDelivery {
  readonly institution: string; readonly deliveryNo: number; readonly eventNo: number; readonly destination: string; readonly state: string;
  readonly covers: readonly string[]; readonly codes?: readonly string[]; readonly operation?: string; readonly subjectNo?: number; readonly reverses?: number;
  readonly reason?: string; readonly detail?: string; readonly hold?: string; readonly createdAt?: number;
}

function insert(driver: SqlDriver, table: string, row: Readonly<Record<string, SqlValue>>): Promise<number> {
  const columns = Object.keys(row);
  return driver.write((q) => q.run(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`, Object.values(row)));
}

export async function seedEvent(driver: SqlDriver, event: SeedEvent): Promise<void> {
  const occurredAt = Date.parse(event.occurredAt ?? '2026-11-22T09:00:00+08:00');
  const { institution, eventNo } = event;
  await insert(driver, 'event', {
    institution, event_no: eventNo, source: event.source ?? 'his', event_id: event.id, kind: event.kind ?? 'dispense', occurred_at: occurredAt,
    occurred_on: chinaDate(occurredAt), received_at: occurredAt + 1_000, document_no: event.documentNo ?? null, location: '西药房', visit_no: event.visitNo ?? null,
    refers: event.refers ?? null, content_sha: 'x', record_no: eventNo, body: JSON.stringify(event.body ?? { id: event.id }),
  });
  for (const line of event.lines ?? []) {
    await insert(driver, 'event_line', {
      institution, event_no: eventNo, line_no: line.lineNo, drug: line.drug ?? 'YP1', lot: line.lot ?? null, expires_on: null, quantity: '1', unit: '盒', units: '24',
      split: 0, code_count: 1, exclusion: line.exclusion ?? null,
    });
  }
}

export async function seedDelivery(driver: SqlDriver, delivery: SeedDelivery): Promise<void> {
  const createdAt = delivery.createdAt ?? Date.parse('2026-11-22T09:00:02+08:00');
  await insert(driver, 'delivery', {
    institution: delivery.institution, delivery_no: delivery.deliveryNo, destination: delivery.destination, event_no: delivery.eventNo,
    subject_no: delivery.subjectNo ?? delivery.eventNo, operation: delivery.operation ?? '3505', report_key: `K${String(delivery.deliveryNo)}`,
    covers: JSON.stringify(delivery.covers), codes: JSON.stringify(delivery.codes ?? []), batch_key: 'b', priority: 0, state: delivery.state, hold: delivery.hold ?? null,
    reason: delivery.reason ?? null, detail: delivery.detail ?? null, attempts: 1, due_at: createdAt, reverses: delivery.reverses ?? null, created_at: createdAt,
  });
}

export function seedAttempt(driver: SqlDriver, attempt: { readonly institution: string; readonly deliveryNo: number; readonly attemptNo: number; readonly result: string }): Promise<number> {
  return insert(driver, 'delivery_attempt', {
    institution: attempt.institution, delivery_no: attempt.deliveryNo, attempt_no: attempt.attemptNo, at: Date.parse('2026-11-22T09:00:03+08:00'), act: 'send', result: attempt.result,
  });
}

export function seedRecord(driver: SqlDriver, record: { readonly institution: string; readonly recordNo: number; readonly body?: string; readonly code?: string; readonly receivedAt?: string; readonly source?: string }): Promise<number> {
  return insert(driver, 'record', {
    institution: record.institution, record_no: record.recordNo, source: record.source ?? 'his-hl7', control_id: `C${String(record.recordNo)}`, interpreter: 'his-hl7', media: 'hl7v2',
    charset: 'utf-8', sha256: 'x', body: Buffer.from(record.body ?? 'MSH|^~\\&|HIS'), received_at: Date.parse(record.receivedAt ?? '2026-11-22T10:00:00+08:00'), state: 'quarantined',
    error_code: record.code ?? 'HL7_FIELD_INVALID', error_field: 'RXD-4', error_value: 'abc', detail: '数量不是数字',
  });
}

export async function seedCode(driver: SqlDriver, code: { readonly institution: string; readonly code: string; readonly state?: string; readonly eventNos: readonly number[] }): Promise<void> {
  await insert(driver, 'code', {
    institution: code.institution, code: code.code, scheme: 'cn20', prefix: code.code.slice(0, 7), state: code.state ?? 'opened', drug: 'YP1', lot: 'A2401', produced_on: null,
    expires_on: '2027-12-31', level: 1, location: '西药房', units_total: '24000000', units_left: '10500000', opened_at: null, last_event_no: code.eventNos.at(-1) ?? 0,
    updated_at: Date.parse('2026-11-22T09:00:02+08:00'),
  });
  for (const eventNo of code.eventNos) {
    await insert(driver, 'code_event', {
      institution: code.institution, code: code.code, event_no: eventNo, line_no: '1', from_state: 'in-stock', to_state: 'opened', units: '13500000', first_opening: 1,
    });
  }
}
