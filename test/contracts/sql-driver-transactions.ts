import { expect } from 'chai';
import { TraceError } from '../../adapter/domain/error.ts';
import type { SqlQuery } from '../../adapter/ports/sql-driver.ts';
import { GET, keysOf, PUT, refusal, withProbe } from './probe-table.ts';
import type { DriverUnderTest } from './sql-driver.contract.ts';

/** A work is kept whole or not at all, and nobody sees it before. */
export function transactionContract(subject: DriverUnderTest): void {
  describe('transactions', () => {
    const driver = withProbe(subject);

    it('keeps nothing of a work that fails, and passes its error on', async () => {
      const own = new RangeError('the work has its reasons');
      const error = await refusal(driver().write(async (q) => {
        await q.run(PUT, ['H1', 'a', 1, null, null]);
        throw own;
      }));
      expect(error).to.equal(own);
      expect(await keysOf(driver())).to.deep.equal([]);
    });
    it('passes an error with the code of a lost connection on when it is the work that threw it', async () => {
      const own = Object.assign(new Error('a file of the work'), { code: 'ENOENT' });
      expect(await refusal(driver().write(() => Promise.reject(own)))).to.equal(own);
    });
    it('keeps nothing of a work that throws before its first statement', async () => {
      const error = await refusal(driver().write(() => { throw new Error('at once'); }));
      expect(error.message).to.equal('at once');
      await driver().write((q) => q.run(PUT, ['H1', 'after', 1, null, null]));
      expect(await keysOf(driver())).to.deep.equal(['after']);
    });
    it('fails a work whose statement breaks a key, and is as good as new afterwards', async () => {
      await driver().write((q) => q.run(PUT, ['H1', 'a', 1, 'x', null]));
      const error = await refusal(driver().write(async (q) => {
        await q.run(PUT, ['H1', 'b', 1, 'y', null]);
        await q.run(PUT, ['H1', 'c', 1, 'x', null]);
      }));
      expect(error).not.to.be.instanceOf(TraceError);
      await driver().write((q) => q.run(PUT, ['H1', 'd', 1, 'z', null]));
      expect(await keysOf(driver())).to.deep.equal(['a', 'd']);
    });
    it('never reports a work as kept whose failed statement was swallowed', async () => {
      await driver().write((q) => q.run(PUT, ['H1', 'a', 1, 'x', null]));
      await refusal(driver().write(async (q) => {
        await q.run(PUT, ['H1', 'b', 1, 'y', null]);
        await q.run(PUT, ['H1', 'c', 1, 'x', null]).catch(() => undefined);
      }));
      expect(await keysOf(driver())).to.deep.equal(['a']);
    });
    it('fails on a statement that is not SQL, and is as good as new afterwards', async () => {
      expect(await refusal(driver().write((q) => q.run('INSERT INTO nowhere VALUES (1)')))).not.to.be.instanceOf(TraceError);
      expect(await refusal(driver().read((q) => q.get('SELEKT 1')))).not.to.be.instanceOf(TraceError);
      expect(await driver().read((q) => q.get('SELECT 1 AS one'))).to.deep.equal({ one: 1 });
    });
    it('lets a work read what it has written itself', async () => {
      const seen = await driver().write(async (q) => {
        await q.run(PUT, ['H1', 'a', 5, null, null]);
        return await q.get<{ n: number }>(GET, ['H1', 'a']);
      });
      expect(seen?.n).to.equal(5);
    });
    it('waits for statements that a work started together', async () => {
      await driver().write(async (q) => {
        await Promise.all(['a', 'b', 'c'].map((k) => q.run(PUT, ['H1', k, 1, null, null])));
      });
      expect(await keysOf(driver())).to.deep.equal(['a', 'b', 'c']);
    });
    it('takes no statement after its transaction has ended', async () => {
      const held: SqlQuery[] = [];
      await driver().write((q) => { held.push(q); return Promise.resolve(); });
      const [q] = held;
      if (q === undefined) throw new Error('the work did not run');
      await refusal(q.run(PUT, ['H1', 'late', 1, null, null]));
      expect(await keysOf(driver())).to.deep.equal([]);
    });
    it('refuses to change anything in a read', async () => {
      await refusal(driver().read((q) => q.run(PUT, ['H1', 'a', 1, null, null])));
      expect(await keysOf(driver())).to.deep.equal([]);
    });
    it('passes the error of a reading work on and reads again', async () => {
      const own = new Error('stop');
      expect(await refusal(driver().read(() => Promise.reject(own)))).to.equal(own);
      expect(await keysOf(driver())).to.deep.equal([]);
    });

    it('shows a read nothing that is not committed', async () => {
      const inside = gate();
      const go = gate();
      const writing = driver().write(async (q) => {
        await q.run(PUT, ['H1', 'a', 1, null, null]);
        inside.open();
        await go.passed;
      });
      await inside.passed;
      expect(await keysOf(driver())).to.deep.equal([]);
      go.open();
      await writing;
      expect(await keysOf(driver())).to.deep.equal(['a']);
    });
    it('keeps showing a read the state it began with', async () => {
      await driver().write((q) => q.run(PUT, ['H1', 'a', 1, null, null]));
      const seen = await driver().read(async (q) => {
        const before = await q.get<{ n: number }>(GET, ['H1', 'a']);
        await driver().write((w) => w.run("UPDATE probe SET n = 2 WHERE institution = ? AND k = 'a'", ['H1']));
        const after = await q.get<{ n: number }>(GET, ['H1', 'a']);
        return [before?.n, after?.n];
      });
      expect(seen).to.deep.equal([1, 1]);
      const now = await driver().read((q) => q.get<{ n: number }>(GET, ['H1', 'a']));
      expect(now?.n).to.equal(2);
    });
    it('shows a read everything that was resolved before it began', async () => {
      for (let n = 0; n < 50; n += 1) {
        const k = String(n).padStart(2, '0');
        await driver().write((q) => q.run(PUT, ['H1', k, n, null, null]));
        expect((await keysOf(driver())).at(-1)).to.equal(k);
      }
    });
    it('runs a script of several statements, with a transaction of its own', async () => {
      await driver().script(`BEGIN; INSERT INTO probe (institution, k) VALUES ('H1', 'x;y?'); -- one ; more
        INSERT INTO probe (institution, k) VALUES ('H1', 'z'); COMMIT;`);
      expect(await keysOf(driver())).to.deep.equal(['x;y?', 'z']);
    });
    it('leaves no transaction behind when a script fails', async () => {
      await refusal(driver().script("BEGIN; INSERT INTO probe (institution, k) VALUES ('H1', 'gone'); INSERT INTO nowhere VALUES (1); COMMIT;"));
      await driver().write((q) => q.run(PUT, ['H1', 'a', 1, null, null]));
      expect(await keysOf(driver())).to.deep.equal(['a']);
    });
  });
}

function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => { open = resolve; });
  return { passed, open: () => { open(); } };
}
