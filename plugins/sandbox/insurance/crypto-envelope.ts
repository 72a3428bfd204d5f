import { asObject } from '../platform.ts';
import { signSm2, verifySm2 } from './crypto-sm2.ts';
import { openSm4, sealSm4 } from './crypto-sm4.ts';

type Members = Readonly<Record<string, unknown>>;

/** How a region signs and seals the envelope; what is absent is neither demanded nor done. */
export interface EnvelopeCrypto {
  /** `envelope`: SM2 over the members (national); `input`: SM2 over the plain JSON of input (Jilin) */
  readonly sign?: 'envelope' | 'input';
  /** public key of the hospital; needed with `sign` */
  readonly senderKey?: string;
  /** private key of the platform: replies are signed with it */
  readonly platformKey?: string;
  readonly sm4Key?: string;
  /** `input` must come sealed; without it both are taken */
  readonly sealedOnly?: boolean;
  /** replies are sealed, too */
  readonly sealReplies?: boolean;
  /** empty members take part as `name=`; default left out */
  readonly keepEmpty?: boolean;
}

/** @returns the plain input of an envelope whose signature and seal are right, or what the platform would say */
export function openSignedEnvelope(envelope: Members, how: EnvelopeCrypto): { readonly input: Members } | { readonly problem: string } {
  const { input } = envelope;
  const sealed = envelope['enc_type'] === 'SM4';
  if (how.sealedOnly === true && !sealed) return { problem: 'input(交易输入)未加密:enc_type应为SM4' };
  const text = sealed ? unsealInput(input, how.sm4Key) : JSON.stringify(input);
  const plain = text === undefined ? undefined : parsed(text);
  if (text === undefined || plain === undefined) return { problem: sealed ? 'input(交易输入)解密失败' : 'input(交易输入)应为对象' };
  if (how.sign === undefined) return { input: plain };
  if (envelope['signtype'] !== 'SM2') return { problem: '签名类型应为SM2' };
  const cainfo = typeof envelope['cainfo'] === 'string' ? envelope['cainfo'] : '';
  if (cainfo === '') return { problem: '验签失败:cainfo(数字签名信息)不能为空' };
  const signed = how.sign === 'input' ? text : signedText(envelope, how.keepEmpty === true);
  const good = verifySm2(Buffer.from(signed, 'utf8'), Buffer.from(cainfo, 'base64'), { publicKey: how.senderKey ?? '' });
  return good ? { input: plain } : { problem: '验签失败:数字签名与报文不符' };
}

/** @returns the reply with `output` sealed and `cainfo` signed, as far as the region does it */
export function sealSignedReply(reply: Members, how: EnvelopeCrypto): Members {
  const { output } = reply;
  const text = output === null || output === undefined ? '' : typeof output === 'string' ? output : JSON.stringify(output);
  const seal = how.sealReplies === true && how.sm4Key !== undefined && text !== '';
  const marked: Members = {
    ...reply,
    ...(how.platformKey === undefined ? {} : { signtype: 'SM2' }),
    ...(seal ? { enc_type: 'SM4', output: sealSm4(text, how.sm4Key ?? '').toString('base64') } : {}),
  };
  if (how.platformKey === undefined) return marked;
  const signed = how.sign === 'input' ? text : signedText(marked, how.keepEmpty === true);
  return { ...marked, cainfo: signSm2(Buffer.from(signed, 'utf8'), { privateKey: how.platformKey }).toString('base64') };
}

/** insurance.md section 4(a): every member but cainfo, input and output, ascending, name=value with & between. */
function signedText(members: Members, keepEmpty: boolean): string {
  const pairs: string[] = [];
  for (const name of Object.keys(members).sort()) {
    if (name === 'cainfo' || name === 'input' || name === 'output') continue;
    const value = members[name];
    const text = value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
    if (text !== '' || keepEmpty) pairs.push(`${name}=${text}`);
  }
  return pairs.join('&');
}

function unsealInput(input: unknown, key: string | undefined): string | undefined {
  return typeof input === 'string' && key !== undefined ? openSm4(Buffer.from(input, 'base64'), key) : undefined;
}

function parsed(text: string): Members | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}
