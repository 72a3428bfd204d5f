import { expect } from 'chai';
import type { Counters } from '../../adapter/ports/counters.ts';
import type { SqlDriver } from '../../adapter/ports/sql-driver.ts';
import { createCounters, RECALL, REMEMBER, RESERVE } from '../../adapter/store/counters.ts';
import { Numbers, NumbersExhausted } from '../../adapter/store/numbers.ts';
import { PASS_GATE, passGate } from '../../adapter/store/gate.ts';
import { migrate } from '../../adapter/store/migrate.ts';
import { refusal } from '../contracts/probe-table.ts';
import { assertUsesIndex } from '../support/explain.ts';
import { onEachStore } from '../support/stores.ts';

describe('store/counters', () => {
  onEachStore((open) => {
    let driver: SqlDriver;
    beforeEach(async () => {
      driver = await open();
      await migrate(driver);
    });

    it('reserves blocks one after the other, per institution and name', async () => {
      const counters = createCounters(driver);
      expect(await counters.reserve('H1', 'msgid', 10)).to.equal(1);
      expect(await counters.reserve('H1', 'msgid', 5)).to.equal(11);
      expect(await counters.reserve('H1', 'msgid', 1)).to.equal(16);
      expect(await counters.reserve('H2', 'msgid', 3)).to.equal(1);
      expect(await counters.reserve('H1', 'bill', 3)).to.equal(1);
    });
    it('refuses a block without numbers', async () => {
      for (const size of [0, -1, 1.5, Number.NaN, 2 ** 53]) await refusal(createCounters(driver).reserve('H1', 'n', size));
      expect(await createCounters(driver).reserve('H1', 'n', 1)).to.equal(1);
    });
    it('never gives a number twice to concurrent callers', async () => {
      const counters = createCounters(driver);
      const firsts = await Promise.all(Array.from({ length: 100 }, () => counters.reserve('H1', 'n', 7)));
      expect(firsts.sort((a, b) => a - b)).to.deep.equal(Array.from({ length: 100 }, (_, at) => 1 + at * 7));
    });
    it('remembers the last text, apart from the numbers', async () => {
      const counters = createCounters(driver);
      expect(await counters.recall('H1', 'sign-in')).to.equal(undefined);
      await counters.remember('H1', 'sign-in', '签到 1');
      await counters.remember('H1', 'sign-in', '签到 2');
      expect(await counters.recall('H1', 'sign-in')).to.equal('签到 2');
      expect(await counters.recall('H2', 'sign-in')).to.equal(undefined);
      expect(await counters.reserve('H1', 'sign-in', 2)).to.equal(1);
      expect(await counters.recall('H1', 'sign-in')).to.equal('签到 2');
    });
    it('goes on behind everything given out before, also in another process', async () => {
      const seen = new Set<number>();
      for (const numbers of [new Numbers(createCounters(driver), 10), new Numbers(createCounters(await open()), 10)]) {
        for (let turn = 0; turn < 25; turn += 1) {
          await numbers.ensure('H1', 1);
          seen.add(numbers.take('H1'));
        }
      }
      expect(seen.size).to.equal(50);
    });
    it('finds its rows by the primary key', async () => {
      await assertUsesIndex(driver, RECALL, ['H1', 'n'], 'counter_pkey');
      // upserts have no plan to ask for on SQLite: the conflict target is the primary key
      if (driver.dialect !== 'postgres') return;
      await assertUsesIndex(driver, RESERVE, ['H1', 'n', 2, 1], 'counter_pkey');
      await assertUsesIndex(driver, REMEMBER, ['H1', 'n', 'x'], 'counter_pkey');
      await assertUsesIndex(driver, PASS_GATE, ['H1', 'n'], 'counter_pkey');
    });
    it('lets one of two works that look for what the other writes see it, when they pass a gate', async () => {
      for (let round = 0; round < 20; round += 1) {
        const visit = `V${String(round)}`;
        const found = await Promise.all(['dispense', 'settlement'].map((own) => driver.write(async (q) => {
          await passGate(q, 'H1', `visit:${visit}`);
          const other = await q.get('SELECT 1 AS found FROM counter WHERE institution = ? AND name = ?', ['H1', `${visit}-${own === 'dispense' ? 'settlement' : 'dispense'}`]);
          await q.run('INSERT INTO counter (institution, name) VALUES (?, ?)', ['H1', `${visit}-${own}`]);
          return other !== undefined;
        })));
        expect(found.filter((saw) => saw).length, visit).to.equal(1);
      }
    });
  });
});

/** Counters in memory that can be told to fail. */
class FakeCounters implements Counters {
  reserved = 0;
  failing = false;
  reserve(_institution: string, _name: string, size: number): Promise<number> {
    if (this.failing) return Promise.reject(new Error('the store is away'));
    const first = 1 + this.reserved;
    this.reserved += size;
    return Promise.resolve(first);
  }
  recall(): Promise<undefined> { return Promise.resolve(undefined); }
  remember(): Promise<void> { return Promise.resolve(); }
}

describe('store/numbers', () => {
  it('gives increasing numbers within one process', async () => {
    const numbers = new Numbers(new FakeCounters(), 7);
    const seen: number[] = [];
    for (let turn = 0; turn < 50; turn += 1) {
      await numbers.ensure('H1', 1);
      seen.push(numbers.take('H1'));
    }
    expect(seen).to.deep.equal([...new Set(seen)].sort((a, b) => a - b));
  });
  it('serves many waiting callers from one reservation', async () => {
    const counters = new FakeCounters();
    const numbers = new Numbers(counters, 100);
    await Promise.all(Array.from({ length: 50 }, () => numbers.ensure('H1', 1)));
    expect(counters.reserved).to.equal(100);
  });
  it('throws rather than making a number up when nothing was ensured', () => {
    expect(() => new Numbers(new FakeCounters()).take('H1')).to.throw(NumbersExhausted);
  });
  it('fails when the store is away, and works again afterwards', async () => {
    const counters = new FakeCounters();
    const numbers = new Numbers(counters, 10);
    counters.failing = true;
    expect(await numbers.ensure('H1', 1).then(() => 'ensured', (error: unknown) => (error as Error).message)).to.equal('the store is away');
    counters.failing = false;
    await numbers.ensure('H1', 1);
    expect(numbers.take('H1')).to.equal(1);
  });
});
