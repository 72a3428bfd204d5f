import { connect } from 'node:net';
import type { Report } from '../../../adapter/ports/destination.ts';
import type { Institution } from '../../../adapter/ports/institution.ts';
import type { ProbeResult } from '../../../adapter/ports/probe.ts';
import type { Judgement } from './judge.ts';
import type { HolderProfile, Query } from './profile.ts';

export interface ProbeParts<Request> {
  readonly name: string;
  readonly profile: HolderProfile<Request>;
  readonly address: string;
  readonly institutions: readonly Institution[];
  readonly timeoutMs: number;
  readonly ask: (query: Query<Request>, report: Report) => Promise<Judgement | undefined>;
}

/** A number no report of ours has: the question changes nothing, and any answer a rule fits proves account and address. */
const NO_SUCH_REPORT = 'HISTRACEPROBE0000';

/** Tries the address, and the first query where there is one; nothing is reported. */
export async function probeHolder<Request>(parts: ProbeParts<Request>): Promise<readonly ProbeResult[]> {
  const { name, profile, address } = parts;
  const open = await canConnect(new URL(address), parts.timeoutMs);
  const results: ProbeResult[] = [
    { what: `${name} 对接文件`, ok: true, detail: `${profile.title}：上报 ${[...profile.reports.keys()].join('、')}` },
    { what: `${name} 地址`, ok: open, detail: open ? '可以连接' : `连不上 ${new URL(address).host}，请检查地址与网络` },
  ];
  const [query] = profile.queries.values();
  const [institution] = parts.institutions;
  if (!open || institution === undefined) return results;
  if (query === undefined) return [...results, { what: `${name} 查询`, ok: true, detail: '该系统没有查询接口：结果不清楚的上报会请人核对' }];
  return [...results, answerOf(`${name} 查询`, await parts.ask(query, probeReport(institution)))];
}

function answerOf(what: string, judgement: Judgement | undefined): ProbeResult {
  if (judgement === undefined) return { what, ok: true, detail: '查询需要单据内容，未试' };
  if (judgement.kind === 'ruled') return { what, ok: !['retry', 'throttled', 'unknown'].includes(judgement.rule.then), detail: `平台能够答复（${judgement.rule.then}）${judgement.fault.peerText ?? ''}`.slice(0, 200) };
  return { what, ok: false, detail: `${judgement.fault.peerCode ?? ''} ${judgement.fault.peerText ?? '没有正常答复'}`.trim().slice(0, 200) };
}

function canConnect(url: URL, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: url.hostname, port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80), timeout: timeoutMs });
    const end = (ok: boolean): void => {
      socket.destroy();
      resolve(ok);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false)).once('timeout', () => end(false));
  });
}

function probeReport(institution: Institution): Report {
  const event = { id: NO_SUCH_REPORT, source: 'probe', institution: institution.code, kind: 'dispense', occurredAt: '2026-01-01T00:00:00+08:00', documentNo: NO_SUCH_REPORT, lines: [] } as const;
  return { deliveryNo: 0, operation: 'probe', key: NO_SUCH_REPORT, batchKey: NO_SUCH_REPORT, covers: [], codes: [], attempt: 1, reported: { institution, event, lines: [] } };
}
