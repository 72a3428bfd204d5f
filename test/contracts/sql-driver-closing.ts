import { expect } from 'chai';
import { TraceError } from '../../adapter/domain/error.ts';
import type { SqlDriver } from '../../adapter/ports/sql-driver.ts';
import { createProbe, PUT, refusal } from './probe-table.ts';
import type { DriverUnderTest } from './sql-driver.contract.ts';

/** Closing lets what runs come to its end and refuses what comes later. */
export function closingContract(subject: DriverUnderTest): void {
  describe('closing', () => {
    let driver: SqlDriver;
    beforeEach(async () => {
      driver = await subject.open();
      await createProbe(driver);
    });
    afterEach(() => driver.close());

    it('finishes the works that were handed over before', async () => {
      const writes = Array.from({ length: 40 }, (_, at) => driver.write((q) => q.run(PUT, ['H1', String(at), at, null, null])));
      const read = driver.read((q) => q.get('SELECT 1 AS one'));
      await driver.close();
      expect(await Promise.all(writes)).to.deep.equal(writes.map(() => 1));
      expect(await read).to.deep.equal({ one: 1 });
    });
    it('refuses reads, writes and scripts afterwards, as something that may be tried again', async () => {
      await driver.close();
      for (const late of [
        () => driver.write((q) => q.run(PUT, ['H1', 'late', 1, null, null])),
        () => driver.read((q) => q.get('SELECT 1 AS one')),
        () => driver.script('SELECT 1'),
      ]) {
        const error = await refusal(late());
        expect(error).to.be.instanceOf(TraceError);
        expect((error as TraceError).code).to.equal('STORE_UNAVAILABLE');
      }
    });
    it('may be called twice, also at the same time', async () => {
      await Promise.all([driver.close(), driver.close()]);
      await driver.close();
    });
  });
}
