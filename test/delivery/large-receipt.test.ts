import { expect } from 'chai';
import type { EventLine } from '../../adapter/domain/event.ts';
import type { PlannedReport, ReportedEvent } from '../../adapter/ports/destination.ts';
import type { SqlDriver, SqlQuery, SqlRow, SqlValue } from '../../adapter/ports/sql-driver.ts';
import { FakeDestination } from '../support/fake-destination.ts';
import { HOSPITAL, openTestHospital, packCode, type TestHospital } from '../support/test-hospital.ts';
import { onEachStore } from '../support/stores.ts';
import { waitFor } from '../support/wait-for.ts';

const LINES = 8;
const CODES_A_LINE = 600;
const PART = 250;

interface Statement { readonly inside: 'read' | 'write'; readonly sql: string; readonly rows: number; readonly turn: number; /** statements of one work have one number */ readonly work: number }

/** A store that tells which statements ran, inside what, how many rows they gave and in which turn of the event loop. */
class WatchedStore implements SqlDriver {
  readonly dialect;
  readonly statements: Statement[] = [];
  /** runs after a read of the store has ended, before its caller goes on */
  afterRead: (statements: readonly Statement[]) => Promise<void> = () => Promise.resolve();
  #turn = 0;
  #works = 0;
  #turning: NodeJS.Immediate | undefined;

  constructor(readonly driver: SqlDriver) {
    this.dialect = driver.dialect;
    this.#turns();
  }

  write<T>(work: (q: SqlQuery) => Promise<T>): Promise<T> {
    return this.driver.write((q) => work(this.#watch(q, 'write')));
  }

  async read<T>(work: (q: SqlQuery) => Promise<T>): Promise<T> {
    const from = this.statements.length;
    const value = await this.driver.read((q) => work(this.#watch(q, 'read')));
    await this.afterRead(this.statements.slice(from));
    return value;
  }

  script(sql: string): Promise<void> { return this.driver.script(sql); }

  close(): Promise<void> {
    clearImmediate(this.#turning);
    return Promise.resolve();
  }

  #turns(): void {
    this.#turning = setImmediate(() => { this.#turn += 1; this.#turns(); }).unref();
  }

  #watch(q: SqlQuery, inside: Statement['inside']): SqlQuery {
    const work = this.#works += 1;
    const note = (sql: string, rows: number): void => { this.statements.push({ inside, sql, rows, turn: this.#turn, work }); };
    return {
      get: async <Row = SqlRow>(sql: string, params?: readonly SqlValue[]) => { const row = await q.get<Row>(sql, params); note(sql, row === undefined ? 0 : 1); return row; },
      all: async <Row = SqlRow>(sql: string, params?: readonly SqlValue[]) => { const rows = await q.all<Row>(sql, params); note(sql, rows.length); return rows; },
      run: async (sql, params) => { const changed = await q.run(sql, params); note(sql, 0); return changed; },
    };
  }
}

const ofCodes = (statement: Statement): boolean => statement.sql.includes(' FROM code WHERE ');

function receiptLines(): EventLine[] {
  return Array.from({ length: LINES }, (_, at) => ({
    lineNo: String(at + 1), drug: 'YP1', quantity: String(CODES_A_LINE), unit: '盒', split: false, lot: 'A1', producedOn: '2026-01-02', expiresOn: '2027-12-31',
    codes: Array.from({ length: CODES_A_LINE }, (_, serial) => packCode(at * CODES_A_LINE + serial)),
  }));
}

/** one report per line and part of a line, cut where the codes of the line stand */
function inParts({ event, lines }: ReportedEvent): PlannedReport[] {
  return lines.flatMap(({ line, codes }) => Array.from({ length: Math.ceil(codes.length / PART) }, (_, at) => ({
    operation: 'in', key: `${event.id}-${line.lineNo}-${String(at)}`, covers: [line.lineNo], codes: codes.slice(at * PART, (at + 1) * PART).map((code) => code.code), batchKey: 'in', priority: 5,
  })));
}

describe('delivery of a large receipt', function () {
  this.timeout(60_000);
  onEachStore((open) => {
    let fake: FakeDestination;
    let store: WatchedStore;
    let hospital: TestHospital;
    const lane = { institution: HOSPITAL.code, destination: 'fake' };
    const pause = (stopped: boolean): Promise<void> => hospital.dispatcher.switch(lane, { stopped, reason: 'test', by: 'test' });
    const states = async (): Promise<string[]> => [...new Set((await store.driver.read((q) => q.all<{ state: string }>('SELECT state FROM delivery'))).map((row) => row.state))];

    beforeEach(async () => {
      fake = new FakeDestination();
      fake.limits = { batch: 12, concurrency: 2 };
      fake.onPlan = inParts;
      store = new WatchedStore(await open());
      hospital = await openTestHospital([fake], { driver: store });
      await hospital.dispatcher.start();
      await pause(true);
    });
    afterEach(async () => { await hospital.stop(); await store.close(); });

    /** files the receipt, then lets it go and waits until all is reported */
    async function deliver(): Promise<void> {
      await hospital.submit({ id: 'R1', kind: 'receipt', lines: receiptLines() });
      store.statements.length = 0;
      await pause(false);
      await waitFor('all reported', async () => (await states()).join() === 'accepted', 50_000);
    }

    it('reads each code once for each call that speaks of its line, in few statements', async () => {
      await deliver();
      const calls = fake.sent.length;
      const linesRead = fake.sent.reduce((sum, reports) => sum + new Set(reports.flatMap((report) => report.covers)).size, 0);
      const reads = store.statements.filter(ofCodes);
      expect(reads.reduce((sum, statement) => sum + statement.rows, 0)).to.equal(linesRead * CODES_A_LINE);
      // three parts a line and twelve reports a call: a line is read for one call, or for two where a call begins inside it
      expect(linesRead).to.be.at.most(LINES + calls);
      expect(reads.length).to.be.at.most(Math.ceil(linesRead * CODES_A_LINE / 256) + calls);
      expect(store.statements.filter((statement) => statement.sql.includes('SELECT body FROM event ')).length).to.equal(calls);
    });

    it('loads nothing inside the one transaction that writes', async () => {
      await deliver();
      const written = store.statements.filter((statement) => statement.inside === 'write');
      expect(written.filter((statement) => ofCodes(statement) || / FROM (code_event|event) /.test(statement.sql))).to.deep.equal([]);
    });

    it('lets the event loop go on between two statements of a long load', async () => {
      await deliver();
      const reads = store.statements.filter(ofCodes);
      expect(reads.length).to.be.greaterThan(LINES);
      for (const [at, statement] of reads.entries()) {
        expect(statement.rows).to.be.at.most(256);
        const before = reads.slice(0, at).findLast((earlier) => earlier.work === statement.work);
        if (before !== undefined) expect(statement.turn).to.be.greaterThan(before.turn);
      }
    });

    it('sends exactly what was planned: lines are cut at the same places at sending', async () => {
      await deliver();
      const reports = fake.sent.flat();
      expect(reports.length).to.equal(LINES * Math.ceil(CODES_A_LINE / PART));
      for (const report of reports) {
        const again = inParts(report.reported).find((plan) => plan.key === report.key);
        expect(again?.codes, report.key).to.deep.equal(report.codes);
      }
      expect(new Set(reports.flatMap((report) => report.codes)).size).to.equal(LINES * CODES_A_LINE);
    });

    it('takes back what a void cancelled while it was being loaded', async () => {
      await hospital.submit({ id: 'R1', kind: 'receipt', lines: receiptLines().slice(0, 1) });
      let voided: Promise<unknown> | undefined;
      store.afterRead = async (statements) => {
        if (voided !== undefined || !statements.some(ofCodes)) return;
        voided = hospital.submit({ id: 'V1', kind: 'void', refers: 'R1' });
        await voided;
      };
      await pause(false);
      await waitFor('all settled', async () => (await states()).join() === 'accepted');
      const order = fake.sent.flat().map((report) => report.operation);
      expect(voided).not.to.equal(undefined);
      expect(order).to.deep.equal(['in', 'in', 'in', 'delete', 'delete', 'delete']);
    });

    it('does not send what was taken out of its claim while it was being loaded', async () => {
      await hospital.submit({ id: 'R1', kind: 'receipt', lines: receiptLines().slice(0, 1) });
      let taken = false;
      store.afterRead = async (statements) => {
        if (taken || !statements.some(ofCodes)) return;
        taken = true;
        await store.driver.write((q) => q.run(`UPDATE delivery SET claimed_by = 'another', lease_until = ? WHERE report_key = 'R1-1-1'`, [Date.now() + 600_000]));
      };
      await pause(false);
      await waitFor('the others reported', () => fake.held.size === 2);
      expect([...fake.held.keys()].sort()).to.deep.equal(['R1-1-0', 'R1-1-2']);
      expect(await hospital.rows(`SELECT state, claimed_by FROM delivery WHERE report_key = 'R1-1-1'`)).to.deep.equal([{ state: 'claimed', claimed_by: 'another' }]);
    });

    it('gives back what it was loading when it is told to stop', async () => {
      await hospital.submit({ id: 'R1', kind: 'receipt', lines: receiptLines() });
      let stopping: Promise<void> | undefined;
      store.afterRead = (statements) => {
        if (stopping === undefined && statements.some(ofCodes)) stopping = hospital.dispatcher.stop(200);
        return Promise.resolve();
      };
      await pause(false);
      await waitFor('told to stop', () => stopping !== undefined);
      await stopping;
      expect(fake.sent).to.deep.equal([]);
      expect(await states()).to.deep.equal(['queued']);
    });
  });
});
