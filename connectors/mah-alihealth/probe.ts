import { chinaDate } from '../../adapter/domain/china-time.ts';
import type { Clock } from '../../adapter/ports/clock.ts';
import type { Institution } from '../../adapter/ports/institution.ts';
import type { ProbeResult } from '../../adapter/ports/probe.ts';
import { faultOfReply, saysNoSuchRecord } from './fault-of-reply.ts';
import type { Gateway, GatewayReply } from './gateway.ts';
import { METHODS, type Method } from './methods.ts';
import { asObject, rowsOf, textOf } from './reply-tree.ts';

export interface ProbeDeps {
  readonly name: string;
  readonly gateway: Gateway;
  readonly institutions: readonly Institution[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

interface Capability {
  readonly what: string;
  readonly method: Method;
  /** without it reports cannot be settled; the others only help */
  readonly needed: boolean;
  parameters(today: string): Readonly<Record<string, string>>;
}

const NO_SUCH_BILL = 'his-trace-probe';

/** One harmless call for each method we rely on; what an app key may call is a commercial grant (mah.md 11). */
const CAPABILITIES: readonly Capability[] = [
  { what: '单据处理状态', method: METHODS.billStatus, needed: true, parameters: (today) => ({ begin_date: today, end_date: today, bill_type: '102', page_size: '1', page: '1' }) },
  { what: '部分成功明细', method: METHODS.partFailures, needed: true, parameters: () => ({ bill_code: NO_SUCH_BILL, page: '1', page_size: '1' }) },
  { what: '往来单位', method: METHODS.partners, needed: false, parameters: () => ({ audit_flag: '1', page_size: '1', page: '1' }) },
  { what: '单据明细核对', method: METHODS.billDetail, needed: false, parameters: () => ({ bill_code: NO_SUCH_BILL, show_code: '1' }) },
  { what: '使用单据查询', method: METHODS.searchUse, needed: false, parameters: (today) => ({ begin_date: today, end_date: today, bill_type: '323', cur_page: '1', page_size: '1' }) },
];

/** Tries the account of every institution; nothing is changed on the platform. */
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
    for (const capability of CAPABILITIES) results.push(await probeCapability(deps, institution, refEntId, capability));
  }
  return results;
}

function ask(deps: ProbeDeps, method: Method, parameters: Readonly<Record<string, string>>): Promise<GatewayReply> {
  return deps.gateway.call({ method, parameters, lane: 'query', urgent: true, signal: deps.signal });
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

async function probeCapability(deps: ProbeDeps, institution: Institution, refEntId: string, capability: Capability): Promise<ProbeResult> {
  const what = `${deps.name} ${institution.code} ${capability.what}`;
  const reply = await ask(deps, capability.method, { ref_ent_id: refEntId, ...capability.parameters(chinaDate(deps.clock.now())) });
  if (reply.kind === 'answer' && (reply.ok || saysNoSuchRecord(reply))) return { what, ok: true, detail: '接口可用' };
  return failed(what, reply, !capability.needed);
}

function failed(what: string, reply: GatewayReply, optional: boolean): ProbeResult {
  if (reply.kind === 'answer') return { what, ok: optional, detail: `平台答复：${reply.msgCode} ${reply.msgInfo}`.trim().slice(0, 200) };
  const fault = faultOfReply(reply);
  const missing = reply.kind === 'gateway-error' && (reply.code === 11 || reply.code === 22);
  const detail = missing
    ? `应用未获授权调用该接口（${String(reply.code)}）${optional ? '；可不用，但相应的核对须人工进行' : '，请向码上放心申请开通'}`
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
