import { expect } from 'chai';
import { recoverLane } from '../../adapter/delivery/recovery.ts';
import type { EventLine, TraceEvent } from '../../adapter/domain/event.ts';
import { FakeDestination } from '../support/fake-destination.ts';
import { onEachStore } from '../support/stores.ts';
import { HOSPITAL, openTestHospital, packCode, type TestHospital } from '../support/test-hospital.ts';
import { waitFor } from '../support/wait-for.ts';

function whole(...codes: string[]): EventLine {
  return { lineNo: '1', drug: 'YP1', quantity: String(codes.length), unit: '盒', split: false, codes };
}
function tablets(quantity: number, code = packCode(1)): EventLine {
  return { lineNo: '1', drug: 'YP1', quantity: String(quantity), unit: '片', split: true, codes: [code] };
}
const insured = { visitNo: 'V1', settlementType: 'insured' as const };
const settlement: Partial<TraceEvent> & { id: string } = { id: 'S1', kind: 'settlement', occurredAt: '2026-11-22T10:00:00+08:00', patient: { visitNo: 'V1', settlementId: 'SETL1', settlementType: 'insured', settlementArea: 'local' } };

describe('return of a dispense that waits for its settlement', () => { onEachStore((open) => {
  let fake: FakeDestination;
  let hospital: TestHospital;
  beforeEach(async () => {
    fake = new FakeDestination();
    hospital = await openTestHospital([fake], { driver: await open() });
    await hospital.dispatcher.start();
  });
  afterEach(async () => { await hospital.stop(); });

  const states = async (): Promise<string[]> => (await hospital.rows<{ state: string }>('SELECT state FROM delivery ORDER BY delivery_no')).map((row) => row.state);
  const become = (...wanted: string[]): Promise<void> => waitFor(wanted.join(), async () => (await states()).join() === wanted.join());
  const sent = (): string[] => fake.sent.flat().map((report) => report.reported.event.id);
  const recover = (): Promise<number> => recoverLane(hospital.driver, { institution: HOSPITAL.code, destination: 'fake' }, { nowMs: Date.now(), expiredBefore: Date.now() });
  const sell = (id: string, line: EventLine, patient?: TraceEvent['patient']): Promise<unknown> => hospital.submit({ id, kind: 'dispense', lines: [line], ...(patient === undefined ? {} : { patient }) });
  const giveBack = (id: string, refers: string, line: EventLine): Promise<unknown> => hospital.submit({ id, kind: 'dispense-return', refers, lines: [line] });

  it('owes neither when all of it came back before the settlement, and the next sale of the pack gets out', async () => {
    await sell('E1', whole(packCode(1)), insured);
    await giveBack('E2', 'E1', whole(packCode(1)));
    await sell('E3', whole(packCode(1)));
    await become('not-owed', 'not-owed', 'accepted');
    expect(sent()).to.deep.equal(['E3']);
    const reasons = await hospital.rows<{ detail: string | null }>("SELECT detail FROM delivery WHERE state = 'not-owed'");
    for (const { detail } of reasons) expect(detail).to.include('全部退回');
  });

  it('does not report it after all when the settlement arrives later', async () => {
    await sell('E1', whole(packCode(1)), insured);
    await giveBack('E2', 'E1', whole(packCode(1)));
    await hospital.submit(settlement);
    await sell('E3', whole(packCode(3)));
    await become('not-owed', 'not-owed', 'accepted');
    expect(sent()).to.deep.equal(['E3']);
  });

  it('keeps a return of part waiting for the settlement, without holding up the next sale of what came back', async () => {
    await sell('E1', whole(packCode(1), packCode(2)), insured);
    await giveBack('E2', 'E1', whole(packCode(1)));
    await sell('E3', whole(packCode(1)));
    await become('held', 'queued', 'accepted');
    await hospital.submit(settlement);
    await become('accepted', 'accepted', 'accepted');
    expect(sent()).to.deep.equal(['E3', 'E1', 'E2']);
  });

  it('owes nothing when several returns together bring all of it back', async () => {
    await sell('E1', whole(packCode(1), packCode(2)), insured);
    await giveBack('E2', 'E1', whole(packCode(1)));
    await giveBack('E3', 'E1', whole(packCode(2)));
    expect(await states()).to.deep.equal(['not-owed', 'not-owed', 'not-owed']);
  });

  it('counts tablets: some back is part of it, all back is all of it', async () => {
    await sell('E1', tablets(6), insured);
    await giveBack('E2', 'E1', tablets(2));
    expect(await states()).to.deep.equal(['held', 'queued']);
    await sell('E3', tablets(3));
    await become('held', 'queued', 'accepted');
    await giveBack('E4', 'E1', tablets(4));
    expect(await states()).to.deep.equal(['not-owed', 'not-owed', 'accepted', 'not-owed']);
    expect(sent()).to.deep.equal(['E3']);
  });

  it('sends the return of another patient from the same opened pack without waiting for the settlement', async () => {
    await sell('E0', tablets(4));
    await become('accepted');
    await sell('E1', tablets(2), insured);
    await giveBack('E2', 'E1', tablets(1));
    await giveBack('E3', 'E0', tablets(1));
    await become('accepted', 'held', 'queued', 'accepted');
    expect(sent()).to.deep.equal(['E0', 'E3']);
  });

  it('owes the dispense again when the return is voided: held until its settlement, reported with it', async () => {
    await sell('E1', whole(packCode(1)), insured);
    await giveBack('E2', 'E1', whole(packCode(1)));
    await hospital.submit({ id: 'X1', kind: 'void', refers: 'E2' });
    await recover();
    expect(await states()).to.deep.equal(['held', 'withdrawn', 'not-owed']);
    await hospital.submit(settlement);
    await become('accepted', 'withdrawn', 'not-owed');
    expect(sent()).to.deep.equal(['E1']);
  });

  it('reports the dispense at once when the settlement had arrived before its return was voided', async () => {
    await sell('E1', whole(packCode(1)), insured);
    await giveBack('E2', 'E1', whole(packCode(1)));
    await hospital.submit(settlement);
    await hospital.submit({ id: 'X1', kind: 'void', refers: 'E2' });
    await recover();
    await become('accepted', 'withdrawn', 'not-owed');
    expect(fake.sent.flat()[0]?.reported.event.patient?.settlementId).to.equal('SETL1');
  });

  it('owes nothing again when the dispense was voided after its return', async () => {
    await sell('E1', whole(packCode(1)), insured);
    await giveBack('E2', 'E1', whole(packCode(1)));
    await hospital.submit({ id: 'X1', kind: 'void', refers: 'E2' });
    await hospital.submit({ id: 'X2', kind: 'void', refers: 'E1' });
    await recover();
    expect(await states()).to.deep.equal(['withdrawn', 'withdrawn', 'not-owed', 'not-owed']);
    expect(fake.sent.flat()).to.deep.equal([]);
  });
  it('holds the dispense again at once when its return is voided, so that the same pack can be returned once more', async () => {
    await sell('E1', whole(packCode(1)), insured);
    await giveBack('E2', 'E1', whole(packCode(1)));
    await hospital.submit({ id: 'X1', kind: 'void', refers: 'E2' });
    expect((await states())[0]).to.equal('held');
    await giveBack('E3', 'E1', whole(packCode(1)));
    await hospital.submit(settlement);
    await recover();
    expect(fake.sent.flat()).to.deep.equal([]);
  });
}); });
