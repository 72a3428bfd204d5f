import { expect } from 'chai';
import { retryQuarantine } from '../../../adapter/intake/retry-quarantine.ts';
import { systemClock } from '../../../adapter/ops/system-clock.ts';
import { refusal } from '../../../adapter/domain/refusal.ts';
import type { HisRow } from '../../../adapter/ports/row.ts';
import { boundsOf, lookBackOf } from '../../../connectors/shared/row-pull/bounds.ts';
import { groupRows, tidy } from '../../../connectors/shared/row-pull/event-rows.ts';
import { localTimePlus } from '../../../connectors/shared/row-pull/local-time.ts';
import { planOf, settingsProblem } from '../../../connectors/shared/row-pull/plan.ts';
import { EVENT } from '../../../connectors/shared/row-pull/statements.ts';
import { answerByMeaning } from '../../support/fake-intake.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { openTestHospital } from '../../support/test-hospital.ts';
import { waitFor } from '../../support/wait-for.ts';
import { INSTITUTION, KnowingIntake, makeRowSource, memoryCounters, PULL_DEFAULTS } from './pull-fixture.ts';
import { ScriptedHis } from './scripted-his.ts';

const quiet = (events: number): ScriptedHis => new ScriptedHis({ events, random: seededRandom(1), longest: 0 });

describe('row pull: the source', () => {
  it('moves its position only after every event of the page is stored, and reads again what the intake could not take', async () => {
    const his = quiet(40);
    const [intake, counters] = [new KnowingIntake(), memoryCounters()];
    let refused = 0;
    intake.behaviour = (submission) => {
      if (refused < 5 && submission.record.controlId === 'E000007') {
        refused += 1;
        expect([...counters.values.values()].filter((value) => value.includes('E000007'))).to.deep.equal([]);
        return { kind: 'unavailable', refusal: refusal('STORE_FULL'), retryAfterMs: 1 };
      }
      return intake.judge(submission);
    };
    const { source, counted } = makeRowSource({ db: his, intake, counters });
    await source.start();
    await waitFor('every event', () => intake.accepted.size === 40);
    await source.stop();
    expect(refused).to.equal(5);
    expect(counted.get('his_trace_row_polls_total his-db not-taken')).to.equal(5);
    expect(intake.conflicts).to.deep.equal([]);
  });

  it('does not hand over again what it read again, and hands over what the HIS changed', async () => {
    const his = quiet(20);
    const intake = new KnowingIntake();
    const { source } = makeRowSource({ db: his, intake, counters: memoryCounters() });
    await source.start();
    await waitFor('every event', () => intake.accepted.size === 20);
    const seen = his.statements;
    await waitFor('ten more polls', () => his.statements > seen + 30);
    expect(intake.submissions.length).to.equal(20);
    his.sql(`UPDATE lines SET "QUANTITY" = '2' WHERE TRIM("EVENT_ID") = 'E000003'`);
    await waitFor('the changed event', () => intake.conflicts.length > 0);
    await source.stop();
    expect(intake.conflicts).to.deep.equal(['E000003']);
  });

  it('begins with what is new unless told otherwise, and remembers where it was', async () => {
    const his = quiet(30);
    const counters = memoryCounters();
    const first = new KnowingIntake();
    // the first statement of the script brought all 30 in at second 1; the clock of the server goes on
    for (let at = 0; at < 5; at += 1) await his.query({ sql: his.dialect.now, params: [] });
    const { source } = makeRowSource({ db: his, intake: first, counters, settings: { startAt: 'now' } });
    await source.start();
    const seen = his.statements;
    await waitFor('some polls', () => his.statements > seen + 20);
    await source.stop();
    expect(first.submissions.length).to.equal(0);
    // what came while nobody read is found by the next one
    his.sql(`INSERT INTO lines ("EVENT_ID", "ROW_ID", "CHANGED_AT", "OCCURRED_AT", "DRUG_CODE", "QUANTITY", "UNIT") VALUES ('NEW', 99999, '2026-11-22 08:10:00.000', '2026-11-22 08:10:00', 'YP1', '1', '盒')`);
    const second = makeRowSource({ db: his, intake: first, counters, settings: { startAt: 'now' } }).source;
    await second.start();
    await waitFor('the new event', () => first.accepted.size === 1);
    await second.stop();
    expect([...first.accepted.keys()]).to.deep.equal(['NEW']);
  });

  it('quarantines an event with too many rows instead of holding it in memory, and goes on', async () => {
    const his = quiet(10);
    await his.query({ sql: his.dialect.now, params: [] });
    const columns = `"EVENT_ID", "ROW_ID", "CHANGED_AT", "OCCURRED_AT", "DRUG_CODE", "QUANTITY", "UNIT"`;
    his.sql(`INSERT INTO lines (${columns}) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) SELECT 'BIG', 90000 + i, '2026-11-22 08:00:01.000', '2026-11-22 08:00:01.000', 'YP1', '1', '盒' FROM n`);
    const intake = new KnowingIntake();
    const { source } = makeRowSource({ db: his, intake, counters: memoryCounters(), settings: { maxEventRows: 50 } });
    await source.start();
    await waitFor('the others', () => intake.accepted.size === 10 && intake.submissions.some(({ record }) => record.controlId === 'BIG'));
    await source.stop();
    const big = intake.submissions.find(({ record }) => record.controlId === 'BIG');
    expect(big?.interpretation.kind === 'refused' ? big.interpretation.refusal.code : '').to.equal('RECORD_TOO_LARGE');
  });

  it('waits for a dispense before it hands over the return that refers to it', async () => {
    const his = quiet(0);
    const columns = `"EVENT_ID", "ROW_ID", "CHANGED_AT", "EVENT_KIND", "OCCURRED_AT", "DRUG_CODE", "QUANTITY", "UNIT"`;
    for (let at = 0; at < 20; at += 1) his.sql(`INSERT INTO lines (${columns}) VALUES (?, ?, '2026-11-22 07:59:00.000', ?, '2026-11-22 07:59:00.000', 'YP1', '1', '盒')`, `K${String(at).padStart(2, '0')}`, String(at), at % 2 === 0 ? '发药' : '退药');
    const intake = new KnowingIntake();
    const answered: string[] = [];
    intake.behaviour = async (submission) => {
      const id = submission.record.controlId;
      if (submission.interpretation.kind === 'events' && submission.interpretation.events[0]?.kind === 'dispense-return') expect(answered).to.include(`K${String(Number(id.slice(1)) - 1).padStart(2, '0')}`);
      await new Promise((resolve) => { setImmediate(resolve); });
      answered.push(id);
      return answerByMeaning(submission);
    };
    const { source } = makeRowSource({ db: his, intake, counters: memoryCounters() });
    await source.start();
    await waitFor('every event', () => answered.length === 20);
    await source.stop();
  });

  it('keeps rows that cannot be mapped whole in quarantine, from where they can be retried', async () => {
    const his = quiet(0);
    his.sql(`INSERT INTO lines ("EVENT_ID", "ROW_ID", "CHANGED_AT", "OCCURRED_AT", "DRUG_CODE", "QUANTITY", "UNIT", "TRACE_CODES") VALUES ('Q1', 1, '2026-11-22 07:59:00.000', '2026-02-30 07:59:00', 'YP1', '1', '盒', '89990010000000000010')`);
    const hospital = await openTestHospital([]);
    const { source } = makeRowSource({ db: his, intake: hospital.intake, counters: memoryCounters() });
    await source.start();
    await waitFor('the record', async () => (await hospital.rows('SELECT 1 FROM record')).length === 1);
    await source.stop();
    expect(await hospital.rows('SELECT control_id, media, error_code, error_field FROM record')).to.deep.equal([{ control_id: 'Q1', media: 'row', error_code: 'EVENT_INVALID', error_field: 'OCCURRED_AT' }]);
    const retry = async (interpret: typeof source.interpret): Promise<number> => (await retryQuarantine({ driver: hospital.driver, intake: hospital.intake, clock: systemClock, interpreters: new Map([['his-db', interpret]]) }, { institution: INSTITUTION }, { dryRun: false })).changed;
    expect(await retry(source.interpret)).to.equal(0);
    expect(await retry((record) => source.interpret({ ...record, bytes: Buffer.from(Buffer.from(record.bytes).toString().replace('2026-02-30', '2026-02-28')) }))).to.equal(1);
    expect(await hospital.rows('SELECT event_id FROM event')).to.deep.equal([{ event_id: 'Q1' }]);
    await hospital.stop();
  });

  it('keeps trying while the database is away, and stops within its time', async () => {
    const his = quiet(5);
    let away = true;
    his.fault = () => (away ? 'before' : undefined);
    const intake = new KnowingIntake();
    const { source, counted } = makeRowSource({ db: his, intake, counters: memoryCounters() });
    await source.start();
    await waitFor('some faults', () => (counted.get('his_trace_row_polls_total his-db network') ?? 0) > 3);
    away = false;
    await waitFor('every event', () => intake.accepted.size === 5);
    await source.stop();
  });
});

describe('row pull: probe', () => {
  it('shows server, columns and a trial read, and that the account is read-only', async () => {
    const his = quiet(5);
    const results = await makeRowSource({ db: his, intake: new KnowingIntake(), counters: memoryCounters() }).source.probe();
    expect(results.filter((result) => !result.ok)).to.deep.equal([]);
    expect(results.map((result) => result.detail).join()).to.match(/Scripted 1.0，用户 reader/).and.to.match(/账号只读/).and.to.match(/试读 \d+ 行/);
  });

  it('names the rights of an account that may write, but for the table of ours', async () => {
    const his = quiet(5);
    his.writable = ['INSERT dbo.taken', 'UPDATE dbo.mz_cf', 'db_owner'];
    const rights = (await makeRowSource({ db: his, intake: new KnowingIntake(), counters: memoryCounters(), settings: { strategy: 'anti-join', sideTable: 'taken' } }).source.probe()).find((result) => result.what.includes('权限'));
    expect(rights?.ok).to.equal(false);
    expect(rights?.detail).to.match(/UPDATE dbo\.mz_cf、db_owner/).and.to.not.match(/taken/);
  });

  it('says which column is missing and what to do', async () => {
    const settings = { columns: { ...PULL_DEFAULTS.columns, changedAt: 'FYSJ' } };
    const results = await makeRowSource({ db: quiet(1), intake: new KnowingIntake(), counters: memoryCounters(), settings }).source.probe();
    expect(results.find((result) => !result.ok)?.detail).to.match(/没有列 FYSJ（columns.changedAt）/);
  });
});

describe('row pull: parts', () => {
  const his = quiet(0);

  it('finds wrong combinations of settings before anything is opened', () => {
    const problem = (settings: Partial<typeof PULL_DEFAULTS>): string | undefined => settingsProblem({ ...PULL_DEFAULTS, ...settings }, his.dialect);
    expect(problem({})).to.equal(undefined);
    expect(problem({ strategy: 'scn' })).to.match(/scnTable/);
    expect(problem({ strategy: 'rowversion', startAt: '2026-01-01' })).to.match(/startAt/);
    expect(problem({ sideTable: 'x' })).to.match(/sideTable/);
    expect(problem({ view: 'a; DROP TABLE b' })).to.match(/无效/);
    expect(problem({ flagDone: '0' })).to.match(/不能相同/);
  });

  it('does not look further back than where it was told to begin, and not further on than the clock of the server', async () => {
    const plan = planOf(PULL_DEFAULTS, await his.columns());
    const bounds = await boundsOf({ since: '2026-11-22 07:00:00.000', start: '2026-11-22 06:50:00.000' }, { db: his, plan, settings: PULL_DEFAULTS, deep: true, signal: new AbortController().signal });
    expect(bounds.sweep.lower).to.equal('2026-11-22 06:50:00.000');
    expect(bounds.sweep.next).to.match(/^2026-11-22 08:00/);
    expect(lookBackOf(PULL_DEFAULTS, false)).to.equal(900_000);
    expect(lookBackOf({ ...PULL_DEFAULTS, strategy: 'anti-join', sideTable: 't' }, false)).to.equal(30 * 86_400_000);
    expect(localTimePlus('2026-03-01 00:00', -1)).to.equal('2026-02-28 23:59:59.999');
  });

  it('takes the padding off, keeps the raw key for marks, and reads GBK bytes', () => {
    expect([tidy('A1   '), tidy(' \u3000'), tidy('x\u0000\u0000'), tidy(null)]).to.deep.equal(['A1', null, 'x', null]);
    const gbk = Buffer.from('b0a2c4aacee7c1d6', 'hex').toString('hex').toUpperCase();
    const columns = [{ name: 'EVENT_ID', type: 'CHAR', kind: 'text' }, { name: 'DRUG_NAME', type: 'VARCHAR2', kind: 'text' }, { name: 'ROW_ID', type: 'NUMBER', kind: 'number' }] as const;
    const row: HisRow = { [EVENT]: 'E1  ', EVENT_ID: Buffer.from('E1  ').toString('hex'), DRUG_NAME: gbk, ROW_ID: '7' };
    const [group] = groupRows([row], ['E1  '], { columns, row: columns[2], bookkeeping: new Set(), hex: true });
    expect(group).to.deep.include({ id: 'E1', rawId: 'E1  ', rowKeys: ['7'], rows: [{ EVENT_ID: 'E1', DRUG_NAME: '阿莫午林', ROW_ID: '7' }] });
  });

  it('does not lose an id that differs from another in case only', () => {
    const columns = [{ name: 'ROW_ID', type: 'NUMBER', kind: 'number' }] as const;
    const groups = groupRows([{ [EVENT]: 'a1', ROW_ID: '1' }, { [EVENT]: 'A1', ROW_ID: '2' }], ['a1'], { columns, row: columns[0], bookkeeping: new Set(), hex: false });
    expect(groups.map((group) => group.id)).to.deep.equal(['a1', 'A1']);
  });
});
