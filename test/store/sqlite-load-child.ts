/**
 * Writes rows into the store given by its arguments and says `ACK <n>` on its output for each row that the store has
 * confirmed. Run as a process of its own, to be killed or traced: FILE FIRST COUNT CONCURRENCY
 */
import { writeSync } from 'node:fs';
import { openSqlite } from '../../adapter/store/sqlite/driver.ts';

const [path = '', first = '0', count = '0', concurrency = '1'] = process.argv.slice(2);
const driver = openSqlite({ path });
let next = Number(first);
const end = next + Number(count);

const lane = async (): Promise<void> => {
  for (;;) {
    const n = next;
    next += 1;
    if (n >= end) return;
    await driver.write((q) => q.run('INSERT INTO load (institution, n, body) VALUES (?, ?, ?)', ['H1', n, `89990010${String(n)}`.repeat(20)]));
    // straight to the pipe: what the parent reads was said after the commit, whatever happens to this process next
    writeSync(1, `ACK ${String(n)}\n`);
  }
};
await Promise.all(Array.from({ length: Number(concurrency) }, lane));
await driver.close();
