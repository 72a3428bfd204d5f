import { createHash } from 'node:crypto';
import type { SqlQuery } from '../ports/sql-driver.ts';

const GATES = 256;
/** primary key of counter */
export const PASS_GATE = `INSERT INTO counter (institution, name, next_value) VALUES (?, ?, 1)
  ON CONFLICT (institution, name) DO UPDATE SET next_value = counter.next_value + 1`;

/**
 * Works that depend on what the other one has NOT written yet (a dispense that looks for its settlement, a settlement that
 * looks for its dispenses) pass the same gate, as the first statement of the work: one of them then sees the other. Works
 * that change the same row need no gate. On SQLite, with its one writer, the gate only costs the statement.
 * @param key what they have in common, e.g. `visit:…`; only its hash is stored
 */
export async function passGate(q: SqlQuery, institution: string, key: string): Promise<void> {
  const gate = createHash('sha256').update(key).digest().readUInt16BE(0) % GATES;
  await q.run(PASS_GATE, [institution, `gate-${String(gate)}`]);
}
