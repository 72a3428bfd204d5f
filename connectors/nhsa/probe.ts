import type { Institution } from '../../adapter/ports/institution.ts';
import type { Clock } from '../../adapter/ports/clock.ts';
import type { ProbeResult } from '../../adapter/ports/probe.ts';
import { chinaDate } from '../../adapter/domain/china-time.ts';
import type { Answer } from './exchange.ts';
import type { Session } from './platform.ts';
import type { SignedSession } from './session.ts';

/** a hub has many institutions: the first ones stand for the rest */
const INSTITUTIONS = 20;

/**
 * Connects, signs in (9001) and asks for a row that cannot exist (3511): shows address, account, operator and path at once. A
 * sign-in of earlier today is not repeated (some regions take one a day), and counts only when the query under it is answered.
 */
export async function probePlatform(deps: { readonly session: SignedSession; readonly signsIn: boolean; readonly institutions: readonly Institution[]; readonly clock: Clock }): Promise<readonly ProbeResult[]> {
  const results: ProbeResult[] = [];
  for (const institution of deps.institutions.slice(0, INSTITUTIONS)) results.push(...(await probeInstitution(deps, institution)));
  return results;
}

async function probeInstitution(deps: { readonly session: SignedSession; readonly signsIn: boolean; readonly clock: Clock }, institution: Institution): Promise<readonly ProbeResult[]> {
  const { session, signsIn, clock } = deps;
  const ask = (): Promise<{ answer: Answer; result: ProbeResult }> => probeQuery(session, { institution, day: chinaDate(clock.now()) });
  if (!signsIn) return [(await ask()).result];
  const what = `${institution.code} 签到（9001）`;
  if (await session.isSignedIn(institution)) {
    const { answer, result } = await ask();
    const proven = answer.kind === 'reply' && answer.reply.ok;
    return [{ what, ok: proven, detail: proven ? '沿用今日已有的签到，查询已证实有效' : '今日已有签到，但本次查询未成功，无法证实仍有效' }, result];
  }
  const signedIn = await session.signIn(institution);
  if ('kind' in signedIn) return [{ what, ok: false, detail: faultText(signedIn) }];
  return [{ what, ok: true, detail: `已签到，${signedIn.day} 有效` }, (await ask()).result];
}

async function probeQuery(session: Session, at: { institution: Institution; day: string }): Promise<{ answer: Answer; result: ProbeResult }> {
  const { institution, day } = at;
  const what = `${institution.code} 查询（3511）`;
  const answer = await session.call({ infno: '3511', institution, input: { data: { fixmedins_code: institution.code, fixmedins_bchno: 'PROBE', begndate: day, enddate: day } } });
  if (answer.kind !== 'reply') return { answer, result: { what, ok: false, detail: faultText(answer) } };
  if (answer.reply.ok) return { answer, result: { what, ok: true, detail: '平台已应答' } };
  return { answer, result: { what, ok: false, detail: `平台已连通，但拒绝查询：${answer.reply.text}` } };
}

const ADVICE: Readonly<Record<string, string>> = {
  NETWORK: '连接不上平台，请核对 baseUrl、网络与防火墙',
  TIMEOUT: '平台没有按时应答，请核对地址或稍后再试',
  AUTH: '平台不认账号、签名或经办人，请核对 paasId、paasToken、operator',
  CLOCK: '平台认为本机时间不对，请校准时钟（NTP）',
  CONFIGURATION: '平台没有这个路径，请核对 baseUrl、transport 与 paths',
  BAD_REPLY: '对方的应答不是医保平台的格式，请核对地址是否指向医保前置机',
  SERVER_FAULT: '平台内部错误，请稍后再试',
};

function faultText(fault: Exclude<Answer, { kind: 'reply' }>): string {
  const detail = [fault.peerCode, fault.peerText].filter((text) => text !== undefined && text !== '').join(' ');
  const advice = ADVICE[fault.reason] ?? '平台暂不可用，请稍后再试';
  return detail === '' ? advice : `${advice}（${detail}）`;
}
