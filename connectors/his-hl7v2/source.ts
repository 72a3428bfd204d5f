import { createServer } from 'node:net';
import { TraceError } from '../../adapter/domain/error.ts';
import type { CatalogueDoor } from '../../adapter/ports/catalogue-intake.ts';
import type { HisRecord, Interpretation } from '../../adapter/ports/his-record.ts';
import type { HisSource, HisSourceDeps, Preview, PreviewRequest } from '../../adapter/ports/his-source.ts';
import type { ProbeResult } from '../../adapter/ports/probe.ts';
import { createControlIds } from './ack/control-ids.ts';
import { readMessages } from './file-messages.ts';
import { interpretRecord } from './interpret.ts';
import type { InterpretDeps } from './interpret.ts';
import { listen, MllpListener } from './mllp/listener.ts';
import { isPeerAddress, peerProfiles } from './peer-profile.ts';
import { createReceiver } from './receive.ts';
import type { Hl7Settings } from './settings.ts';

/** A running HL7 v2 source: one MLLP port, one mapping. */
export class Hl7Source implements HisSource {
  readonly name: string;
  private readonly interpreting: InterpretDeps;
  private readonly listener: MllpListener;

  constructor(private readonly deps: HisSourceDeps<Hl7Settings> & CatalogueDoor) {
    const { settings } = deps;
    this.name = deps.name;
    this.interpreting = { source: deps.name, mapping: deps.mapping, institutions: deps.institutions.map((institution) => institution.code), charset: settings.charset, clock: deps.clock, named: namedIn(settings) };
    const receive = createReceiver({
      ...this.interpreting, intake: deps.intake, ...(deps.catalogue === undefined ? {} : { catalogue: deps.catalogue }), ack: settings.ack, answerTimeoutMs: settings.answerTimeout, maxFrameBytes: settings.maxFrameBytes,
      controlIds: createControlIds(), log: deps.log, count: deps.count,
    });
    const profileOf = peerProfiles(settings);
    this.listener = new MllpListener({
      host: settings.host, port: settings.port,
      limits: {
        maxFrameBytes: settings.maxFrameBytes, maxInFlight: settings.maxInFlight, idleTimeoutMs: settings.idleTimeout,
        frameTimeoutMs: settings.frameTimeout, maxConnections: settings.maxConnections, maxPerAddress: settings.maxPerAddress,
      },
    }, {
      log: deps.log, count: deps.count,
      serve: (address) => {
        const peer = profileOf(address);
        return (frame) => receive(frame, peer);
      },
    });
  }

  readonly interpret = (record: HisRecord): Interpretation => interpretRecord(record, this.interpreting);

  /** The HIS sends to us, so there is something to look at only where somebody hands in messages. */
  preview({ sample, limit }: PreviewRequest): Promise<Preview> {
    if (sample === undefined) return Promise.resolve({ kind: 'failed', detail: 'HL7 由 HIS 主动发来，没有可取的数据；请把一段报文存成文件，用 --sample 给出' });
    const [named] = namedIn(this.deps.settings);
    const messages = readMessages(sample.bytes, { source: this.name, mapping: this.deps.mapping, institutions: this.interpreting.institutions, named, clock: this.deps.clock }).slice(0, limit);
    if (messages.length === 0) return Promise.resolve({ kind: 'failed', detail: '文件中没有 HL7 消息（MSH）' });
    return Promise.resolve({ kind: 'records', records: messages.map(({ record, meaning }) => ({ record, meaning: meaning.kind === 'catalogue' ? { kind: 'noted', reason: '药品目录消息' } : meaning })) });
  }

  /** @throws TraceError CONFIG_INVALID, PORT_IN_USE */
  async start(): Promise<void> {
    const problem = configurationProblem(this.deps);
    if (problem !== undefined) throw new TraceError('CONFIG_INVALID', `sources.${this.name}：${problem}`);
    await this.listener.start();
    this.deps.log.info('hl7 source listens', { source: this.name, address: this.address() });
  }

  async stop(): Promise<void> {
    await this.listener.stop();
  }

  address(): string {
    const { host } = this.deps.settings;
    return `mllp://${host.includes(':') ? `[${host}]` : host}:${String(this.listener.port)}`;
  }

  /** Tries whether the port can be bound; a source that already listens has shown that. */
  async probe(): Promise<readonly ProbeResult[]> {
    const { host, port } = this.deps.settings;
    const what = `${this.name} ${this.address()}`;
    const problem = configurationProblem(this.deps);
    if (problem !== undefined) return [{ what, ok: false, detail: problem }];
    if (this.listener.isListening) return [{ what, ok: true, detail: '正在监听' }];
    const server = createServer();
    try {
      await listen(server, { host, port });
      return [{ what, ok: true, detail: '端口可用' }];
    } catch (fault) {
      const text = fault instanceof TraceError && fault.code === 'PORT_IN_USE' ? `端口 ${String(port)} 已被占用：换一个端口，或结束占用它的程序` : fault instanceof TraceError ? fault.detail : String(fault);
      return [{ what, ok: false, detail: text }];
    } finally {
      await new Promise<void>((resolve) => { server.close(() => { resolve(); }); });
    }
  }
}

function configurationProblem(deps: HisSourceDeps<Hl7Settings>): string | undefined {
  const codes = new Set(deps.institutions.map((institution) => institution.code));
  if (deps.mapping?.fromHl7 === undefined) return '须指定可读 HL7 的映射，例如 mapping: standard';
  const unknown = namedIn(deps.settings).find((code) => !codes.has(code));
  if (unknown !== undefined) return `institution ${unknown} 未在 institutions 中配置`;
  const address = deps.settings.peers.map((peer) => peer.address).find((text) => !isPeerAddress(text));
  return address === undefined ? undefined : `peers.address ${address} 不是 IP 地址或网段`;
}

/** @returns institutions the settings name: of the listener and of single peers */
function namedIn(settings: Hl7Settings): readonly string[] {
  return [settings.institution, ...settings.peers.map((peer) => peer.institution)].filter((code) => code !== undefined);
}
