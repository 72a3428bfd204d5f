import { expect } from 'chai';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { TraceError } from '../../../adapter/domain/error.ts';
import { refusal } from '../../../adapter/domain/refusal.ts';
import { hisHl7v2 } from '../../../connectors/his-hl7v2/index.ts';
import type { Hl7Settings } from '../../../connectors/his-hl7v2/settings.ts';
import { HL7_DEFAULTS, makeSource, startSource } from '../../support/hl7-source.ts';
import type { RunningSource, SourceOptions } from '../../support/hl7-source.ts';
import { encode, rdsText } from '../../support/hl7-text.ts';
import { frameOf, MllpClient } from '../../support/mllp-client.ts';
import { waitFor } from '../../support/wait-for.ts';

const msa = (ack: Buffer | string | undefined): string => /MSA\|([^\r]*)/.exec(typeof ack === 'string' ? ack : ack?.toString() ?? '')?.[1] ?? 'no MSA';
const msh10 = (ack: Buffer | undefined): string => ack?.toString().split('\r')[0]?.split('|')[9] ?? '';
const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');

describe('HL7 source', () => {
  const started: RunningSource[] = [];
  const clients: MllpClient[] = [];
  const start = async (options: SourceOptions = {}): Promise<RunningSource> => {
    const running = await startSource(options);
    started.push(running);
    return running;
  };
  const connect = async (running: RunningSource): Promise<MllpClient> => {
    const client = await MllpClient.open(running.port);
    clients.push(client);
    return client;
  };
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await Promise.all(started.splice(0).map(async ({ source, intake }) => { intake.release(); await source.stop(); }));
  });

  describe('taking messages', () => {
    it('submits the record whole and answers AA', async () => {
      const running = await start();
      const bytes = encode(rdsText({ id: 'A1', tail: '||||||GBK', name: '欧阳东' }), 'gbk');
      expect(msa(await (await connect(running)).ask(bytes, 'gbk'))).to.equal('AA|A1');
      const [submission] = running.intake.submissions;
      expect(submission?.record).to.deep.include({ institution: 'H35010200001', source: 'his-hl7', controlId: 'A1', media: 'hl7v2', charset: 'gbk', interpreter: 'his-hl7' });
      expect(Buffer.from(submission?.record.bytes ?? [])).to.deep.equal(bytes);
      expect(submission?.interpretation.kind === 'events' ? submission.interpretation.events[0]?.patient?.name : undefined).to.equal('欧阳东');
    });

    it('reads the stored record again to the same meaning, without the connection', async () => {
      const settings = { peers: [{ address: '127.0.0.1', charset: 'gbk' as const, institution: 'H35010200002' }] };
      const running = await start({ settings });
      await (await connect(running)).ask(encode(rdsText({ id: 'A2', name: '小东' }), 'gbk'), 'gbk');
      const [submission] = running.intake.submissions;
      if (submission === undefined) throw new Error('nothing submitted');
      expect(submission.record).to.deep.include({ charset: 'gbk', institution: 'H35010200002' });
      expect(makeSource({ settings }).source.interpret(submission.record)).to.deep.equal(submission.interpretation);
    });

    it('files a record under the institution that MSH-4 or MSH-6 names', async () => {
      const running = await start({ settings: { institution: 'H35010200001' } });
      const client = await connect(running);
      await client.ask(utf8(rdsText({ id: 'I1', facility: 'H35010200002' })));
      await client.ask(utf8(rdsText({ id: 'I2' }).replace('CENTER', 'X^H35010200002')));
      await client.ask(utf8(rdsText({ id: 'I3' })));
      expect(running.intake.submissions.map((s) => s.record.institution)).to.deep.equal(['H35010200002', 'H35010200002', 'H35010200001']);
    });

    it('answers each of several frames of one chunk, in order', async () => {
      const running = await start();
      const client = await connect(running);
      await client.write(Buffer.concat(Array.from({ length: 50 }, (_, i) => frameOf(utf8(rdsText({ id: `C${String(i)}` }))))));
      expect((await client.receive(50)).map(msa)).to.deep.equal(Array.from({ length: 50 }, (_, i) => `AA|C${String(i)}`));
    });

    it('reads a message that arrives byte by byte', async () => {
      const running = await start();
      const client = await connect(running);
      for (const byte of frameOf(utf8(rdsText({ id: 'B1' })))) await client.write(Buffer.of(byte));
      expect((await client.receive(1)).map(msa)).to.deep.equal(['AA|B1']);
    });

    it('answers each message of a batch separately, in order', async () => {
      const running = await start();
      const client = await connect(running);
      const bad = rdsText({ id: 'F2' }).replace('|1|盒|', '|x|盒|');
      await client.send(utf8(['FHS|^~\\&|A', '', 'BHS|^~\\&|A', rdsText({ id: 'F1' }), bad, '', rdsText({ id: 'F3' }), 'BTS|3', 'FTS|1'].join('\r\n')));
      expect((await client.receive(3)).map((ack) => msa(ack).slice(0, 5))).to.deep.equal(['AA|F1', 'AE|F2', 'AA|F3']);
      expect(running.intake.submissions.map((s) => s.record.controlId)).to.deep.equal(['F1', 'F2', 'F3']);
    });

    it('answers a sender that closes its half after the message', async () => {
      const running = await start();
      const client = await connect(running);
      await client.send(utf8(rdsText({ id: 'H1' })));
      client.end();
      expect((await client.receive(1)).map(msa)).to.deep.equal(['AA|H1']);
      await waitFor('the connection to close', () => client.closed);
    });

    it('understands a frame without its last CR', async () => {
      const running = await start();
      const client = await connect(running);
      await client.write(Buffer.concat([Buffer.of(0x0b), utf8(rdsText({ id: 'L1' })), Buffer.of(0x1c)]));
      expect((await client.receive(1)).map(msa)).to.deep.equal(['AA|L1']);
    });

    it('ignores empty frames and garbage between frames', async () => {
      const running = await start();
      const client = await connect(running);
      await client.write(Buffer.concat([utf8('garbage\r\n'), frameOf(Buffer.alloc(0)), frameOf(utf8(' \r\n')), frameOf(utf8(rdsText({ id: 'G1' })))]));
      expect((await client.receive(1)).map(msa)).to.deep.equal(['AA|G1']);
      expect(running.intake.submissions).to.have.length(1);
    });
  });

  describe('answers', () => {
    it('makes a fresh MSH-10 for every answer, or repeats the message’s when told to', async () => {
      const fresh = await connect(await start());
      await fresh.ask(utf8(rdsText({ id: 'E1' })));
      await fresh.ask(utf8(rdsText({ id: 'E2' })));
      expect(new Set([...fresh.answers.map(msh10), 'E1', 'E2']).size).to.equal(4);
      for (const ack of fresh.answers) expect(msh10(ack).length).to.be.within(1, 20);
      const echo = await connect(await start({ settings: { ack: { ...HL7_DEFAULTS.ack, echoControlId: true } } }));
      await echo.ask(utf8(rdsText({ id: 'E3' })));
      expect(echo.answers.map(msh10)).to.deep.equal(['E3']);
    });

    it('writes the Chinese text of a refusal in the charset of the message', async () => {
      const client = await connect(await start());
      for (const charset of ['utf-8', 'gbk', 'gb18030'] as const) {
        const ack = await client.ask(encode(rdsText({ id: 'T1', type: 'ADT^A01' }), charset), charset);
        expect(ack).to.contain('MSA|AR|T1|HL7_TYPE_UNSUPPORTED 不支持的 HL7 消息类型');
      }
    });

    it('keeps refused messages: the quarantine gets bytes, charset, reason and which segments could be read', async () => {
      const running = await start();
      const client = await connect(running);
      expect(msa(await client.ask(utf8(rdsText({ id: '' }))))).to.match(/^AE\|\|HL7_CONTROL_ID_MISSING /);
      expect(msa(await client.ask(utf8('hello')))).to.match(/^AR\|\|RECORD_UNREADABLE /);
      expect(msa(await client.ask(Buffer.concat([utf8('MSH|^~\\&|A|B|C|D|1||RDS^O13|Q3|P|2.5\rPID|'), Buffer.of(0xff, 0xff)])))).to.match(/^AE\|Q3\|CHARSET_UNREADABLE /);
      const refusals = running.intake.submissions.map((s) => (s.interpretation.kind === 'refused' ? s.interpretation.refusal : undefined));
      expect(refusals.map((r) => r?.code)).to.deep.equal(['HL7_CONTROL_ID_MISSING', 'RECORD_UNREADABLE', 'CHARSET_UNREADABLE']);
      expect(refusals[0]?.detail).to.contain('可读的段 MSH PID PV1 ORC RXD ZTC');
      expect(running.intake.submissions[2]?.record).to.deep.include({ charset: 'unknown', controlId: 'Q3' });
    });

    it('answers AE for a known id with other content, and for a store that cannot take it', async () => {
      const running = await start();
      const client = await connect(running);
      running.intake.behaviour = () => ({ kind: 'taken', events: [{ id: 'K1', status: 'rejected', assigned: [], findings: [], refusal: refusal('EVENT_CONFLICT') }] });
      expect(msa(await client.ask(utf8(rdsText({ id: 'K1' }))))).to.match(/^AE\|K1\|EVENT_CONFLICT /);
      running.intake.behaviour = () => ({ kind: 'unavailable', refusal: refusal('STORE_FULL'), retryAfterMs: 1000 });
      expect(msa(await client.ask(utf8(rdsText({ id: 'K2' }))))).to.match(/^AE\|K2\|STORE_FULL /);
      running.intake.behaviour = () => { throw new Error('boom'); };
      expect(msa(await client.ask(utf8(rdsText({ id: 'K3' }))))).to.match(/^AE\|K3\|STORE_UNAVAILABLE /);
    });

    it('answers AE when the store does not answer in time', async () => {
      const running = await start({ settings: { answerTimeout: 30 } });
      running.intake.hold();
      expect(msa(await (await connect(running)).ask(utf8(rdsText({ id: 'W1' }))))).to.match(/^AE\|W1\|STORE_UNAVAILABLE /);
    });

    it('says nothing before the intake has answered', async () => {
      const running = await start();
      const client = await connect(running);
      running.intake.hold();
      await client.send(utf8(rdsText({ id: 'D1' })));
      await waitFor('the submission', () => running.intake.submissions.length === 1);
      expect(client.answers).to.have.length(0);
      running.intake.release();
      expect((await client.receive(1)).map(msa)).to.deep.equal(['AA|D1']);
    });

    it('sends commit and application acknowledgement in enhanced mode, per message or per peer', async () => {
      const client = await connect(await start({ settings: { peers: [{ address: '127.0.0.0/8', ackMode: 'enhanced' }] } }));
      await client.send(utf8(rdsText({ id: 'N1', tail: '|||AL|AL' })));
      expect((await client.receive(2)).map(msa)).to.deep.equal(['CA|N1', 'AA|N1']);
      await client.send(utf8(rdsText({ id: 'N2', tail: '|||NE|NE' })));
      await client.send(utf8(rdsText({ id: 'N3', tail: '|||AL|NE' })));
      expect((await client.receive(3)).map(msa)).to.deep.equal(['CA|N1', 'AA|N1', 'CA|N3']);
    });

    it('refuses an acknowledgement sent to it once, and never answers one to its own answer', async () => {
      const running = await start();
      const client = await connect(running);
      const first = await client.ask(utf8('MSH|^~\\&|A|B|C|D|1||ACK|X1|P|2.5\rMSA|AA|OTHER'));
      expect(msa(first)).to.match(/^AR\|X1\|HL7_TYPE_UNSUPPORTED/);
      await client.send(utf8(`MSH|^~\\&|A|B|C|D|1||ACK|X2|P|2.5\rMSA|AA|${msh10(client.answers[0])}`));
      expect(msa(await client.ask(utf8(rdsText({ id: 'X3' }))))).to.equal('AA|X3');
      expect(client.answers).to.have.length(2);
    });
  });

  describe('limits', () => {
    it('answers AR to a frame beyond the limit, naming the message, and goes on', async () => {
      const running = await start({ settings: { maxFrameBytes: 4096 } });
      const client = await connect(running);
      const big = encode(`${rdsText({ id: 'O1', tail: '||||||GBK' })}NTE|1||${'药'.repeat(9000)}`, 'gbk');
      expect(msa(await client.ask(big, 'gbk'))).to.match(/^AR\|O1\|RECORD_TOO_LARGE 内容超过大小上限：消息 \d+ 字节，上限 4096 字节/);
      expect(msa(await client.ask(utf8(rdsText({ id: 'O2' }))))).to.equal('AA|O2');
      expect(running.intake.submissions).to.have.length(1);
    });

    it('has at most maxInFlight messages of a connection under way and answers in order', async () => {
      const running = await start({ settings: { maxInFlight: 4 } });
      let released = 0;
      // later messages are ready first
      running.intake.behaviour = async (submission) => {
        released += 1;
        await new Promise((resolve) => { setTimeout(resolve, released % 4 === 1 ? 20 : 1); });
        return { kind: 'taken', events: [{ id: submission.record.controlId, status: 'accepted', assigned: [], findings: [] }] };
      };
      const client = await connect(running);
      await client.write(Buffer.concat(Array.from({ length: 40 }, (_, i) => frameOf(utf8(rdsText({ id: `P${String(i)}` }))))));
      expect((await client.receive(40)).map(msa)).to.deep.equal(Array.from({ length: 40 }, (_, i) => `AA|P${String(i)}`));
      expect(running.intake.mostAtOnce).to.equal(4);
    });

    it('does not read on while messages wait: the sender is held up by the network, not by our memory', async () => {
      const running = await start({ settings: { maxInFlight: 2 } });
      running.intake.hold();
      const client = await connect(running);
      const frame = frameOf(utf8(rdsText({ id: 'Z' }).padEnd(20_000, ' ')));
      const sent = { frames: 0 };
      const pushing = (async () => {
        while (sent.frames < 2_000 && !client.closed) { await client.write(frame); sent.frames += 1; }
      })();
      await waitFor('two submissions', () => running.intake.submissions.length === 2);
      let before = -1;
      await waitFor('the sender to be held up', async () => {
        before = sent.frames;
        await new Promise((resolve) => { setTimeout(resolve, 50); });
        return sent.frames === before;
      });
      expect(running.intake.submissions).to.have.length(2);
      expect(sent.frames).to.be.lessThan(2_000);
      running.intake.release();
      await pushing;
      expect((await client.receive(2_000)).length).to.equal(2_000);
    });

    it('closes a connection that takes too long over one frame, and one that is idle', async () => {
      const slow = await start({ settings: { frameTimeout: 60 } });
      const loris = await connect(slow);
      const dripping = setInterval(() => { void loris.write(Buffer.from('x')); }, 10);
      await loris.write(Buffer.from('\x0bMSH|'));
      await waitFor('the slow sender to be closed', () => loris.closed);
      clearInterval(dripping);
      expect(slow.counted.get('his_trace_hl7_connections_dropped_total frame-timeout')).to.equal(1);
      const idle = await start({ settings: { idleTimeout: 60 } });
      const silent = await connect(idle);
      await waitFor('the silent peer to be closed', () => silent.closed);
      expect(idle.counted.get('his_trace_hl7_connections_dropped_total idle')).to.equal(1);
      expect(msa(await (await connect(slow)).ask(utf8(rdsText({ id: 'S1' }))))).to.equal('AA|S1');
    });

    it('does not count the time the store needs as idleness of the sender', async () => {
      const running = await start({ settings: { idleTimeout: 40 } });
      running.intake.behaviour = async () => {
        await new Promise((resolve) => { setTimeout(resolve, 150); });
        return { kind: 'noted', reason: 'x' };
      };
      expect(msa(await (await connect(running)).ask(utf8(rdsText({ id: 'S2' }))))).to.equal('AA|S2');
    });

    it('closes a connection that speaks something else', async () => {
      const running = await start();
      const client = await connect(running);
      await client.write(Buffer.alloc(200_000, 0x41));
      await waitFor('it to be closed', () => client.closed);
      expect(running.counted.get('his_trace_hl7_connections_dropped_total not-mllp')).to.equal(1);
    });

    it('caps connections in all and per address, and takes new ones when old ones are gone', async () => {
      for (const settings of [{ maxConnections: 2 }, { maxPerAddress: 2 }]) {
        const running = await start({ settings });
        const first = await connect(running);
        const second = await connect(running);
        await first.ask(utf8(rdsText({ id: 'M1' })));
        await second.ask(utf8(rdsText({ id: 'M2' })));
        const third = await connect(running);
        await waitFor('the third to be refused', () => third.closed);
        first.close();
        await waitFor('a place to be free', async () => {
          const again = await connect(running);
          await again.send(utf8(rdsText({ id: 'M3' })));
          await waitFor('answer or refusal', () => again.closed || again.answers.length > 0);
          return again.answers.length > 0;
        });
      }
    });

    it('survives resets in the middle of everything', async () => {
      const running = await start();
      running.intake.hold();
      for (let i = 0; i < 30; i += 1) {
        const client = await connect(running);
        await client.write(i % 2 === 0 ? frameOf(utf8(rdsText({ id: `R${String(i)}` }))) : Buffer.from('\x0bMSH|'));
        client.socket.resetAndDestroy();
      }
      running.intake.release();
      expect(msa(await (await connect(running)).ask(utf8(rdsText({ id: 'R' }))))).to.equal('AA|R');
    });
  });

  describe('start, stop, probe', () => {
    it('answers what is in hand before it closes', async () => {
      const running = await start();
      const client = await connect(running);
      running.intake.hold();
      await client.write(Buffer.concat([frameOf(utf8(rdsText({ id: 'Y1' }))), frameOf(utf8(rdsText({ id: 'Y2' })))]));
      await waitFor('both submissions', () => running.intake.submissions.length === 2);
      const stopping = running.source.stop();
      running.intake.release();
      await stopping;
      expect((await client.receive(2)).map(msa)).to.deep.equal(['AA|Y1', 'AA|Y2']);
      await waitFor('the connection to close', () => client.closed || client.socket.readableEnded);
      await MllpClient.open(running.port).then(() => expect.fail('still listening'), () => undefined);
    });

    it('listens on the configured host only', async () => {
      const running = await start({ settings: { host: '127.0.0.2' } });
      await MllpClient.open(running.port, '127.0.0.1').then(() => expect.fail('reachable on another address'), () => undefined);
      (await MllpClient.open(running.port, '127.0.0.2')).close();
    });

    it('says that the port is taken, at start and in a probe', async () => {
      const holder = createServer();
      await new Promise<void>((resolve) => { holder.listen(0, '127.0.0.1', resolve); });
      const { port } = holder.address() as AddressInfo;
      const { source } = makeSource({ settings: { port } });
      expect(await source.probe()).to.deep.include({ what: `his-hl7 mllp://127.0.0.1:${String(port)}`, ok: false, detail: `端口 ${String(port)} 已被占用：换一个端口，或结束占用它的程序` });
      const fault = await source.start().then(() => undefined, (error: unknown) => error);
      expect(fault).to.be.instanceOf(TraceError).with.property('code', 'PORT_IN_USE');
      await new Promise<void>((resolve) => { holder.close(() => { resolve(); }); });
      expect((await source.probe())[0]).to.deep.include({ ok: true, detail: '端口可用' });
      await source.start();
      expect((await source.probe())[0]).to.deep.include({ ok: true, detail: '正在监听' });
      await source.stop();
    });

    it('refuses to start with a configuration that cannot work', async () => {
      const attempts: readonly Partial<Hl7Settings>[] = [{ institution: 'H00000000000' }, { peers: [{ address: 'hospital' }] }, { peers: [{ address: '10.0.0.0/40' }] }, { host: '203.0.113.7' }];
      for (const settings of attempts) {
        const fault = await makeSource({ settings }).source.start().then(() => undefined, (error: unknown) => error);
        expect(fault, JSON.stringify(settings)).to.be.instanceOf(TraceError).with.property('code', 'CONFIG_INVALID');
      }
      expect((await makeSource({ mapping: { name: 'rows-only' } }).source.probe())[0]).to.deep.include({ ok: false });
    });

    it('is made by the connector under its name', () => {
      expect(hisHl7v2.name).to.equal('his-hl7v2');
      expect(Object.keys(hisHl7v2.settings)).to.include.members(Object.keys(HL7_DEFAULTS));
    });
  });
});
