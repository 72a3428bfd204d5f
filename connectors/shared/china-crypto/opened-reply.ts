import type { Outcome } from '../../../adapter/domain/outcome.ts';

/** What became of a reply on its way through decryption and verification. Never an exception, and never "opened" when it is not. */
export type OpenedReply =
  /** `verified`: a signature of the platform was checked; false when no platform key is configured or the mode has no signature */
  | { readonly kind: 'opened'; readonly members: Readonly<Record<string, unknown>>; readonly verified: boolean }
  /** the signature is wrong, or `missing` although the platform's key is configured */
  | { readonly kind: 'unverified'; readonly missing: boolean; readonly why: string; /** what the peer claims; evidence only */ readonly members: Readonly<Record<string, unknown>> }
  /** it does not decrypt, or is not of the form the mode has */
  | { readonly kind: 'unreadable'; readonly why: string };

/**
 * A reply nobody can vouch for says nothing about what the platform did: it may have processed the report, so it is asked about
 * before anything is sent again.
 */
export function outcomeOfUnopened(reply: Exclude<OpenedReply, { readonly kind: 'opened' }>): Extract<Outcome, { readonly kind: 'unknown' }> {
  return { kind: 'unknown', reason: 'BAD_REPLY', peerText: reply.why };
}

export const SIGNATURE_WRONG = '应答验签失败，可能被改动或平台公钥配置有误';
export const SIGNATURE_MISSING = '应答没有签名，而配置要求验签';
export const NOT_DECRYPTED = '应答解密失败，密钥可能有误或内容不完整';
export const NOT_JSON_OBJECT = '应答不是完整的 JSON 对象';
