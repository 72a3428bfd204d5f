import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countOpen, waitingCodes, SELECT_BANDS, SELECT_CODES, SELECT_EVENTS_OF_CODE, SELECT_OPEN, SELECT_RECEIPT_OF_CODE, SELECT_VOID_OF } from '../../adapter/emergency/emergency-store.ts';
import { settleVerified } from '../../adapter/emergency/settle-emergencies.ts';
import type { SqlDriver } from '../../adapter/ports/sql-driver.ts';
import { migrate } from '../../adapter/store/migrate.ts';
import { openSqlite } from '../../adapter/store/sqlite/driver.ts';
import { onBothStores, type TestStore } from '../http/fixture.ts';
import { assertUsesIndex } from '../support/explain.ts';
import { alertsByBand, codeOf, emergencyDesk, HOSPITAL, HOUR, START, StandingClock, type EmergencyDesk } from './clock-fixture.ts';

const MINUTE = 60_000;

describe('emergency: the clock across a restart', function () {
  this.timeout(60_000);
  let folder = '';
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'his-trace-emergency-')); });
  afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

  it('tells exactly 20 alerts in each band for 200 emergencies of which 20 stay open, across a restart and clock jumps of two hours', async () => {
    const path = join(folder, 'store.db');
    const clock = new StandingClock();
    let driver: SqlDriver = openSqlite({ path });
    await migrate(driver);
    let desk = emergencyDesk(driver, clock);
    // spread over six hours; every tenth is never caught up, the others within 2 to 14 hours
    for (let at = 0; at < 200; at += 1) await desk.dispense(at + 1, START + at * 108_000);
    const receipts = Array.from({ length: 200 }, (_, at) => ({ no: at + 1, at: START + at * 108_000 + (2 + (at * 7) % 12) * HOUR })).filter(({ no }) => no % 10 !== 0).toSorted((a, b) => a.at - b.at);
    const jumps = [{ from: 21.3, by: 2 }, { from: 30, by: 0 }, { from: 38.6, by: -2 }, { from: 44.2, by: 2 }, { from: 46.9, by: 0 }, { from: 49.1, by: -2 }, { from: 52, by: 2 }];
    const restarts = [12.4, 22.1, 29.9, 45, 47.5, 50.2];
    for (let hours = 0; hours <= 60; hours += 0.1) {
      const truly = START + Math.round(hours * HOUR);
      while ((receipts[0]?.at ?? Infinity) <= truly) {
        const receipt = receipts.shift();
        if (receipt !== undefined) await desk.receive(1_000 + receipt.no, codeOf(receipt.no), receipt.at);
      }
      clock.ms = truly + (jumps.findLast(({ from }) => from <= hours)?.by ?? 0) * HOUR;
      if (restarts.length > 0 && (restarts[0] ?? 0) <= hours) {
        restarts.shift();
        await driver.close();
        driver = openSqlite({ path });
        desk = emergencyDesk(driver, clock);
      }
      // two processes look at once
      await Promise.all([desk.watch(), desk.watch()]);
    }
    expect(restarts).to.deep.equal([]);
    expect(await alertsByBand(driver)).to.deep.equal({ 24: 20, 8: 20, 1: 20, 0: 20 });
    const told = await driver.read((q) => q.all<{ event_no: number }>('SELECT DISTINCT event_no FROM emergency_band WHERE institution = ? ORDER BY event_no', [HOSPITAL]));
    expect(told.map((row) => row.event_no)).to.deep.equal(Array.from({ length: 20 }, (_, at) => (at + 1) * 10));
    expect(await driver.read((q) => q.all('SELECT state, settled_by, COUNT(*) AS n FROM emergency_use WHERE institution = ? GROUP BY state, settled_by ORDER BY state', [HOSPITAL])))
      .to.deep.equal([{ state: 'open', settled_by: null, n: 20 }, { state: 'settled', settled_by: 'receipt', n: 180 }]);
    await driver.close();
  });
});

onBothStores((open) => {
  describe('emergency: the clock', () => {
    let store: TestStore;
    let desk: EmergencyDesk;
    beforeEach(async () => { store = await open(); desk = emergencyDesk(store.driver); });
    afterEach(() => store.close());
    const stateOf = (eventNo: number): Promise<unknown> => store.driver.read((q) => q.get('SELECT state, settled_by, settled_at FROM emergency_use WHERE institution = ? AND event_no = ?', [HOSPITAL, eventNo]));
    const watchAt = (hours: number): Promise<number> => { desk.clock.ms = START + hours * HOUR; return desk.watch(); };

    it('says every band a forward jump passed, the gravest first and the others as late', async () => {
      await desk.dispense(1, START);
      expect(await watchAt(41)).to.equal(2);
      const rows = await store.driver.read((q) => q.all<{ alert_key: string; detail: string; severity: string; title: string }>('SELECT alert_key, detail, severity, title FROM alert ORDER BY alert_no'));
      expect(rows.map((row) => row.alert_key)).to.deep.equal(['emergency:1:8', 'emergency:1:24']);
      expect(rows[0]?.title).to.contain('40').and.to.contain('还剩 8 小时');
      expect(rows[0]?.detail).to.contain('CF1').and.not.to.contain('迟到');
      expect(rows[1]?.detail).to.contain('迟到');
      expect(await watchAt(20)).to.equal(0);
      expect(await watchAt(41)).to.equal(0);
      expect(await watchAt(48)).to.equal(2);
      expect(await alertsByBand(store.driver)).to.deep.equal({ 8: 1, 24: 1, 0: 1, 1: 1 });
    });

    it('stops when every code came in, at the moment of the receipt', async () => {
      await desk.dispense(1, START, { codes: [codeOf(1), codeOf(2)] });
      await desk.receive(10, codeOf(1), START + 2 * HOUR);
      expect(await watchAt(25)).to.equal(1);
      await desk.receive(11, codeOf(2), START + 30 * HOUR);
      expect(await watchAt(49)).to.equal(0);
      expect(await stateOf(1)).to.deep.equal({ state: 'settled', settled_by: 'receipt', settled_at: START + 30 * HOUR + 1_000 });
    });

    it('does not take a receipt that was voided for a catch-up', async () => {
      await desk.dispense(1, START);
      await desk.receive(10, codeOf(1), START + HOUR);
      await desk.cancel(11, 'E10', START + 2 * HOUR);
      expect(await watchAt(25)).to.equal(1);
    });

    it('stops when the dispense itself is voided', async () => {
      await desk.dispense(1, START);
      await desk.cancel(10, 'E1', START + HOUR);
      expect(await watchAt(49)).to.equal(0);
      expect(await stateOf(1)).to.deep.include({ state: 'settled', settled_by: 'void' });
    });

    it('stops when the last code is verified against upstream, in the transaction of the verification', async () => {
      await desk.dispense(1, START, { codes: [codeOf(1), codeOf(2)] });
      await desk.dispense(2, START, { uncodedLines: 1 });
      const verify = (codes: readonly string[]): Promise<readonly number[]> => store.driver.write((q) => settleVerified(q, { institution: HOSPITAL, codes, atMs: START + HOUR }));
      expect(await verify([codeOf(1)])).to.deep.equal([]);
      expect(await verify([codeOf(2), codeOf(2), codeOf(99)])).to.deep.equal([1]);
      expect(await stateOf(1)).to.deep.include({ state: 'settled', settled_by: 'verification' });
      expect(await stateOf(2)).to.deep.include({ state: 'open' });
    });

    it('starts no clock for packs that had come in before, and one only for emergency dispenses', async () => {
      expect(await desk.dispense(1, START, { codes: [] })).to.equal(false);
      expect(await desk.dispense(2, START, { codes: [], uncodedLines: 1 })).to.equal(true);
    });

    it('gives no hours to a HIS that is ahead of time', async () => {
      await desk.dispense(1, START + 5 * HOUR, { receivedAtMs: START });
      const row = await store.driver.read((q) => q.get<{ due_at: number }>('SELECT due_at FROM emergency_use WHERE event_no = 1 AND institution = ?', [HOSPITAL]));
      expect(row?.due_at).to.equal(START + 48 * HOUR);
    });

    it('knows the codes whose receipt is a catch-up and no resold pack, until they came in', async () => {
      for (let no = 1; no <= 12; no += 1) await desk.dispense(no, START);
      const ask = (): Promise<ReadonlySet<string>> => store.driver.read((q) => waitingCodes(q, HOSPITAL, Array.from({ length: 20 }, (_, at) => codeOf(at + 1))));
      expect([...await ask()]).to.have.members(Array.from({ length: 12 }, (_, at) => codeOf(at + 1)));
      await desk.receive(20, codeOf(3), START + HOUR);
      await watchAt(2);
      expect([...await ask()]).to.have.length(11).and.not.to.include(codeOf(3));
    });

    it('counts what is open and what of it is overdue', async () => {
      await desk.dispense(1, START);
      await desk.dispense(2, START + HOUR);
      expect(await store.driver.read((q) => countOpen(q, HOSPITAL, START + 48 * HOUR))).to.deep.equal({ open: 2, overdue: 1 });
      expect(await store.driver.read((q) => countOpen(q, 'H89990000009', START))).to.deep.equal({ open: 0, overdue: 0 });
    });

    it('looks at more clocks than fit into one round', async () => {
      for (let no = 1; no <= 230; no += 1) await desk.dispense(no, START + (no % 3) * MINUTE);
      expect(await watchAt(25)).to.equal(230);
      expect(await watchAt(26)).to.equal(0);
    });

    it('reads by its indexes', async () => {
      await assertUsesIndex(store.driver, SELECT_OPEN, [HOSPITAL, 0, 0, 0, 10], 'emergency_open');
      await assertUsesIndex(store.driver, SELECT_CODES, [HOSPITAL, 1], 'emergency_code_pkey');
      await assertUsesIndex(store.driver, SELECT_EVENTS_OF_CODE, [HOSPITAL, codeOf(1)], 'emergency_code_open');
      await assertUsesIndex(store.driver, SELECT_BANDS, [HOSPITAL, 1], 'emergency_band_pkey');
      await assertUsesIndex(store.driver, SELECT_RECEIPT_OF_CODE, [HOSPITAL, codeOf(1)], 'code_event_pkey');
      await assertUsesIndex(store.driver, SELECT_VOID_OF, [HOSPITAL, 'his', 'E1'], 'event_by_refers');
    });
  });
});
