import { expect } from 'chai';
import { refusal } from '../../../adapter/domain/refusal.ts';
import { silentLog } from '../../../adapter/ports/log.ts';
import type { RowStatement } from '../../../connectors/shared/row-pull/row-database.ts';
import { WriteBack } from '../../../connectors/shared/row-pull/write-back.ts';
import { RowSource } from '../../../connectors/shared/row-pull/row-source.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { waitFor } from '../../support/wait-for.ts';
import { standard } from '../../../mappings/standard/index.ts';
import { INSTITUTION, KnowingIntake, memoryCounters, PULL_DEFAULTS } from './pull-fixture.ts';
import { ScriptedHis } from './scripted-his.ts';

const clock = { now: () => 0, sleep: () => new Promise<void>((resolve) => { setImmediate(resolve); }) };

/** The interface table, on a connection of its own. */
function table(): ScriptedHis {
  const db = new ScriptedHis({ events: 0, random: seededRandom(1), longest: 0 });
  db.sql('CREATE TABLE results ("SOURCE", "EVENT_ID", "STATUS", "CODE", "DETAIL")');
  return db;
}

function open(db: ScriptedHis, more: { readonly maxWaiting?: number } = {}): { readonly writeBack: WriteBack; readonly warnings: Readonly<Record<string, unknown>>[] } {
  const warnings: Readonly<Record<string, unknown>>[] = [];
  const log = { ...silentLog, warn: (_text: string, fields?: Readonly<Record<string, unknown>>) => { warnings.push(fields ?? {}); } };
  return { warnings, writeBack: new WriteBack({ db, table: 'results', source: 'his-db', clock, log, timeoutMs: 1_000, ...more }) };
}

const accepted = { kind: 'taken', events: [{ id: 'E', status: 'accepted', assigned: [], findings: [] }] } as const;
const written = (db: ScriptedHis): readonly string[] => db.sql('SELECT "EVENT_ID" || \' \' || "STATUS" || \' \' || "CODE" AS x FROM results ORDER BY 1').map((row) => String(row['x']));

describe('row pull: writing results back', () => {
  it('writes what became of each event, once, without the values of a line', async () => {
    const db = table();
    const { writeBack } = open(db);
    writeBack.note('E1', accepted);
    writeBack.note('E2', { kind: 'quarantined', refusal: refusal('EVENT_INVALID', { field: 'PATIENT_NAME', value: '样例甲', detail: '太长' }) });
    writeBack.note('E3', { kind: 'noted', reason: '不追溯：自备药' });
    writeBack.note('E4', { kind: 'unavailable', refusal: refusal('STORE_FULL'), retryAfterMs: 1 });
    writeBack.note('E1', { kind: 'taken', events: [{ id: 'E', status: 'duplicate', assigned: [], findings: [] }] });
    writeBack.start();
    await waitFor('the results', () => written(db).length === 3);
    await writeBack.stop();
    expect(written(db)).to.deep.equal(['E1 accepted ', 'E2 quarantined EVENT_INVALID', 'E3 noted ']);
    expect(JSON.stringify(db.sql('SELECT * FROM results'))).to.not.include('样例甲');
  });

  it('writes again what may not have arrived, and then it stands there once', async () => {
    const db = table();
    let faults = 3;
    db.fault = () => (faults-- > 0 ? 'after' : undefined);
    const { writeBack, warnings } = open(db);
    for (let at = 0; at < 120; at += 1) writeBack.note(`E${String(at)}`, accepted);
    writeBack.start();
    await waitFor('the results', () => faults < -2);
    await writeBack.stop();
    expect(warnings.length).to.equal(3);
    expect(new Set(written(db)).size).to.equal(120);
    expect(written(db).length).to.equal(120);
  });

  it('keeps few results in memory while the table cannot be written to, and says how many it dropped', async () => {
    const db = table();
    db.fault = () => 'before';
    const { writeBack, warnings } = open(db, { maxWaiting: 10 });
    for (let at = 0; at < 25; at += 1) writeBack.note(`E${String(at)}`, accepted);
    writeBack.start();
    await waitFor('a warning', () => warnings.length > 0);
    await writeBack.stop();
    expect(warnings[0]).to.deep.include({ waiting: 10, dropped: 15 });
  });

  it('never holds up the reading: every row is taken while the table hangs', async () => {
    const his = new ScriptedHis({ events: 60, random: seededRandom(2), longest: 5 });
    const hung: RowStatement[] = [];
    const db = table();
    db.run = (statement) => { hung.push(statement); return new Promise(() => undefined); };
    const intake = new KnowingIntake();
    let now = 0;
    const source = new RowSource({
      db: his, address: 'fake://his', writeBack: new WriteBack({ db, table: 'results', source: 'his-db', clock, log: silentLog, timeoutMs: 60_000 }),
      deps: { name: 'his-db', settings: PULL_DEFAULTS, mapping: standard, institutions: [{ code: INSTITUTION, name: '示范医院', region: '350102' }], intake, counters: memoryCounters(), log: silentLog, count: () => undefined, clock: { now: () => now, sleep: (ms) => { now += ms; return clock.sleep(); } } },
    });
    await source.start();
    await waitFor('every event', () => his.finished && intake.accepted.size === his.expected.size);
    await waitFor('a result under way', () => hung.length === 1);
    await source.stop();
  });
});
