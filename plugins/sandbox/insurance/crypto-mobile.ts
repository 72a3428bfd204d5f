import { asObject } from '../platform.ts';
import { signSm2, verifySm2 } from './crypto-sm2.ts';
import { openSm4, sealSm4 } from './crypto-sm4.ts';

export interface MobileChannel {
  readonly appId: string;
  readonly appSecret: string;
  /** public key of the hospital */
  readonly senderKey: string;
  /** private key of the platform */
  readonly platformKey: string;
}

type Members = Readonly<Record<string, unknown>>;

/** Opens a request of the mobile payment and e-prescription family (insurance.md section 4(c)). @returns its data, or what is wrong */
export function openMobileRequest(wire: Members, channel: MobileChannel): { readonly data: Members } | { readonly problem: string } {
  const { encData, signData, ...rest } = wire;
  if (rest['appId'] !== channel.appId) return { problem: 'appId不存在' };
  if (typeof encData !== 'string' || typeof signData !== 'string') return { problem: 'encData、signData不能为空' };
  const text = openSm4(Buffer.from(encData, 'hex'), dataKey(channel));
  const data = parsed(text);
  if (data === undefined) return { problem: 'encData解密失败' };
  const good = verifySm2(Buffer.from(signedText({ ...rest, data }, channel.appSecret), 'utf8'), Buffer.from(signData, 'base64'), { publicKey: channel.senderKey });
  return good ? { data } : { problem: '验签失败' };
}

/** @returns the reply with `data` replaced by encData and signData */
export function sealMobileReply(reply: Members, channel: MobileChannel): Members {
  const { data, ...rest } = reply;
  const signed = signedText(reply, channel.appSecret);
  return {
    ...rest,
    encData: sealSm4(JSON.stringify(data), dataKey(channel)).toString('hex').toUpperCase(),
    signData: signSm2(Buffer.from(signed, 'utf8'), { privateKey: channel.platformKey }).toString('base64'),
  };
}

function parsed(text: string | undefined): Members | undefined {
  try {
    return asObject(JSON.parse(text ?? ''));
  } catch {
    return undefined;
  }
}

function dataKey({ appId, appSecret }: MobileChannel): string {
  return sealSm4(appSecret, appId.slice(0, 16)).toString('hex').toUpperCase().slice(0, 16);
}

function signedText(message: Members, appSecret: string): string {
  const items = Object.keys(message).sort().flatMap((name) => {
    const value = pruned(message[name]);
    if (['signData', 'encData', 'extra'].includes(name) || value === undefined) return [];
    return [`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}&`];
  });
  const fold = (text: string): string => text.toUpperCase().toLowerCase();
  items.sort((left, right) => (fold(left) < fold(right) ? -1 : fold(left) > fold(right) ? 1 : 0));
  return `${items.join('')}key=${appSecret}`;
}

/** without empty leaves, names sorted, leaves as text */
function pruned(value: unknown): unknown {
  if (value === null || value === undefined || value === '') return undefined;
  if (Array.isArray(value)) {
    const kept = value.map(pruned).filter((each) => each !== undefined);
    return kept.length === 0 ? undefined : kept;
  }
  const object = asObject(value);
  if (object === undefined) return typeof value === 'string' ? value : JSON.stringify(value);
  const names = Object.keys(object).filter((name) => pruned(object[name]) !== undefined).sort();
  return Object.fromEntries(names.map((name) => [name, pruned(object[name])]));
}
