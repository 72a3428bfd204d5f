import { expect } from 'chai';
import type { EventLine } from '../../adapter/domain/event.ts';
import type { PlannedReport } from '../../adapter/ports/destination.ts';
import { planEvent } from '../../connectors/mah-alihealth/plan.ts';
import { planReversal } from '../../connectors/mah-alihealth/plan-reversal.ts';
import { mahSettings } from '../connectors/mah-alihealth/fixtures.ts';
import { FakeDestination } from '../support/fake-destination.ts';
import { onEachStore } from '../support/stores.ts';
import { HOSPITAL, openTestHospital, packCode, type TestHospital } from '../support/test-hospital.ts';
import { waitFor } from '../support/wait-for.ts';

/** Plans as the connector does, and sends to memory. */
class MahInMemory extends FakeDestination {
  constructor() {
    super('mah');
    this.onPlan = (reported) => planEvent(reported, mahSettings());
  }

  override planReversal(original: Parameters<typeof planReversal>[0]): PlannedReport {
    const by = { ...original.reported.event, kind: 'void' as const, id: `V-${original.key}` };
    const plan = planReversal(original, by, mahSettings());
    if (plan === undefined) throw new Error('no reversal');
    return plan;
  }
}

const A = packCode(1);
const B = packCode(2);
const tablets = (lineNo: string, quantity: number, ...codes: string[]): EventLine => ({ lineNo, drug: 'YP1', quantity: String(quantity), unit: '片', split: true, codes });
const whole = (lineNo: string, ...codes: string[]): EventLine => ({ lineNo, drug: 'YP1', quantity: String(codes.length), unit: '盒', split: false, codes });

describe('void', () => { onEachStore((open) => {
  let mah: MahInMemory;
  let insurance: FakeDestination;
  let hospital: TestHospital;
  beforeEach(async () => {
    mah = new MahInMemory();
    insurance = new FakeDestination('insurance');
    hospital = await openTestHospital([mah, insurance], { driver: await open() });
    await hospital.dispatcher.start();
  });
  afterEach(async () => { await hospital.stop(); });

  interface Row { readonly operation: string; readonly state: string; readonly codes: string }
  const rows = (): Promise<Row[]> => hospital.rows<Row>("SELECT operation, state, codes FROM delivery WHERE destination = 'mah' ORDER BY delivery_no");
  const sent = (from: FakeDestination = mah): [string, readonly string[]][] => from.sent.flat().map((report) => [report.operation, report.codes]);
  const quiet = (): Promise<void> => waitFor('nothing under way', async () => (await hospital.rows("SELECT 1 AS one FROM delivery WHERE state IN ('queued', 'claimed', 'sent', 'unknown', 'processing')")).length === 0);
  const sell = (id: string, ...lines: EventLine[]): Promise<unknown> => hospital.submit({ id, kind: 'dispense', lines });
  const cancel = (refers: string): Promise<unknown> => hospital.submit({ id: `V-${refers}`, kind: 'void', refers });
  const stop = (stopped: boolean): Promise<void> => hospital.dispatcher.switch({ institution: HOSPITAL.code, destination: 'mah' }, { stopped, reason: 'test', by: 'test' });

  it('lets the opening of a split pack stand when others took from it since', async () => {
    await sell('E1', tablets('1', 2, A));
    await sell('E2', tablets('1', 3, A));
    await quiet();
    await cancel('E1');
    await quiet();
    expect(sent()).to.deep.equal([['323', [A]]]);
    expect((await rows()).at(-1)).to.deep.equal({ operation: '116', state: 'not-owed', codes: '[]' });
    const [reason] = await hospital.rows<{ detail: string }>("SELECT detail FROM delivery WHERE operation = '116'");
    expect(reason?.detail).to.include('继续有效');
    // the insurance platform is told of every sale by itself
    expect(sent(insurance).map(([operation]) => operation)).to.deep.equal(['sale', 'sale', 'delete']);
  });

  it('takes the opening back when nobody else took from the pack', async () => {
    await sell('E1', tablets('1', 2, A));
    await quiet();
    await cancel('E1');
    await quiet();
    expect(sent()).to.deep.equal([['323', [A]], ['116', [A]]]);
  });

  it('takes back the whole packs of the same bill all the same', async () => {
    await sell('E1', tablets('1', 2, A), whole('2', B));
    await sell('E2', tablets('1', 3, A));
    await quiet();
    await cancel('E1');
    await quiet();
    expect(sent()).to.deep.equal([['323', [A, B]], ['116', [B]]]);
  });

  it('still tells of the opening when the opener is voided before its bill went out', async () => {
    await stop(true);
    await sell('E1', tablets('1', 2, A));
    await sell('E2', tablets('1', 3, A));
    await cancel('E1');
    await stop(false);
    await quiet();
    expect(sent()).to.deep.equal([['323', [A]]]);
  });

  it('tells of nothing when the only one who took from the pack is voided before its bill went out', async () => {
    await stop(true);
    await sell('E1', tablets('1', 2, A));
    await cancel('E1');
    await stop(false);
    await quiet();
    expect(sent()).to.deep.equal([]);
  });

  it('undoes split lines numbered 2 and 10 of one pack exactly', async () => {
    await sell('E1', tablets('2', 2, A), tablets('10', 3, A));
    await quiet();
    await cancel('E1');
    await quiet();
    const [code] = await hospital.rows<{ state: string; units_left: string; units_total: string; opened_at: number | null }>('SELECT state, units_left, units_total, opened_at FROM code WHERE code = ?', A);
    expect([code?.state, code?.units_left, code?.opened_at]).to.deep.equal(['unseen', code?.units_total, null]);
    expect(sent()).to.deep.equal([['323', [A]], ['116', [A]]]);
  });
}); });
