import { hash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manyRows } from '../../adapter/store/many-rows.ts';
import { openSqlite } from '../../adapter/store/sqlite/driver.ts';
import type { SqlQuery, SqlValue } from '../../adapter/ports/sql-driver.ts';

/** Rows that one message leaves behind and how large they are; counted by the ingest bench from what the product really wrote. */
export interface RowsPerMessage {
  readonly lines: number;
  readonly codes: number;
  readonly moves: number;
  readonly deliveries: number;
  readonly findings: number;
  readonly recordBytes: number;
  readonly eventBytes: number;
  /** of all deliveries together: lists of codes and lines, reasons */
  readonly deliveryBytes: number;
  readonly findingBytes: number;
}

/**
 * The machine's own group-commit limit: the same rows per message into the same tables and indexes with as few statements as
 * the product, keys that fall into the indexes like the product's, fsync before each answer, the same number of messages waiting
 * at a time; no sockets, no parsing, no rules.
 * @returns messages per second
 */
export async function groupCommitLimit(rows: RowsPerMessage, options: { readonly waiting: number; readonly seconds: number }): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'his-trace-limit-'));
  const driver = openSqlite({ path: join(folder, 'store.db') });
  try {
    const migrations = new URL('../../sql/sqlite/', import.meta.url);
    for (const name of readdirSync(migrations).sort()) await driver.script(readFileSync(new URL(name, migrations), 'utf8'));
    const content: Content = {
      body: Buffer.alloc(rows.recordBytes, 0x41), event: 'x'.repeat(rows.eventBytes),
      delivery: 'x'.repeat(share(rows.deliveryBytes, rows.deliveries)), finding: 'x'.repeat(share(rows.findingBytes, rows.findings)),
    };
    let next = 1;
    const started = performance.now();
    const until = started + options.seconds * 1_000;
    await Promise.all(Array.from({ length: options.waiting }, async () => {
      while (performance.now() < until) {
        const no = next++;
        await driver.write((q) => writeRows(q, no, rows, content));
      }
    }));
    return Math.round((next - 1) / ((performance.now() - started) / 1_000));
  } finally {
    await driver.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Content { readonly body: Buffer; readonly event: string; readonly delivery: string; readonly finding: string }

const HOME = 'H35010200001';
const records = manyRows('INSERT INTO record (institution, record_no, source, control_id, interpreter, media, charset, sha256, body, received_at, state)', 11);
const events = manyRows('INSERT INTO event (institution, event_no, source, event_id, kind, occurred_at, occurred_on, received_at, document_no, location, visit_no, refers, content_sha, record_no, body)', 15);
const lines = manyRows('INSERT INTO event_line (institution, event_no, line_no, drug, lot, expires_on, quantity, unit, units, split, code_count, exclusion)', 12);
const codes = manyRows('INSERT INTO code (institution, code, scheme, prefix, state, drug, lot, expires_on, level, units_total, units_left, last_event_no, updated_at)', 13);
const moves = manyRows('INSERT INTO code_event (institution, code, event_no, line_no, from_state, to_state, units, first_opening)', 8);
const findings = manyRows('INSERT INTO finding (institution, event_no, finding_no, line_no, code, severity, trace_code, detail, found_at)', 9);
const deliveries = manyRows('INSERT INTO delivery (institution, delivery_no, destination, event_no, subject_no, operation, report_key, covers, codes, batch_key, priority, state, due_at, created_at)', 14);

async function writeRows(q: SqlQuery, no: number, rows: RowsPerMessage, content: Content): Promise<void> {
  const id = `B${String(no)}`;
  const base = no * 100;
  const sha = hash('sha256', id, 'hex');
  const code = (at: number): string => `8999001${String(no * 10 + at).padStart(9, '0')}0001`;
  await records(q, [[HOME, base, 'his-hl7', id, 'his-hl7', 'hl7v2', 'utf-8', sha, content.body, no, 'taken']]);
  await events(q, [[HOME, base, 'his-hl7', id, 'dispense', no, '2026-11-22', no, `CF${String(no)}`, 'XYF', `V${String(no)}`, null, sha, base, content.event]]);
  await lines(q, times(rows.lines, (at) => [HOME, base, String(at), 'YP00012', 'A2401', '2027-12-31', '2', '盒', '48', 0, 2, null]));
  await codes(q, times(rows.codes, (at) => [HOME, code(at), 'cn20', '8999001', 'dispensed', 'YP00012', 'A2401', '2027-12-31', 1, '24000000', '0', base, no]));
  await moves(q, times(rows.moves, (at) => [HOME, code(at), base, '1', 'unseen', 'dispensed', '0', 0]));
  await findings(q, times(rows.findings, (at) => [HOME, base, at, '1', 'CODE_NOT_IN_STOCK', 'warn', code(at), content.finding, no]));
  await deliveries(q, times(rows.deliveries, (at) => [HOME, base + at, at === 0 ? 'mah' : 'insurance', base, base, '3505', hash('sha256', `${id}-${String(at)}`, 'hex').slice(0, 27), '["1"]', content.delivery, '3505', 0, 'queued', no, no]));
}

function times(count: number, row: (at: number) => SqlValue[]): SqlValue[][] {
  return Array.from({ length: count }, (_, at) => row(at));
}

function share(total: number, rows: number): number {
  return rows === 0 ? 0 : Math.round(total / rows);
}
