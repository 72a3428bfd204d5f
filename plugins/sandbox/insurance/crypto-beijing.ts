import { asObject } from '../platform.ts';
import { openSm4, sealSm4 } from './crypto-sm4.ts';

export interface BeijingRequest {
  readonly hospital: string;
  readonly messageNo: string;
  readonly messageType: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Opens the members of Beijing's local interface (insurance.md section 4(d)). @returns what it says, or what is wrong with it */
export function openBeijingRequest(members: Readonly<Record<string, unknown>>, sm4Key: string): BeijingRequest | { readonly problem: string } {
  const text = (name: string): string => (typeof members[name] === 'string' ? members[name] : '');
  if (text('INF_VER') !== 'V1.0') return { problem: 'INF_VER应为V1.0' };
  for (const name of ['HOSP_CODE', 'MSG_NO', 'MSG_TYPE', 'IN_DATA']) if (text(name) === '') return { problem: `${name}不能为空` };
  const plain = openSm4(Buffer.from(text('IN_DATA'), 'base64'), sm4Key);
  if (plain === undefined) return { problem: 'IN_DATA解密失败' };
  const head = text('MSG_NO') + text('MSG_TYPE');
  if (!plain.startsWith(head)) return { problem: 'IN_DATA与MSG_NO、MSG_TYPE不符' };
  try {
    const body = asObject(JSON.parse(plain.slice(head.length)));
    return body === undefined ? { problem: 'IN_DATA应为对象' } : { hospital: text('HOSP_CODE'), messageNo: text('MSG_NO'), messageType: text('MSG_TYPE'), body };
  } catch {
    return { problem: 'IN_DATA不是JSON' };
  }
}

/** @returns a reply whose OUT_DATA is sealed like a request */
export function sealBeijingReply(reply: Readonly<Record<string, unknown>>, to: BeijingRequest, sm4Key: string): Readonly<Record<string, unknown>> {
  const { OUT_DATA: data, ...rest } = reply;
  const text = to.messageNo + to.messageType + JSON.stringify(data ?? {});
  return { ...rest, MSG_NO: to.messageNo, OUT_DATA: sealSm4(text, sm4Key).toString('base64') };
}
