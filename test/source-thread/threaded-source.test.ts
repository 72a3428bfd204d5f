import { expect } from 'chai';
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { Worker } from 'node:worker_threads';
import { TraceError } from '../../adapter/domain/error.ts';
import type { CheckedRecord } from '../../adapter/intake/check-record.ts';
import { systemClock } from '../../adapter/ops/system-clock.ts';
import type { Counters } from '../../adapter/ports/counters.ts';
import type { IntakeAnswer } from '../../adapter/ports/intake.ts';
import type { Log } from '../../adapter/ports/log.ts';
import { spawnThread } from '../../adapter/source-thread/spawn-thread.ts';
import { ThreadedSource } from '../../adapter/source-thread/threaded-source.ts';
import { Hl7Source } from '../../connectors/his-hl7v2/source.ts';
import type { Hl7Settings } from '../../connectors/his-hl7v2/settings.ts';
import { standard } from '../../mappings/standard/index.ts';
import { FakeIntake } from '../support/fake-intake.ts';
import { freePort } from '../support/free-port.ts';
import { HL7_DEFAULTS } from '../support/hl7-source.ts';
import { rdsText } from '../support/hl7-text.ts';
import { MllpClient } from '../support/mllp-client.ts';
import { waitFor } from '../support/wait-for.ts';

const msa = (ack: Buffer | string | undefined): string => /MSA\|([^\r]*)/.exec(String(ack ?? ''))?.[1] ?? 'no MSA';
const INSTITUTIONS = [{ code: 'H35010200001', name: '示范医院', region: '350102' }];

/** The intake of the process: takes what it is given, or holds it back. */
class CheckedIntake {
  readonly taken: CheckedRecord[] = [];
  #gate: Promise<void> | undefined;
  #open: () => void = () => undefined;

  hold(): void { this.#gate = new Promise((resolve) => { this.#open = resolve; }); }
  release(): void { this.#gate = undefined; this.#open(); }

  async submitChecked(checked: CheckedRecord): Promise<IntakeAnswer> {
    this.taken.push(checked);
    await this.#gate;
    if (checked.meaning.kind !== 'events') return { kind: 'noted', reason: 'x' };
    return { kind: 'taken', events: checked.meaning.events.map(({ event }) => ({ id: event.id, status: 'accepted' as const, assigned: [], findings: [] })) };
  }
}

interface Running {
  readonly source: ThreadedSource;
  readonly intake: CheckedIntake;
  readonly workers: Worker[];
  readonly counted: Map<string, number>;
  readonly logged: string[];
}

describe('source in a thread of its own', function () {
  // from source every new thread translates its modules first
  this.timeout(120_000);
  const made: Running[] = [];
  const clients: MllpClient[] = [];

  function make(options: { readonly settings?: Partial<Hl7Settings>; readonly connector?: string } = {}): Running {
    const settings: Hl7Settings = { ...HL7_DEFAULTS, ...options.settings };
    const intake = new CheckedIntake();
    const workers: Worker[] = [];
    const counted = new Map<string, number>();
    const logged: string[] = [];
    const write = (message: string): void => { logged.push(message); };
    const log: Log = { debug: write, info: write, warn: write, error: write };
    const counters: Counters = { reserve: () => Promise.resolve(1), recall: () => Promise.resolve(undefined), remember: () => Promise.resolve() };
    const count = (metric: string): void => { counted.set(metric, (counted.get(metric) ?? 0) + 1); };
    const local = new Hl7Source({ name: 'his-hl7', settings, mapping: standard, institutions: INSTITUTIONS, intake: new FakeIntake(), counters, clock: systemClock, log, count });
    const source = new ThreadedSource({
      setup: { name: 'his-hl7', connector: options.connector ?? 'his-hl7v2', mapping: 'standard', settings, institutions: INSTITUTIONS },
      local, intake, counters, clock: systemClock, log, count, backOff: { firstMs: 5, longestMs: 50 },
      spawn: (setup) => {
        const worker = spawnThread(setup);
        workers.push(worker);
        return worker;
      },
    });
    const running = { source, intake, workers, counted, logged };
    made.push(running);
    return running;
  }

  async function connect({ source }: Running): Promise<MllpClient> {
    const client = await MllpClient.open(Number(new URL(source.address()).port));
    clients.push(client);
    return client;
  }

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await Promise.all(made.splice(0).map(async ({ source, intake }) => { intake.release(); await source.stop(); }));
  });

  it('hands records over whole and checked, and acknowledges what the process answered, not before', async () => {
    const running = make({ settings: { maxFrameBytes: 8_388_608 } });
    await running.source.start();
    running.intake.hold();
    const client = await connect(running);
    const text = Buffer.from(rdsText({ id: 'A1', name: '欧阳东' }));
    await client.send(text);
    await waitFor('the record', () => running.intake.taken.length === 1);
    expect(client.answers.length).to.equal(0);
    running.intake.release();
    expect(msa((await client.receive(1))[0])).to.equal('AA|A1');
    const [first] = running.intake.taken;
    expect(Buffer.from(first?.record.bytes ?? [])).to.deep.equal(text);
    expect(first?.meaning.kind === 'events' ? first.meaning.events.map(({ event, body, scans }): unknown[] => [event, JSON.parse(body), [...scans.keys()]]) : [])
      .to.deep.equal(first?.meaning.kind === 'events' ? first.meaning.events.map(({ event }) => [event, event, event.lines.map((line) => line.lineNo)]) : 'no events');
    expect(running.source.interpret(first!.record).kind).to.equal('events');
    await waitFor('the count', () => running.counted.get('his_trace_hl7_messages_total') === 1);
    expect(running.logged).to.include('hl7 source listens');
    expect(await running.source.probe()).to.deep.include({ what: `his-hl7 ${running.source.address()}`, ok: true, detail: '正在监听' });

    // a frame of some megabytes, cut by the network into many chunks
    const large = Buffer.from(`${rdsText({ id: 'L1' })}NTE|1||${'说明'.repeat(700_000)}\r`);
    expect(msa(await client.ask(large))).to.equal('AA|L1');
    expect(Buffer.compare(Buffer.from(running.intake.taken.at(-1)?.record.bytes ?? []), large)).to.equal(0);
  });

  it('answers what is in hand before it stops, and nobody new', async () => {
    const running = make();
    await running.source.start();
    running.intake.hold();
    const client = await connect(running);
    for (const id of ['S1', 'S2', 'S3']) await client.send(Buffer.from(rdsText({ id })));
    await waitFor('the records', () => running.intake.taken.length === 3);
    const port = Number(new URL(running.source.address()).port);
    const stopped = running.source.stop();
    running.intake.release();
    await stopped;
    await waitFor('the answers', () => client.answers.length === 3);
    expect(client.answers.map(msa)).to.deep.equal(['AA|S1', 'AA|S2', 'AA|S3']);
    expect(await MllpClient.open(port).then(() => 'open', () => 'refused')).to.equal('refused');
    expect(running.workers.length).to.equal(1);
    expect(running.source.isOpen).to.equal(false);
  });

  it('ends within its time although the process never answers', async () => {
    const running = make();
    await running.source.start();
    running.intake.hold();
    const client = await connect(running);
    await client.send(Buffer.from(rdsText({ id: 'N1' })));
    await waitFor('the record', () => running.intake.taken.length === 1);
    await running.source.stop();
    expect(client.answers.length).to.equal(0);
    await waitFor('the end of the connection', () => client.closed);
  });

  it('is started again after its thread died; what the dead one had in hand was never acknowledged', async () => {
    const running = make({ settings: { port: await freePort() } });
    await running.source.start();
    running.intake.hold();
    const client = await connect(running);
    await client.send(Buffer.from(rdsText({ id: 'D1' })));
    await waitFor('the record', () => running.intake.taken.length === 1);
    await running.workers[0]?.terminate();
    expect(running.source.isOpen).to.equal(false);
    await waitFor('the end of the connection', () => client.closed);
    running.intake.release();
    await waitFor('the new thread', () => running.source.isOpen, 60_000);
    expect(client.answers.length).to.equal(0);
    expect(running.workers.length).to.equal(2);
    expect(running.counted.get('his_trace_source_thread_deaths_total')).to.equal(1);
    expect(running.logged).to.include('source thread ended, is started again');
    // the HIS sends again
    expect(msa(await (await connect(running)).ask(Buffer.from(rdsText({ id: 'D1' }))))).to.equal('AA|D1');
  });

  it('does not start again once it is told to stop', async () => {
    const running = make();
    await running.source.start();
    const ended = running.workers[0]?.terminate();
    await running.source.stop();
    await ended;
    expect(running.source.isOpen).to.equal(false);
    expect(running.workers.length).to.be.lessThan(3);
  });

  it('says that the port is taken', async () => {
    const server: Server = createServer();
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    const { port } = server.address() as AddressInfo;
    const running = make({ settings: { port } });
    const error: unknown = await running.source.start().catch((fault: unknown) => fault);
    server.close();
    expect(error).to.be.instanceOf(TraceError);
    expect((error as TraceError).code).to.equal('PORT_IN_USE');
    expect(running.counted.has('his_trace_source_thread_deaths_total')).to.equal(false);
  });

  it('runs in the process itself where the thread does not know its connector', async () => {
    const running = make({ connector: 'his-of-a-test' });
    await running.source.start();
    expect(running.source.isOpen).to.equal(true);
    expect(msa(await (await connect(running)).ask(Buffer.from(rdsText({ id: 'P1' }))))).to.equal('AA|P1');
    expect(running.intake.taken.length).to.equal(0);
  });
});
