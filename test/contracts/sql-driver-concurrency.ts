import { expect } from 'chai';
import { keysOf, PUT, refusal, withProbe } from './probe-table.ts';
import type { DriverUnderTest } from './sql-driver.contract.ts';

const N = "SELECT n FROM probe WHERE institution = ? AND k = ?";
const CLAIM = `UPDATE probe SET v = ? WHERE institution = 'H1' AND k IN (
  SELECT k FROM probe WHERE institution = 'H1' AND n = 0 AND v IS NULL ORDER BY k LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING k`;

/** Works that run at the same time behave as if they had run one after the other. */
export function concurrencyContract(subject: DriverUnderTest): void {
  describe('concurrent works', () => {
    const driver = withProbe(subject);

    it('counts 1,000 concurrent read-then-write increments exactly', async () => {
      await driver().write((q) => q.run(PUT, ['H1', 'sum', 0, null, null]));
      await Promise.all(Array.from({ length: 1_000 }, () => driver().write(async (q) => {
        const row = await q.get<{ n: number }>(`${N} FOR UPDATE`, ['H1', 'sum']);
        await q.run("UPDATE probe SET n = ? WHERE institution = ? AND k = 'sum'", [(row?.n ?? 0) + 1, 'H1']);
      })));
      expect(await driver().read((q) => q.get(N, ['H1', 'sum']))).to.deep.equal({ n: 1_000 });
    }).timeout(60_000);
    it('counts exactly where nobody locked the row', async () => {
      await Promise.all(Array.from({ length: 200 }, () => driver().write(async (q) => {
        const row = await q.get<{ n: number }>(N, ['H1', 'sum']);
        await q.run("INSERT INTO probe (institution, k, n) VALUES (?, 'sum', ?) ON CONFLICT (institution, k) DO UPDATE SET n = excluded.n", ['H1', (row?.n ?? 0) + 1]);
      })));
      expect(await driver().read((q) => q.get(N, ['H1', 'sum']))).to.deep.equal({ n: 200 });
    }).timeout(60_000);
    it('lets one of many works that each find a key free take it, and shows it to the others', async () => {
      const outcomes = await Promise.all(Array.from({ length: 50 }, (_, at) => driver().write(async (q) => {
        if (await q.get(N, ['H1', 'only']) !== undefined) return 'duplicate';
        await q.run(PUT, ['H1', 'only', at, null, null]);
        return 'taken';
      })));
      expect(outcomes.filter((outcome) => outcome === 'taken').length).to.equal(1);
      expect(outcomes.filter((outcome) => outcome === 'duplicate').length).to.equal(49);
    });
    it('commits the others when some of them fail', async () => {
      const outcomes = await Promise.allSettled(Array.from({ length: 100 }, (_, at) => driver().write(async (q) => {
        await q.run(PUT, ['H1', String(at).padStart(3, '0'), at, null, null]);
        if (at % 10 === 3) throw new Error('this one not');
        if (at % 10 === 7) await q.run('INSERT INTO nowhere VALUES (1)');
      })));
      const kept = outcomes.flatMap((outcome, at) => (outcome.status === 'fulfilled' ? [String(at).padStart(3, '0')] : []));
      expect(kept.length).to.equal(80);
      expect(await keysOf(driver())).to.deep.equal(kept);
    });
    it('gives each row to one of many claiming workers', async () => {
      await driver().write(async (q) => {
        for (let at = 0; at < 120; at += 1) await q.run(PUT, ['H1', String(at).padStart(3, '0'), 0, null, null]);
      });
      const claimed: string[] = [];
      const work = async (worker: number): Promise<void> => {
        for (let turn = 0; turn < 1_000; turn += 1) {
          const row = await driver().write((q) => q.get<{ k: string }>(CLAIM, [`w${String(worker)}-${String(turn)}`]));
          if (row === undefined) return;
          claimed.push(row.k);
        }
      };
      await Promise.all(Array.from({ length: 8 }, (_, worker) => work(worker)));
      // a worker may come out empty-handed while another one holds the last rows; nobody may get a row twice
      await work(9);
      expect(claimed.length).to.equal(120);
      expect(new Set(claimed).size).to.equal(120);
    }).timeout(60_000);
    it('answers reads while writes are going on', async () => {
      const writes = Promise.all(Array.from({ length: 200 }, (_, at) => driver().write((q) => q.run(PUT, ['H1', String(at), at, null, null]))));
      const counts = await Promise.all(Array.from({ length: 50 }, () => keysOf(driver())));
      await writes;
      expect(counts.every((keys) => keys.length <= 200)).to.equal(true);
      expect((await keysOf(driver())).length).to.equal(200);
    });
    it('goes on after a failing work among waiting ones', async () => {
      const failing = refusal(driver().write(() => Promise.reject(new Error('no'))));
      const working = driver().write((q) => q.run(PUT, ['H1', 'a', 1, null, null]));
      await Promise.all([failing, working]);
      expect(await keysOf(driver())).to.deep.equal(['a']);
    });
  });
}
