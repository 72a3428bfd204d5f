import { expect } from 'chai';
import type { SqlValue } from '../../adapter/ports/sql-driver.ts';
import { GET, PUT, refusal, withProbe } from './probe-table.ts';
import type { DriverUnderTest } from './sql-driver.contract.ts';

const TEXTS: readonly (readonly [string, string])[] = [
  ['a trace code of 20 digits', '89990010000000011234'],
  ['a number that looks exact but is text', '0012.5000000000000000001'],
  ['Chinese', '阿莫西林胶囊（0.25g×24粒）'],
  ['characters outside the basic plane', '𠮷野家💊'],
  ['empty text', ''],
  ['quotes, backslashes and placeholders', `it's "a" \\ ? $1 :name @x %`],
  ['line ends and tabs', 'a\r\nb\tc'],
  ['JSON', '{"a":[1,null,"？"],"b":"\\u0000"}'],
];
const INTEGERS = [0, 1, -1, 2 ** 31, -(2 ** 31) - 1, Date.UTC(2026, 10, 22), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
const REFUSED: readonly (readonly [string, unknown])[] = [
  ['NaN', Number.NaN], ['an infinite number', Number.POSITIVE_INFINITY], ['a fraction', 1.5], ['an integer beyond 2^53', 2 ** 53],
  ['undefined', undefined], ['a boolean', true], ['a bigint', 1n], ['an object', { a: 1 }], ['a Date', new Date(0)],
];

/** What goes in comes out, and what cannot is refused. */
export function valueContract(subject: DriverUnderTest): void {
  describe('values', () => {
    const driver = withProbe(subject);
    const roundTrip = async (value: { n?: SqlValue; v?: SqlValue; b?: SqlValue }): Promise<unknown> => {
      await driver().write((q) => q.run(PUT, ['H1', 'k', value.n ?? null, value.v ?? null, value.b ?? null]));
      return await driver().read((q) => q.get(GET, ['H1', 'k']));
    };

    for (const [what, text] of TEXTS) {
      it(`keeps ${what}`, async () => { expect(await roundTrip({ v: text })).to.deep.equal({ n: null, v: text, b: null }); });
    }
    it('keeps integers up to 2^53 as numbers', async () => {
      for (const n of INTEGERS) {
        await driver().write((q) => q.run('DELETE FROM probe WHERE institution = ?', ['H1']));
        expect(await roundTrip({ n })).to.deep.equal({ n, v: null, b: null });
      }
    });
    it('keeps every byte value', async () => {
      const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => at % 256);
      const row = await roundTrip({ b: bytes }) as { b: Uint8Array };
      expect(row.b).to.be.instanceOf(Uint8Array);
      expect(Buffer.compare(row.b, bytes)).to.equal(0);
    });
    it('keeps the bytes of a window on a larger buffer', async () => {
      const window = new Uint8Array(Uint8Array.from([1, 2, 3, 4, 5]).buffer, 1, 3);
      expect(Array.from((await roundTrip({ b: window }) as { b: Uint8Array }).b)).to.deep.equal([2, 3, 4]);
    });
    it('tells empty bytes and empty text from null', async () => {
      expect(await roundTrip({ v: '', b: new Uint8Array(0) })).to.deep.equal({ n: null, v: '', b: new Uint8Array(0) });
    });

    for (const [what, value] of REFUSED) {
      it(`refuses ${what} as a parameter, storing nothing`, async () => {
        await refusal(driver().write((q) => q.run(PUT, ['H1', 'k', value as SqlValue, null, null])));
        expect(await driver().read((q) => q.get(GET, ['H1', 'k']))).to.equal(undefined);
      });
    }
    it('refuses too few and too many parameters', async () => {
      await refusal(driver().write((q) => q.run(PUT, ['H1', 'k', 1, 'v'])));
      await refusal(driver().write((q) => q.run(PUT, ['H1', 'k', 1, 'v', null, 'more'])));
      expect(await driver().read((q) => q.get(GET, ['H1', 'k']))).to.equal(undefined);
    });
    it('refuses to read an integer beyond 2^53 rather than round it', async () => {
      await driver().write((q) => q.run("INSERT INTO probe (institution, k, n) VALUES ('H1', 'k', 9007199254740993)"));
      await refusal(driver().read((q) => q.get(GET, ['H1', 'k'])));
    });
  });

  describe('statements', () => {
    const driver = withProbe(subject);

    it('leaves question marks inside literals, quoted names and comments alone', async () => {
      const row = await driver().read((q) => q.get(
        `SELECT '?' AS a, 'it''s ?' AS b, CAST(? AS TEXT) AS "c?", /* ? */ CAST(? AS TEXT) AS d -- ?
         , '--' AS e, ? || '/*' AS f`, ['1', '2', '3']));
      expect(row).to.deep.equal({ a: '?', b: "it's ?", 'c?': '1', d: '2', e: '--', f: '3/*' });
    });
    it('gives undefined for no row, an empty list for none, and the number of changed rows', async () => {
      await driver().write(async (q) => {
        expect(await q.get(GET, ['H1', 'none'])).to.equal(undefined);
        expect(await q.all(GET, ['H1', 'none'])).to.deep.equal([]);
        for (const k of ['a', 'b', 'c']) await q.run(PUT, ['H1', k, 1, null, null]);
        expect(await q.run("UPDATE probe SET n = 2 WHERE institution = ? AND k <> 'c'", ['H1'])).to.equal(2);
        expect(await q.run('DELETE FROM probe WHERE institution = ?', ['nobody'])).to.equal(0);
        expect(await q.run("INSERT INTO probe (institution, k) VALUES (?, 'a') ON CONFLICT (institution, k) DO NOTHING", ['H1'])).to.equal(0);
      });
    });
    it('upserts and returns in one statement', async () => {
      const upsert = `INSERT INTO probe (institution, k, n) VALUES (?, ?, 1)
        ON CONFLICT (institution, k) DO UPDATE SET n = probe.n + excluded.n RETURNING n`;
      const seen: unknown[] = [];
      for (let time = 0; time < 3; time += 1) seen.push(await driver().write((q) => q.get(upsert, ['H1', 'k'])));
      expect(seen).to.deep.equal([{ n: 1 }, { n: 2 }, { n: 3 }]);
    });
    it('counts and compares as numbers', async () => {
      await driver().write((q) => q.run(PUT, ['H1', 'a', 7, null, null]));
      const row = await driver().read((q) => q.get('SELECT COUNT(*) AS rows_found, MAX(n) AS most, MAX(n) = 7 AS same, CAST(SUM(n) AS BIGINT) AS total FROM probe'));
      expect(row).to.deep.equal({ rows_found: 1, most: 7, same: 1, total: 7 });
    });
    it('sorts text by its bytes', async () => {
      const keys = ['a', 'B', 'b', 'A', '1', '阿', '中', 'é', '_', '-'];
      await driver().write(async (q) => { for (const k of keys) await q.run(PUT, ['H1', k, 1, null, null]); });
      const rows = await driver().read((q) => q.all<{ k: string }>('SELECT k FROM probe WHERE institution = ? ORDER BY k', ['H1']));
      expect(rows.map((row) => row.k)).to.deep.equal([...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    });
    it('runs more different statements than it keeps prepared', async () => {
      await driver().read(async (q) => {
        for (let round = 0; round < 4; round += 1) {
          for (let at = 0; at < 600; at += 1) {
            const row = await q.get<{ x: string }>(`SELECT CAST(? AS TEXT) AS x, ${String(at)} AS y`, [String(at)]);
            if (row?.x !== String(at)) throw new Error(`statement ${String(at)} answered ${String(row?.x)}`);
          }
        }
      });
    }).timeout(60_000);
    it('carries 8 MiB of bytes and 5,000 parameters', async () => {
      const bytes = new Uint8Array(8 * 1024 * 1024).fill(0xa5);
      const values = Array.from({ length: 1_000 }, (_, at) => ['H1', `k${String(at)}`, at, null, null]);
      await driver().write(async (q) => {
        await q.run(PUT, ['H2', 'big', null, null, bytes]);
        await q.run(`INSERT INTO probe (institution, k, n, v, b) VALUES ${values.map(() => '(?,?,?,?,?)').join(',')}`, values.flat());
      });
      const rows = await driver().read((q) => q.all<{ n: number }>('SELECT n FROM probe WHERE institution = ?', ['H1']));
      expect(rows.reduce((sum, row) => sum + row.n, 0)).to.equal(499_500);
      const big = await driver().read((q) => q.get<{ b: Uint8Array }>(GET, ['H2', 'big']));
      expect(big?.b.length).to.equal(bytes.length);
    });
  });
}
