import { expect } from 'chai';
import type { AskResult, Outcome } from '../../../adapter/domain/outcome.ts';
import type { Report, ReportedEvent } from '../../../adapter/ports/destination.ts';
import type { Institution } from '../../../adapter/ports/institution.ts';
import type { MahSettings } from '../../../connectors/mah-alihealth/settings.ts';
import { SANDBOX_SUPPLIERS, startSandbox, type FaultRule, type Sandbox } from '../../../plugins/sandbox/index.ts';
import { codeOf, lineCode, reported, reportLine, reportOf } from './fixtures.ts';
import { openDestination, type OpenDestination } from './open-destination.ts';

/** The connector against the product's own fake platform, which was written from the specification by other hands. */
describe('mah-alihealth against the sandbox', () => {
  let sandbox: Sandbox;
  let hospital: Institution;
  const opened: OpenDestination[] = [];

  beforeEach(async () => {
    sandbox = await startSandbox({ mah: { processing: { uploadedMs: 10, doneMs: 20 }, queryBy: 'both' } });
    hospital = { code: 'H35010200001', name: '示范医院', region: '350102', mah: { entId: sandbox.mah.entId, refEntId: sandbox.mah.refEntId } };
  });
  afterEach(async () => {
    for (const { destination } of opened.splice(0)) await destination.stop();
    await sandbox.stop();
  });

  function open(change: Partial<MahSettings> = {}): OpenDestination {
    const { url, appKey, appSecret } = sandbox.mah;
    const made = openDestination(url, { appKey, appSecret, partners: [], pollEvery: 0, uploadTimeout: 2_000, queryTimeout: 2_000, ...change }, { institutions: [hospital] });
    opened.push(made);
    return made;
  }

  function reportsOf({ destination }: OpenDestination, of: ReportedEvent): Report[] {
    return destination.plan(of).map((plan) => reportOf(plan, of, { firstSentAt: Date.now() }));
  }

  const event = (change: object, serials: readonly number[]): ReportedEvent => reported({ occurredAt: new Date().toISOString(), ...change }, [reportLine(serials.map((serial) => lineCode(codeOf(serial))))], hospital);

  async function finalOf(connection: OpenDestination, report: Report): Promise<Outcome | AskResult> {
    for (let asked = 0; asked < 400; asked += 1) {
      const result = await connection.ask(report);
      if (result.kind === 'settled') return result.outcome;
      if (result.kind !== 'processing') return result;
      await new Promise((resolve) => { setTimeout(resolve, 5); });
    }
    throw new Error('never settled');
  }

  async function deliver(connection: OpenDestination, of: ReportedEvent): Promise<(Outcome | AskResult)[]> {
    const finals: (Outcome | AskResult)[] = [];
    for (const report of reportsOf(connection, of)) {
      expect((await connection.send(report)).kind).to.equal('processing');
      finals.push(await finalOf(connection, report));
    }
    return finals;
  }

  for (const [name, change] of [
    ['simplified JSON', {}], ['full JSON', { simplify: false }], ['XML', { format: 'xml' }], ['md5, common parameters in the query', { signMethod: 'md5', commonIn: 'query' }], ['hmac', { signMethod: 'hmac' }],
  ] as const) {
    it(`carries receipt, dispense, return and destruction to their end in ${name}`, async () => {
      const connection = open(change);
      const supplier = SANDBOX_SUPPLIERS[0];
      const events = [
        event({ id: 'R1', kind: 'receipt', documentNo: 'RK1', counterparty: { name: supplier?.name }, deliveryNoteNo: 'XS1' }, [1, 2, 3, 4]), event({ id: 'D1', kind: 'dispense' }, [1, 2]),
        event({ id: 'T1', kind: 'dispense-return' }, [1]), event({ id: 'D2', kind: 'dispense' }, [1]), event({ id: 'S1', kind: 'supplier-return', counterparty: { name: supplier?.name } }, [3]), event({ id: 'X1', kind: 'destroy' }, [4]),
      ];
      for (const of of events) for (const outcome of await deliver(connection, of)) expect(outcome, of.event.id).to.include({ kind: 'accepted' });
      const { entries, doubleKeys, doubleCodes, refusals } = sandbox.mahBook;
      expect(entries.map((entry) => entry.billType)).to.deep.equal(['102', '323', '116', '323', '202', '205']);
      expect(entries.map((entry) => [entry.fromId, entry.toId])[0]).to.deep.equal([supplier?.entId, hospital.mah?.entId]);
      expect([doubleKeys, doubleCodes, refusals.length]).to.deep.equal([[], [], 0]);
    });
  }

  it('takes a voided dispense back with a bill of its own', async () => {
    const connection = open();
    const original = event({ id: 'D1', kind: 'dispense' }, [1, 2]);
    await deliver(connection, original);
    const [report] = reportsOf(connection, original);
    if (report === undefined) throw new Error('nothing planned');
    const by = event({ id: 'V1', kind: 'void', refers: 'D1' }, []).event;
    const plan = connection.destination.planReversal(report, by);
    if (plan === undefined) throw new Error('no reversal');
    const reversal = { ...reportOf(plan, original, { firstSentAt: Date.now() }), reverses: { operation: report.operation, key: report.key } };
    expect((await connection.send(reversal)).kind).to.equal('processing');
    expect(await finalOf(connection, reversal)).to.include({ kind: 'accepted' });
    expect(sandbox.mahBook.entries.map((entry) => entry.billType)).to.deep.equal(['323', '116']);
  });

  const lost: readonly (readonly [string, Omit<FaultRule, 'operation'>])[] = [
    ['the reply dropped after commit', { effect: 'dropReplyAfterCommit' }], ['a 502 page after commit', { effect: 'http502', when: 'after' }], ['truncated JSON', { effect: 'truncatedJson' }],
    ['a reply cut in the middle', { effect: 'cutMidReply' }], ['an empty reply', { effect: 'emptyReply' }], ['a reply in another charset', { effect: 'wrongCharset' }], ['a reply of 20 MB', { effect: 'hugeReply' }],
  ];
  for (const [name, rule] of lost) {
    it(`finds its bill again after ${name}, and sends it once`, async () => {
      sandbox.faults.set([{ platform: 'mah', operation: 'uploadretail', times: 1, ...rule }]);
      const connection = open();
      const [report] = reportsOf(connection, event({}, [1, 2]));
      if (report === undefined) throw new Error('nothing planned');
      expect((await connection.send(report)).kind).to.be.oneOf(['unknown', 'processing']);
      expect(await finalOf(connection, report)).to.include({ kind: 'accepted' });
      expect(sandbox.mahBook.entries).to.have.length(1);
      expect(sandbox.mahBook.doubleKeys).to.deep.equal([]);
    });
  }

  it('learns that a request lost before commit is absent, and the same bill then goes through', async () => {
    sandbox.faults.set([{ platform: 'mah', operation: 'uploadretail', times: 1, effect: 'dropBeforeCommit' }]);
    const connection = open();
    const [report] = reportsOf(connection, event({}, [1]));
    if (report === undefined) throw new Error('nothing planned');
    expect((await connection.send(report)).kind).to.equal('unknown');
    expect((await connection.ask(report)).kind).to.equal('absent');
    expect((await connection.send({ ...report, attempt: 2 })).kind).to.equal('processing');
    expect(await finalOf(connection, report)).to.include({ kind: 'accepted' });
  });

  it('calls a bill sent twice a duplicate after comparing the codes, and not before', async () => {
    const connection = open();
    const of = event({}, [1, 2]);
    await deliver(connection, of);
    const [report] = reportsOf(connection, of);
    if (report === undefined) throw new Error('nothing planned');
    expect(await connection.send(report)).to.include({ kind: 'unknown', reason: 'BILL_CONFLICT' });
    expect(await finalOf(connection, report)).to.include({ kind: 'duplicate' });
    expect(sandbox.mahBook.callsByOperation['alibaba.alihealth.drug.yljg.searchbill.detail']).to.equal(1);
  });

  it('accepts that somebody else reported the codes, and shows it when only some of them are', async () => {
    const connection = open();
    await deliver(connection, event({ id: 'A', documentNo: 'OTHER1' }, [1, 2, 3]));
    const [all] = reportsOf(connection, event({ id: 'B' }, [1, 2]));
    const [some] = reportsOf(connection, event({ id: 'C' }, [3, 4]));
    if (all === undefined || some === undefined) throw new Error('nothing planned');
    expect((await connection.send(all)).kind).to.equal('unknown');
    expect(await finalOf(connection, all)).to.include({ kind: 'duplicate' });
    expect((await connection.send(some)).kind).to.equal('unknown');
    expect(await finalOf(connection, some)).to.deep.include({ kind: 'rejected', reason: 'BILL_CONFLICT', codes: [codeOf(4)] });
  });

  for (const format of ['json', 'xml'] as const) {
    it(`names the codes that failed in processing, in ${format}`, async () => {
      sandbox.faults.set([{ platform: 'mah', operation: 'uploadretail', times: 1, effect: 'partialProcessing', count: 1 }]);
      const [outcome] = await deliver(open({ format }), event({}, [5, 6]));
      expect(outcome).to.deep.include({ kind: 'rejected', reason: 'PARTLY_REJECTED', codes: [codeOf(5)] });
    });
  }

  it('is answered with the flag on the wrong level and still understands', async () => {
    sandbox.faults.set([{ platform: 'mah', effect: 'successFlagWrongLevel' }]);
    for (const outcome of await deliver(open(), event({}, [1]))) expect(outcome).to.include({ kind: 'accepted' });
  });

  it('gets every bill through a gateway that throttles, each once', async () => {
    await sandbox.stop();
    sandbox = await startSandbox({ mah: { limit: { callsPerSecond: 4, banMs: 200 }, processing: { uploadedMs: 0, doneMs: 0 } } });
    hospital = { ...hospital, mah: { entId: sandbox.mah.entId, refEntId: sandbox.mah.refEntId } };
    const connection = open({ rate: { uploadsPerSecond: 1_000, queriesPerSecond: 1_000 } });
    const reports = [1, 2, 3, 4, 5, 6].flatMap((serial) => reportsOf(connection, event({ id: `E${String(serial)}` }, [serial])));
    // the clock of the test does not really wait, so some are put back into the queue: they were not processed
    const waiting = [...reports];
    for (let turn = 0; turn < 100 && waiting.length > 0; turn += 1) {
      const report = waiting.shift();
      if (report === undefined) break;
      const result = await connection.send(report);
      expect(result.kind).to.be.oneOf(['processing', 'unavailable']);
      if (result.kind === 'unavailable') {
        waiting.push(report);
        await new Promise((resolve) => { setTimeout(resolve, 60); });
      }
    }
    expect(sandbox.mahBook.entries.map((entry) => entry.key).sort()).to.deep.equal(reports.map((report) => report.key).sort());
    expect(sandbox.notes.mah['throttled']).to.be.above(0);
  });

  it('finds its account in order by probing', async () => {
    const results = await open().destination.probe();
    expect(results.filter(({ ok }) => !ok)).to.deep.equal([]);
  });
});
