import { expect } from 'chai';
import type { SqlValue } from '../../adapter/ports/sql-driver.ts';
import { byKeys, manyRows } from '../../adapter/store/many-rows.ts';
import { onEachStore } from '../support/stores.ts';

const insert = manyRows('INSERT INTO thing (institution, name, n)', 3, 'ON CONFLICT (institution, name) DO UPDATE SET n = excluded.n');
const select = byKeys('SELECT name, n FROM thing WHERE institution = ? AND name IN', 'ORDER BY name FOR UPDATE');
const rowsOf = (count: number, n = 1): SqlValue[][] => Array.from({ length: count }, (_, at) => ['H1', `k${String(at).padStart(3, '0')}`, n]);

describe('store/rows and keys in lists', () => {
  onEachStore((open) => {
    for (const count of [0, 1, 2, 8, 9, 16, 21]) {
      it(`writes and reads ${String(count)} rows, each once, in order`, async () => {
        const driver = await open();
        await driver.script('CREATE TABLE thing (institution TEXT NOT NULL, name TEXT NOT NULL, n INTEGER, PRIMARY KEY (institution, name))');
        await driver.write((q) => insert(q, rowsOf(count)));
        await driver.write((q) => insert(q, rowsOf(count, 2)));
        const keys = rowsOf(count + 3).map(([, name]) => String(name));
        const read = await driver.write((q) => select<{ name: string; n: number }>(q, ['H1'], keys));
        expect(read.map(({ name, n }) => [name, n])).to.deep.equal(rowsOf(count, 2).map(([, name, n]) => [name, n]));
      });
    }
  });
});
