import { chinaDate, chinaDateTime } from '../../adapter/domain/china-time.ts';
import type { Clock } from '../../adapter/ports/clock.ts';
import type { Institution } from '../../adapter/ports/institution.ts';
import type { ProbeResult } from '../../adapter/ports/probe.ts';
import { CALL_PRIORITY } from './call-priority.ts';
import { faultOfReply, isMethodMissing, saysNoSuchRecord, saysNotOurs } from './fault-of-reply.ts';
import type { Gateway, GatewayReply } from './gateway.ts';
import type { MethodGrants } from './method-grants.ts';
import { METHOD_LABELS, METHODS, NEEDED_METHODS, type Method } from './methods.ts';
import { PROBE_CALLS, UNPROBED_METHODS, type ProbeCall } from './probe-calls.ts';
import { asObject, rowsOf, textOf } from './reply-tree.ts';

export interface ProbeDeps {
  readonly name: string;
  readonly gateway: Gateway;
  readonly grants: MethodGrants;
  readonly institutions: readonly Institution[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Tries the account of every institution, and each method we use; nothing is changed on the platform. What an app key may call is
 * a commercial grant (mah.md 11) and the same for all its institutions, so what only helps is tried for the first of them.
 */
export async function probeAccount(deps: ProbeDeps): Promise<ProbeResult[]> {
  const results: ProbeResult[] = [];
  for (const institution of deps.institutions) {
    const { entId = '', refEntId = '' } = institution.mah ?? {};
    if (refEntId === '' || entId === '') {
      results.push({ what: `${deps.name} ${institution.code}`, ok: false, detail: `没有配置 ${refEntId === '' ? 'mah.refEntId' : 'mah.entId'}；两个编号都用 getentinfolist 查得，不能互相代替` });
      if (refEntId === '') continue;
    }
    if (entId !== '') results.push(await probeEnterprise(deps, institution, { entId, refEntId }));
    results.push(await probeService(deps, institution, refEntId));
    const isFirst = institution === deps.institutions.find(({ mah }) => (mah?.refEntId ?? '') !== '');
    for (const call of PROBE_CALLS) if (isFirst || NEEDED_METHODS.has(call.method)) results.push(await probeMethod(deps, institution, refEntId, call));
  }
  for (const method of UNPROBED_METHODS) results.push(await rememberedMethod(deps, method));
  return results;
}

function ask(deps: ProbeDeps, method: Method, parameters: Readonly<Record<string, string>>): Promise<GatewayReply> {
  return deps.gateway.call({ method, parameters, lane: 'query', priority: CALL_PRIORITY.person, signal: deps.signal, evenIfRefused: true });
}

/** Do ent_id and ref_ent_id belong together? A mixed pair files bills under the wrong enterprise (mah.md 0.5). */
async function probeEnterprise(deps: ProbeDeps, institution: Institution, ids: { readonly entId: string; readonly refEntId: string }): Promise<ProbeResult> {
  const what = `${deps.name} ${institution.code} 企业编号`;
  const reply = await ask(deps, METHODS.enterprises, { ref_ent_id: ids.refEntId, query_param: JSON.stringify({ ent_id: ids.entId }) });
  if (reply.kind !== 'answer' || !reply.ok) return failed(what, reply, false);
  const row = rowsOf(asObject(reply.payload)?.['result_list'] ?? reply.payload).find((candidate) => textOf(candidate['ent_id']) === ids.entId);
  if (row === undefined) return { what, ok: false, detail: '平台上查不到 mah.entId 对应的企业，请核对' };
  const theirs = textOf(row['ref_ent_id']);
  if (theirs !== ids.refEntId) return { what, ok: false, detail: 'mah.entId 与 mah.refEntId 不属于同一家企业，单据会报到别家名下，请用 getentinfolist 重新查询' };
  return { what, ok: true, detail: `ent_id 与 ref_ent_id 一致（${textOf(row['ent_name'])}）` };
}

async function probeService(deps: ProbeDeps, institution: Institution, refEntId: string): Promise<ProbeResult> {
  const what = `${deps.name} ${institution.code} 服务期限`;
  const reply = await ask(deps, METHODS.serviceEnd, { ref_ent_id: refEntId, business: '1', service: '11' });
  if (reply.kind !== 'answer' || !reply.ok) return failed(what, reply, false);
  const end = textOf(reply.member('end_date')) || textOf(asObject(reply.payload)?.['end_date']) || textOf(reply.payload);
  const day = /^\d{4}-\d{2}-\d{2}/.exec(end)?.[0];
  if (day === undefined) return { what, ok: true, detail: '接口可用，平台没有给出到期日' };
  return day < chinaDate(deps.clock.now()) ? { what, ok: false, detail: `服务已于 ${day} 到期，请续费` } : { what, ok: true, detail: `有效期至 ${day}` };
}

async function probeMethod(deps: ProbeDeps, institution: Institution, refEntId: string, call: ProbeCall): Promise<ProbeResult> {
  const what = `${deps.name} ${institution.code} ${METHOD_LABELS[call.method]}`;
  const reply = await ask(deps, call.method, { ref_ent_id: refEntId, ...call.parameters({ today: chinaDate(deps.clock.now()), refEntId }) });
  if (reply.kind === 'answer' && (reply.ok || saysNoSuchRecord(reply) || saysNotOurs(reply))) return { what, ok: true, detail: '接口可用' };
  const since = isMethodMissing(reply) ? (await deps.grants.of(call.method))?.since : undefined;
  return failed(what, reply, !NEEDED_METHODS.has(call.method), since);
}

/** An upload cannot be tried without a bill: what became of the last one is told. */
async function rememberedMethod(deps: ProbeDeps, method: Method): Promise<ProbeResult> {
  const what = `${deps.name} ${METHOD_LABELS[method]}`;
  const grant = await deps.grants.of(method);
  if (grant === undefined) return { what, ok: true, detail: '检测不上传单据，尚无记录；首次上传时可知是否获授权' };
  const since = chinaDateTime(grant.since);
  return grant.granted ? { what, ok: true, detail: `接口可用（${since} 起）` } : { what, ok: false, detail: `应用未获授权调用该接口（${String(grant.code)}，${since} 起），请向码上放心申请开通` };
}

function failed(what: string, reply: GatewayReply, optional: boolean, since?: number): ProbeResult {
  if (reply.kind === 'answer') return { what, ok: optional, detail: `平台答复：${reply.msgCode} ${reply.msgInfo}`.trim().slice(0, 200) };
  const fault = faultOfReply(reply);
  const missing = isMethodMissing(reply);
  const from = since === undefined ? '' : `，${chinaDateTime(since)} 起`;
  const detail = missing
    ? `应用未获授权调用该接口（${fault.peerCode ?? ''}${from}）${optional ? '；可不用，相应的核对须人工进行' : '，请向码上放心申请开通'}`
    : `${adviceOf(fault.reason)}：${fault.peerCode ?? ''} ${fault.peerText ?? ''}`.trim().slice(0, 300);
  return { what, ok: missing && optional, detail };
}

function adviceOf(reason: string): string {
  switch (reason) {
    case 'AUTH': return '签名或密钥不被接受，请核对 appKey、appSecret 与 signMethod';
    case 'CLOCK': return '本机时间与平台相差超过 10 分钟，请校时';
    case 'NOT_GRANTED': return '没有调用权限，请向码上放心申请';
    case 'THROTTLED': return '调用过于频繁，稍后再试；同一 AppKey 是否还有别的程序在用';
    case 'NETWORK': case 'TIMEOUT': return '连接不上平台，请检查 gateway 地址与网络';
    default: return '平台没有正常答复';
  }
}
