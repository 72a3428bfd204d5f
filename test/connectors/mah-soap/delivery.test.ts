import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { mahRest } from '../../../connectors/mah-rest/index.ts';
import { startSandbox, type Sandbox } from '../../../plugins/sandbox/index.ts';
import { openTestHospital, packCode, type TestHospital } from '../../support/test-hospital.ts';
import { waitFor } from '../../support/wait-for.ts';
import { eventOf, first, HOLDER_CASES, openHolder, reportsOf } from './open-holder.ts';

const lineOf = (serial: number) => ({ lineNo: '1', drug: 'YP1', quantity: '1', unit: '盒', split: false, codes: [packCode(serial)] });

/** A site's own file for a system without query whose documentation promises nothing. */
function profileWithoutPromise(folder: string): string {
  const file = join(folder, 'site.yaml');
  writeFileSync(file, readFileSync('connectors/mah-rest/profiles/example-sm3.yaml', 'utf8').replaceAll('idempotentByKey: true', 'idempotentByKey: false').replace('replyWindow: 30s', 'replyWindow: 50ms'));
  return file;
}

describe('holder systems in the delivery', () => {
  let sandbox: Sandbox;
  let hospital: TestHospital | undefined;
  const folder = mkdtempSync(join(tmpdir(), 'his-trace-holder-'));

  beforeEach(async () => {
    sandbox = await startSandbox({ holders: { 'mah-soap': {}, 'mah-typed': {}, 'mah-rest': {} } });
  });
  afterEach(async () => {
    await hospital?.stop();
    hospital = undefined;
    await sandbox.stop();
  });
  after(() => { rmSync(folder, { recursive: true }); });

  it('gets a hundred dispenses to three systems once each, while replies are lost', async () => {
    sandbox.faults.set({ seed: 3, rules: [{ effect: 'dropReplyAfterCommit', probability: 0.05 }] });
    const destinations = HOLDER_CASES.map((of) => {
      const { destination } = openHolder(sandbox, of, { concurrency: 4, profile: of.hasQuery ? of.profile : quickRest(folder) });
      return { ...destination, name: of.fake, stop: () => destination.stop() };
    });
    hospital = await openTestHospital(destinations, { retry: { absentQuietMs: 40 } });
    await hospital.dispatcher.start();
    for (let at = 0; at < 100; at += 1) await hospital.submit({ id: `D${String(at)}`, documentNo: `CF${String(at)}`, lines: [lineOf(5_000 + at)] });
    const open = async (): Promise<number> => (await hospital?.rows(`SELECT delivery_no FROM delivery WHERE state NOT IN ('accepted', 'duplicate')`))?.length ?? 1;
    await waitFor('all is settled', async () => (await open()) === 0, 25_000);
    for (const { fake } of HOLDER_CASES) {
      const book = sandbox.holderBook(fake);
      expect(Object.values(book.reportsByKey), fake).to.have.length(100);
      expect(Object.values(book.reportsByKey).every((times) => times === 1), fake).to.equal(true);
    }
  });

  it('never sends an unknown report again by itself where nobody can be asked: it waits for a person, with the reason', async () => {
    sandbox.faults.set([{ platform: 'mah-rest', operation: 'events', effect: 'dropReplyAfterCommit', times: 1 }]);
    const rest = first(HOLDER_CASES.filter(({ hasQuery }) => !hasQuery));
    hospital = await openTestHospital([openHolder(sandbox, rest, { profile: profileWithoutPromise(folder) }).destination]);
    await hospital.dispatcher.start();
    await hospital.submit({ id: 'D1', lines: [lineOf(1)] });
    const row = async () => (await hospital?.rows<{ state: string; reason: string; detail: string }>('SELECT state, reason, detail FROM delivery'))?.[0];
    await waitFor('it needs attention', async () => (await row())?.state === 'needs-attention');
    expect(await row()).to.include({ reason: 'CANNOT_ASK' }).with.property('detail').that.matches(/没有查询接口，无法确认是否收到单号 SX/);
    expect(sandbox.holderBook('mah-rest').callsByOperation['events']).to.equal(1);
  });

  it('waits for the reply window before it gives up or sends the same key again', async () => {
    const rest = first(HOLDER_CASES.filter(({ hasQuery }) => !hasQuery));
    const promised = openHolder(sandbox, rest);
    const report = first(reportsOf(promised, eventOf('dispense', [1])));
    expect((await promised.ask(report)).kind).to.equal('no-answer');
    promised.clock.offset = 31_000;
    expect((await promised.ask(report)).kind).to.equal('absent');
    const silent = openHolder(sandbox, { ...rest, profile: profileWithoutPromise(folder) });
    silent.clock.offset = 31_000;
    expect((await silent.ask(report)).kind).to.equal('cannot-ask');
    await Promise.all([promised.destination.stop(), silent.destination.stop()]);
  });

  it('keeps names and id numbers of patients at home whatever a profile asks for, unless the site lets them out', async () => {
    const file = join(folder, 'patient.yaml');
    writeFileSync(file, readFileSync('connectors/mah-rest/profiles/example-sm3.yaml', 'utf8').replace('hisNo: "{{event.documentNo | max:40 | omit}}"', 'hisNo: "[{{patient.visitNo}}|{{patient.name}}|{{patient.idNo}}]"'));
    const rest = first(HOLDER_CASES.filter(({ hasQuery }) => !hasQuery));
    for (const [sendPatient, wanted] of [['none', '[||]'], ['visit-no', '[V1||]'], ['full', '[V1|张三|89990019000101001X]']] as const) {
      sandbox.faults.set([{ platform: 'mah-rest', contains: wanted, effect: 'refuse' }]);
      const holder = openHolder(sandbox, { ...rest, profile: file }, { sendPatient });
      const event = eventOf('dispense', [1], { id: sendPatient, patient: { visitNo: 'V1', name: '张三', idNo: '89990019000101001X' } });
      expect((await holder.send(first(reportsOf(holder, event)))).kind, sendPatient).to.equal('rejected');
      expect(Object.values(sandbox.faults.applied)).to.deep.equal([1]);
      await holder.destination.stop();
    }
  });

  it('calls a message that could not be made not sent, and a reply that could not be judged unknown', async () => {
    const [typed, rest] = [first(HOLDER_CASES.filter(({ fake }) => fake === 'mah-typed')), first(HOLDER_CASES.filter(({ fake }) => fake === 'mah-rest'))];
    const file = join(folder, 'port.yaml');
    writeFileSync(join(folder, 'example-typed.wsdl'), readFileSync('connectors/mah-soap/profiles/example-typed.wsdl', 'utf8').replace('binding="tns:MovementBinding"', 'binding="tns:Nothing"'));
    writeFileSync(file, readFileSync('connectors/mah-soap/profiles/example-typed.yaml', 'utf8'));
    const unmade = openHolder(sandbox, { ...typed, profile: file });
    expect(await unmade.send(first(reportsOf(unmade, eventOf('dispense', [1]))))).to.include({ kind: 'unavailable', reason: 'CONFIGURATION' });
    expect(sandbox.holderBook('mah-typed').callsByOperation).to.deep.equal({});
    writeFileSync(file, readFileSync('connectors/mah-rest/profiles/example-sm3.yaml', 'utf8').replace('covers: [ $.eventID, $.code ], algorithm: sm3, text: "{{payload}}{{account.key}}"', 'covers: [ $.eventID, $.code ], algorithm: sm3, text: "{{payload}}{{event.location | required}}"'));
    const unjudged = openHolder(sandbox, { ...rest, profile: file });
    expect(await unjudged.send(first(reportsOf(unjudged, eventOf('dispense', [1]))))).to.include({ kind: 'unknown', reason: 'BAD_REPLY' });
    expect(sandbox.holderBook('mah-rest').entries).to.have.length(1);
    await Promise.all([unmade.destination.stop(), unjudged.destination.stop()]);
  });

  it('speaks for nobody whose profile belongs to another connector', () => {
    expect(() => openHolder(sandbox, { connector: mahRest, profile: join(process.cwd(), 'connectors/mah-soap/profiles/example-typed.yaml'), fake: 'mah-rest' })).to.throw(/mah-rest 使用的对接文件/);
  });
});

function quickRest(folder: string): string {
  const file = join(folder, 'quick.yaml');
  writeFileSync(file, readFileSync('connectors/mah-rest/profiles/example-sm3.yaml', 'utf8').replace('replyWindow: 30s', 'replyWindow: 50ms'));
  return file;
}
