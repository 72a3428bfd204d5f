import type { Drug } from '../../adapter/domain/drug.ts';
import { chinaDate } from '../../adapter/domain/china-time.ts';
import type { EventKind } from '../../adapter/domain/event.ts';
import type { CodeState } from '../../adapter/ledger/code-state.ts';
import { countMove, type CodeRow } from '../../adapter/ledger/code-state.ts';
import type { SqlDriver, SqlValue } from '../../adapter/ports/sql-driver.ts';
import { ABUSE_PATTERNS, type AbusePattern } from '../../adapter/scan/patterns/find-patterns.ts';
import { manyRows } from '../../adapter/store/many-rows.ts';
import { seededRandom } from './seeded-random.ts';

/** A year of a hospital's codes, written as the intake would have written them, with known abuses among them. */
export interface AbuseHistory {
  /** planted code → pattern */
  readonly planted: ReadonlyMap<string, AbusePattern>;
  /** codes in stock about which there is nothing to say */
  readonly clean: readonly string[];
  readonly codes: number;
  readonly events: number;
}

export const DRUGS_OF_HISTORY: readonly Drug[] = Array.from({ length: 20 }, (_, at) => ({
  drug: `YP${String(at)}`, name: `演示药品${String(at)}`, packUnit: '盒', smallestUnit: '片', unitsPerPack: 12, prefixUnit: String(8_999_100 + at), approvalNo: `国药准字H2026${String(at).padStart(4, '0')}`,
}));

const CARTON = 500;
const DAY_MS = 86_400_000;
const START = Date.parse('2026-01-02T08:00:00+08:00');
const ROWS_PER_TRANSACTION = 20_000;
const UNITS = 12_000_000n;
const MAX_CLEAN = 20_000;

interface Life { readonly institution: string; readonly code: string; readonly drug: string; readonly expiresOn: string; row: CodeRow }

class HistoryWriter {
  readonly #tables = {
    code: { columns: 19, insert: manyRows('INSERT INTO code (institution, code, scheme, prefix, state, drug, lot, produced_on, expires_on, level, location, units_total, units_left, opened_at, last_event_no, received_count, sold_count, returned_count, updated_at)', 19), rows: [] as SqlValue[][] },
    event: { columns: 15, insert: manyRows('INSERT INTO event (institution, event_no, source, event_id, kind, occurred_at, occurred_on, received_at, document_no, location, visit_no, refers, content_sha, record_no, body)', 15), rows: [] as SqlValue[][] },
    event_line: { columns: 12, insert: manyRows('INSERT INTO event_line (institution, event_no, line_no, drug, lot, expires_on, quantity, unit, units, split, code_count, exclusion)', 12), rows: [] as SqlValue[][] },
    code_event: { columns: 8, insert: manyRows('INSERT INTO code_event (institution, code, event_no, line_no, from_state, to_state, units, first_opening)', 8), rows: [] as SqlValue[][] },
    finding: { columns: 9, insert: manyRows('INSERT INTO finding (institution, event_no, finding_no, line_no, code, severity, trace_code, detail, found_at)', 9), rows: [] as SqlValue[][] },
  };
  #waiting = 0;
  events = 0;

  constructor(readonly driver: SqlDriver) {}

  event(institution: string, kind: EventKind, what: { readonly day: number; readonly drug: string; readonly codes: number; readonly visitNo?: string; readonly refers?: string; readonly split?: boolean }): number {
    const eventNo = ++this.events;
    const at = START + what.day * DAY_MS;
    this.#tables.event.rows.push([institution, eventNo, 'his', `E${String(eventNo)}`, kind, at, chinaDate(at), at, `D${String(eventNo)}`, '西药房', what.visitNo ?? null, what.refers ?? null, 'x', eventNo, '{}']);
    if (kind !== 'void') this.#tables.event_line.rows.push([institution, eventNo, '1', what.drug, 'A1', null, String(what.codes), what.split === true ? '片' : '盒', '12', what.split === true ? 1 : 0, what.codes, null]);
    this.#waiting += 2;
    return eventNo;
  }

  move(life: Life, eventNo: number, kind: EventKind, to: CodeState, units = 0n, undoes?: EventKind): void {
    const { row } = life;
    this.#tables.code_event.rows.push([life.institution, life.code, eventNo, '1', row.state, to, units.toString(), to === 'opened' && row.openedAt === undefined ? 1 : 0]);
    const move = { from: row.state, to, units, firstOpening: false };
    const counted = undoes === undefined ? countMove(row, kind, move, 1) : countMove(row, undoes, { ...move, from: to, to: row.state }, -1);
    life.row = { ...counted, state: to, lastEventNo: eventNo, openedAt: to === 'opened' ? 1 : row.openedAt, unitsLeft: to === 'in-stock' ? UNITS : to === 'opened' ? (row.unitsLeft ?? UNITS) - units : 0n };
    this.#waiting += 1;
  }

  refuse(life: Life, eventNo: number): void {
    this.#tables.finding.rows.push([life.institution, eventNo, 1, '1', 'CODE_ALREADY_DISPENSED', 'block', life.code, '该码已发出，未再次上报', 0]);
  }

  keep({ institution, row, drug, expiresOn }: Life): void {
    this.#tables.code.rows.push([
      institution, row.code, 'cn20', row.prefix, row.state, drug, 'A1', null, expiresOn, 1, '西药房', UNITS.toString(), (row.unitsLeft ?? 0n).toString(), row.openedAt ?? null, row.lastEventNo,
      row.receivedCount, row.soldCount, row.returnedCount, START,
    ]);
    this.#waiting += 1;
  }

  async flush(least = ROWS_PER_TRANSACTION): Promise<void> {
    if (this.#waiting < least) return;
    this.#waiting = 0;
    await this.driver.write(async (q) => {
      for (const table of Object.values(this.#tables)) await table.insert(q, table.rows.splice(0));
    });
  }
}

/**
 * Fills an empty, migrated store. Clean lives hold what hospitals really do: returns that stay on the shelf, voids, opened packs for several
 * visits, whole cartons sold before any receipt was recorded (the first days after installation), all with consecutive serials.
 */
export async function writeAbuseHistory(driver: SqlDriver, options: { readonly institution: string; readonly member: string; readonly codes: number; readonly abuses: number; readonly seed: number }): Promise<AbuseHistory> {
  const { institution, member, codes, abuses } = options;
  const random = seededRandom(options.seed);
  const writer = new HistoryWriter(driver);
  const planted = new Map<string, AbusePattern>();
  const clean: string[] = [];
  const newLife = (at: number, more: { readonly check?: string; readonly expiresOn?: string } = {}): Life => {
    const drug = DRUGS_OF_HISTORY[Math.floor(at / CARTON) % DRUGS_OF_HISTORY.length] ?? { drug: '', prefixUnit: '' };
    const code = `${drug.prefixUnit ?? ''}${String(100_000 + at).padStart(9, '0')}${more.check ?? String(Math.floor(random() * 10_000)).padStart(4, '0')}`;
    const row: CodeRow = {
      code, scheme: 'cn20', prefix: drug.prefixUnit ?? '', state: 'unseen', drug: drug.drug, lot: 'A1', producedOn: undefined, expiresOn: more.expiresOn, level: 1, location: '西药房', unitsTotal: UNITS, unitsLeft: undefined,
      openedAt: undefined, lastEventNo: 0, receivedCount: 0, soldCount: 0, returnedCount: 0, warning: undefined, warnedAt: undefined,
    };
    return { institution, code, drug: drug.drug, expiresOn: more.expiresOn ?? '2028-12-31', row };
  };
  let visit = 0;
  const nextVisit = (): string => `V${String(++visit)}`;
  const sell = (life: Life, day: number): number => {
    const eventNo = writer.event(life.institution, 'dispense', { day, drug: life.drug, codes: 1, visitNo: nextVisit() });
    writer.move(life, eventNo, 'dispense', 'dispensed');
    return eventNo;
  };
  const receive = (life: Life, day: number): void => { writer.move(life, writer.event(life.institution, 'receipt', { day, drug: life.drug, codes: 1 }), 'receipt', 'in-stock'); };
  const giveBack = (life: Life, day: number): void => { writer.move(life, writer.event(life.institution, 'dispense-return', { day, drug: life.drug, codes: 1 }), 'dispense-return', 'in-stock'); };
  const refused = (life: Life, day: number): void => { writer.refuse(life, writer.event(life.institution, 'dispense', { day, drug: life.drug, codes: 1, visitNo: nextVisit() })); };

  const ordinary = async (): Promise<void> => {
    for (let start = 0; start < codes - abuses; start += CARTON) {
      const day = Math.floor(random() * 200);
      const lives = Array.from({ length: Math.min(CARTON, codes - abuses - start) }, (_, at) => newLife(start + at));
      const unreceived = random() < 0.02;
      if (!unreceived) {
        const receipt = writer.event(institution, 'receipt', { day, drug: lives[0]?.drug ?? '', codes: lives.length });
        for (const life of lives) writer.move(life, receipt, 'receipt', 'in-stock');
      }
      let basket: Life[] = [];
      const sellBasket = (): void => {
        if (basket.length === 0) return;
        const eventNo = writer.event(institution, 'dispense', { day: day + 5, drug: basket[0]?.drug ?? '', codes: basket.length, visitNo: nextVisit() });
        for (const life of basket) writer.move(life, eventNo, 'dispense', 'dispensed');
        basket = [];
      };
      for (const life of lives) {
        const chance = unreceived ? 1 : random();
        if (chance < 0.15) { if (clean.length < MAX_CLEAN) clean.push(life.code); }
        else if (chance < 0.17) { sell(life, day + 5); giveBack(life, day + 6); }
        else if (chance < 0.175) {
          const sold = sell(life, day + 5);
          writer.move(life, writer.event(institution, 'void', { day: day + 5, drug: life.drug, codes: 1, refers: `E${String(sold)}` }), 'void', 'in-stock', 0n, 'dispense');
          sell(life, day + 6);
        } else if (chance < 0.185) {
          writer.move(life, writer.event(institution, 'split-open', { day: day + 5, drug: life.drug, codes: 1, split: true }), 'split-open', 'opened');
          for (let part = 0; part < 4; part += 1) writer.move(life, writer.event(institution, 'dispense', { day: day + 6 + part, drug: life.drug, codes: 1, split: true, visitNo: nextVisit() }), 'dispense', 'opened', 2_000_000n);
        } else if (basket.push(life) === 3) sellBasket();
      }
      sellBasket();
      for (const life of lives) writer.keep(life);
      await writer.flush();
    }
  };

  const plant: Readonly<Record<Exclude<AbusePattern, 'serial-run'>, (life: Life, at: number) => void>> = {
    'dispensed-again': (life, at) => {
      receive(life, 10);
      sell(life, 20);
      if (at % 2 === 0) { refused(life, 30); return; }
      const twin: Life = { ...life, institution: member, row: { ...life.row, state: 'unseen', receivedCount: 0, soldCount: 0 } };
      receive(twin, 10);
      sell(twin, 25);
      writer.keep(twin);
    },
    'returned-then-sold': (life) => { receive(life, 10); sell(life, 20); giveBack(life, 25); sell(life, 30); },
    'sold-after-expiry': (life) => { receive(life, 10); sell(life, 90); },
    'received-after-sold': (life) => { receive(life, 10); sell(life, 20); receive(life, 60); },
    'many-visits': (life) => { receive(life, 10); sell(life, 20); for (const day of [21, 25, 40]) refused(life, day); },
  };

  const abusive = async (): Promise<void> => {
    for (let at = 0; at < abuses; at += 1) {
      const pattern = ABUSE_PATTERNS[Math.floor((at * ABUSE_PATTERNS.length) / abuses)] ?? 'serial-run';
      // runs of ten made-up codes, then a gap
      const life = newLife(codes + at + (pattern === 'serial-run' ? Math.floor(at / 10) * 3 : at), pattern === 'serial-run' ? { check: '4711' } : pattern === 'sold-after-expiry' ? { expiresOn: '2026-03-01' } : {});
      if (pattern === 'serial-run') sell(life, 50);
      else plant[pattern](life, at);
      planted.set(life.code, pattern);
      writer.keep(life);
      await writer.flush();
    }
  };

  await ordinary();
  await abusive();
  await writer.flush(1);
  return { planted, clean, codes, events: writer.events };
}
