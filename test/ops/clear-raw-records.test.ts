import { expect } from 'chai';
import { clearRawRecords } from '../../adapter/ops/clear-raw-records.ts';
import { silentLog } from '../../adapter/ports/log.ts';
import type { SqlDriver } from '../../adapter/ports/sql-driver.ts';
import { FakeDestination } from '../support/fake-destination.ts';
import { onEachStore } from '../support/stores.ts';
import { HOSPITAL, openTestHospital, packCode, type TestHospital } from '../support/test-hospital.ts';

const DAY_MS = 86_400_000;
const ALL = 'SELECT record_no, state, LENGTH(body) AS bytes FROM record WHERE institution = ? ORDER BY record_no';

describe('retention of raw records', () => {
  onEachStore((open) => {
    async function hospital(): Promise<TestHospital & { readonly store: SqlDriver }> {
      const store = await open();
      return { ...await openTestHospital([new FakeDestination('mah')], { driver: store }), store };
    }
    const dispense = (serial: number): Parameters<TestHospital['submit']>[0] => ({ id: `D${String(serial)}`, lines: [{ lineNo: '1', drug: 'YP1', quantity: '1', unit: '盒', split: false, codes: [packCode(serial)] }] });
    const clear = (store: SqlDriver, at: number, days = 30): Promise<number> => clearRawRecords({
      driver: store, institutions: [HOSPITAL.code], days, clock: { now: () => at, sleep: () => Promise.resolve() }, log: silentLog, count: () => undefined,
    });
    const settle = (store: SqlDriver, state: string, eventId: string): Promise<number> => store.write((q) => q.run(
      'UPDATE delivery SET state = ? WHERE institution = ? AND event_no IN (SELECT event_no FROM event WHERE institution = ? AND event_id = ?)', [state, HOSPITAL.code, HOSPITAL.code, eventId]));

    it('clears only what is old and whose reports are settled; quarantine and what is under way stay whole', async () => {
      const site = await hospital();
      const { store } = site;
      for (const serial of [1, 2, 3]) await site.submit(dispense(serial));
      await site.submit({ ...dispense(4), kind: 'void', refers: 'nobody', lines: [] });
      await settle(store, 'accepted', 'D1');
      await settle(store, 'needs-attention', 'D2');
      const now = Date.now();
      expect(await clear(store, now + 29 * DAY_MS), 'too young').to.equal(0);
      expect(await clear(store, now + 31 * DAY_MS, 0), 'switched off').to.equal(0);
      expect(await clear(store, now + 31 * DAY_MS)).to.equal(1);
      expect((await site.rows<{ state: string; bytes: number }>(ALL, HOSPITAL.code)).map(({ state, bytes }) => [state, bytes > 0])).to.deep.equal([['taken', false], ['taken', true], ['taken', true], ['quarantined', true]]);
      await settle(store, 'accepted', 'D2');
      await settle(store, 'withdrawn', 'D3');
      expect(await clear(store, now + 31 * DAY_MS), 'settled meanwhile').to.equal(2);
      expect(await clear(store, now + 31 * DAY_MS), 'nothing twice').to.equal(0);
      await site.stop();
    });

    it('knows a repeat for a duplicate after its raw record was cleared, and keeps ledger and deliveries', async () => {
      const site = await hospital();
      const { store } = site;
      await site.submit(dispense(7));
      await settle(store, 'accepted', 'D7');
      const before = [await site.rows('SELECT * FROM code ORDER BY code'), await site.rows('SELECT * FROM delivery ORDER BY delivery_no'), await site.rows('SELECT * FROM event ORDER BY event_no')];
      expect(await clear(store, Date.now() + 31 * DAY_MS)).to.equal(1);
      expect([await site.rows('SELECT * FROM code ORDER BY code'), await site.rows('SELECT * FROM delivery ORDER BY delivery_no'), await site.rows('SELECT * FROM event ORDER BY event_no')]).to.deep.equal(before);
      const again = await site.submit(dispense(7));
      expect(again.kind === 'taken' && again.events[0]?.status).to.equal('duplicate');
      const other = await site.submit({ ...dispense(7), documentNo: 'other' });
      expect(other.kind === 'taken' && other.events[0]?.refusal?.code).to.equal('EVENT_CONFLICT');
      await site.stop();
    });

    it('ends soon when the service stops', async () => {
      const site = await hospital();
      const { store } = site;
      await site.submit(dispense(8));
      await settle(store, 'accepted', 'D8');
      const cleared = await clearRawRecords({ driver: store, institutions: [HOSPITAL.code], days: 1, clock: { now: () => Date.now() + 31 * DAY_MS, sleep: () => Promise.resolve() }, log: silentLog, count: () => undefined, signal: AbortSignal.abort() });
      expect(cleared).to.equal(0);
      await site.stop();
    });
  });
});
