/**
 * Fills the small disk it is given, frees some of it, and goes on. Run in a mount namespace of its own: FOLDER
 * Prints one JSON line: what was refused with which codes, what was confirmed, and what is really there.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TraceError } from '../../adapter/domain/error.ts';
import { openSqlite } from '../../adapter/store/sqlite/driver.ts';

const [folder = ''] = process.argv.slice(2);
const ballast = join(folder, 'ballast');
writeFileSync(ballast, new Uint8Array(1_500_000));
const driver = openSqlite({ path: join(folder, 'store.db') });
await driver.script('CREATE TABLE load (n INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT');

const confirmed: number[] = [];
const refused: string[] = [];
const put = async (n: number): Promise<boolean> => {
  try {
    await driver.write((q) => q.run('INSERT INTO load (n, body) VALUES (?, ?)', [n, 'x'.repeat(20_000)]));
    confirmed.push(n);
    return true;
  } catch (error) {
    refused.push(error instanceof TraceError ? `${error.code} ${String((error.retryAfterMs ?? 0) > 0)}` : String(error));
    return false;
  }
};

let n = 0;
while (n < 2_000 && await put(n)) n += 1;
const whenFull = n;
// refused as often as it is tried, one by one and together
for (let again = 1; again <= 5; again += 1) await put(n + again);
await Promise.all([10, 11, 12, 13].map((more) => put(n + more)));
const readWhileFull = (await driver.read((q) => q.all('SELECT n FROM load'))).length;
rmSync(ballast);
let recovered = 0;
for (let more = 100; more < 120; more += 1) if (await put(n + more)) recovered += 1;

const there = (await driver.read((q) => q.all<{ n: number }>('SELECT n FROM load ORDER BY n'))).map((row) => row.n);
const integrity = await driver.read((q) => q.get('PRAGMA integrity_check'));
await driver.close();
process.stdout.write(`${JSON.stringify({ whenFull, refused: [...new Set(refused)], refusals: refused.length, readWhileFull, recovered, confirmed, there, integrity })}\n`);
