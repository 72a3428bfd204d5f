import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite } from '../../adapter/store/sqlite/driver.ts';
import type { SqlQuery } from '../../adapter/ports/sql-driver.ts';

/** Rows that one message leaves behind; counted by the ingest bench from what the product really wrote. */
export interface RowsPerMessage {
  readonly lines: number;
  readonly codes: number;
  readonly deliveries: number;
  readonly recordBytes: number;
  readonly eventBytes: number;
}

/**
 * The machine's own group-commit limit: the same rows per message into the same tables and indexes, fsync before each answer,
 * the same number of messages waiting at a time; no sockets, no parsing, no rules.
 * @returns messages per second
 */
export async function groupCommitLimit(rows: RowsPerMessage, options: { readonly waiting: number; readonly seconds: number }): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'his-trace-limit-'));
  const driver = openSqlite({ path: join(folder, 'store.db') });
  try {
    await driver.script(readFileSync(new URL('../../sql/sqlite/000001-spine.sql', import.meta.url), 'utf8'));
    const body = Buffer.alloc(rows.recordBytes, 0x41);
    const event = JSON.stringify({ pad: 'x'.repeat(Math.max(0, rows.eventBytes - 10)) });
    let next = 1;
    const started = performance.now();
    const until = started + options.seconds * 1_000;
    await Promise.all(Array.from({ length: options.waiting }, async () => {
      while (performance.now() < until) {
        const no = next++;
        await driver.write((q) => writeRows(q, no, rows, { body, event }));
      }
    }));
    return Math.round((next - 1) / ((performance.now() - started) / 1_000));
  } finally {
    await driver.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function writeRows(q: SqlQuery, no: number, rows: RowsPerMessage, what: { readonly body: Buffer; readonly event: string }): Promise<void> {
  const id = String(no);
  const base = no * 100;
  await q.run('INSERT INTO record (institution, record_no, source, control_id, interpreter, media, charset, sha256, body, received_at, state) VALUES (?,?,?,?,?,?,?,?,?,?,?)', ['H35010200001', base, 'his', id, 'his', 'hl7v2', 'utf-8', 'f'.repeat(56) + id.padStart(8, '0'), what.body, no, 'taken']);
  await q.run('INSERT INTO event (institution, event_no, source, event_id, kind, occurred_at, occurred_on, received_at, document_no, location, visit_no, refers, content_sha, record_no, body) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)', ['H35010200001', base, 'his', id, 'dispense', no, '2026-11-22', no, `CF${id}`, 'P1', `V${id}`, null, 'e'.repeat(56) + id.padStart(8, '0'), base, what.event]);
  for (let at = 0; at < rows.lines; at += 1) await q.run('INSERT INTO event_line (institution, event_no, line_no, drug, lot, expires_on, quantity, unit, units, split, code_count, exclusion) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)', ['H35010200001', base, String(at), 'YP00012', 'A2401', '2027-12-31', '2', '盒', '24', 0, 2, null]);
  for (let at = 0; at < rows.codes; at += 1) {
    const code = `8999001${String(no * 10 + at).padStart(13, '0')}`;
    await q.run('INSERT INTO code (institution, code, scheme, prefix, state, drug, lot, expires_on, level, units_total, units_left, last_event_no, updated_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)', ['H35010200001', code, 'cn20', '8999001', 'dispensed', 'YP00012', 'A2401', '2027-12-31', 1, '24000000', '0', base, no]);
    await q.run('INSERT INTO code_event (institution, code, event_no, line_no, from_state, to_state, units, first_opening) VALUES (?,?,?,?,?,?,?,?)', ['H35010200001', code, base, '1', 'unseen', 'dispensed', '0', 0]);
  }
  for (let at = 0; at < rows.deliveries; at += 1) await q.run('INSERT INTO delivery (institution, delivery_no, destination, event_no, subject_no, operation, report_key, covers, codes, batch_key, priority, state, due_at, created_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)', ['H35010200001', base + at, at === 0 ? 'mah' : 'insurance', base, base, '3505', `K${id}-${String(at)}`, '["1"]', '["89990010000000000001"]', '3505', 0, 'queued', no, no]);
}
