import { TraceError } from '../../adapter/domain/error.ts';
import type { ChinaCrypto, Sm2PrivateKey, Sm2PublicKey, Sm4Key } from '../../adapter/ports/china-crypto.ts';
import { openBeijingReply } from '../shared/china-crypto/beijing-body.ts';
import { jilinInput } from '../shared/china-crypto/jilin-input.ts';
import { sealText } from '../shared/china-crypto/message-seal.ts';
import type { MessageSeal, MessageSealOptions } from '../shared/china-crypto/message-seal.ts';
import { nationalEnvelope } from '../shared/china-crypto/national-envelope.ts';
import type { OpenedReply } from '../shared/china-crypto/opened-reply.ts';
import type { OpenedText } from './exchange.ts';
import type { Profile } from './profile.ts';
import { readMembers } from './reply.ts';
import type { NhsaSettings } from './settings.ts';

/** What makes a message the one that was sent: an answer may name it. */
export interface SentMessage { readonly msgid: string; readonly infno: string }

/** Signs and seals messages, verifies and opens answers (insurance.md section 4). */
export interface MessageSecurity {
  /** @throws TraceError when the machine's cryptography failed its self-test; nothing is sent then */
  seal(envelope: Readonly<Record<string, unknown>>, sent: SentMessage): Promise<Readonly<Record<string, unknown>>>;
  open(text: string, sent: SentMessage): Promise<OpenedText>;
}

type KeySettings = Pick<NhsaSettings, 'signKey' | 'platformKey' | 'sm4Key' | 'sm2UserId' | 'oauth'>;

/**
 * The region's way of signing and sealing.
 * @throws TraceError CONFIG_INVALID when a key is missing or cannot be read
 */
export function messageSecurity(profile: Pick<Profile, 'security' | 'auth' | 'message' | 'reply'>, settings: KeySettings, crypto: ChinaCrypto): MessageSecurity {
  const { security } = profile;
  const keys = readKeys(profile, settings, crypto);
  if (security.sealPrefix.length > 0 && keys.inputKey !== undefined) return prefixed(profile, { crypto, key: keys.inputKey });
  if (keys.privateKey === undefined && keys.inputKey === undefined && keys.platformKey === undefined) return PLAIN;
  const options: MessageSealOptions = { crypto, userId: settings.sm2UserId, ...keys };
  return sealed(security.sign === 'sm2-input' ? jilinInput(options) : nationalEnvelope(options));
}

interface Keys { readonly privateKey?: Sm2PrivateKey; readonly platformKey?: Sm2PublicKey; readonly inputKey?: Sm4Key }

function readKeys({ security, auth }: Pick<Profile, 'security' | 'auth'>, settings: KeySettings, crypto: ChinaCrypto): Keys {
  const sm4 = settings.sm4Key ?? (auth.kind === 'oauth2' ? settings.oauth.clientId : undefined);
  return {
    ...(security.sign === 'none' ? {} : { privateKey: crypto.readPrivateKey(needed(settings.signKey, 'signKey', `签名方式 ${security.sign}`), 'signKey') }),
    ...(settings.platformKey === undefined ? {} : { platformKey: crypto.readPublicKey(settings.platformKey, 'platformKey') }),
    ...(security.encrypt === 'none' ? {} : { inputKey: crypto.readSm4Key(needed(sm4, 'sm4Key', 'SM4 加密'), 'sm4Key') }),
  };
}

function needed(value: string | undefined, name: string, for_: string): string {
  if (value === undefined || value === '') throw new TraceError('CONFIG_INVALID', `${name}：${for_}需要密钥`);
  return value;
}

const PLAIN: MessageSecurity = {
  seal: (envelope) => Promise.resolve(envelope),
  open: (text) => Promise.resolve(openPlain(text)),
};

function openPlain(text: string): OpenedText {
  const found = readMembers(text);
  return 'unreadable' in found ? { kind: 'unreadable', why: found.unreadable } : { kind: 'members', members: found.members };
}

function sealed(seal: MessageSeal): MessageSecurity {
  return { seal: (envelope) => seal.seal(envelope), open: async (text) => read(text, await seal.open(text)) };
}

/** Beijing (section 4(d)): the values named by the profile stand before the business JSON in the sealed text. */
function prefixed(profile: Pick<Profile, 'security' | 'message' | 'reply'>, by: { readonly crypto: ChinaCrypto; readonly key: Sm4Key }): MessageSecurity {
  const { crypto, key } = by;
  const inputMember = profile.message.find(([, source]) => source === 'input')?.[0] ?? 'input';
  return {
    async seal(envelope, sent) {
      const head = profile.security.sealPrefix.map((name) => sent[name]).join('');
      return { ...envelope, [inputMember]: await sealText(head + JSON.stringify(envelope[inputMember]), crypto, key) };
    },
    async open(text, sent) {
      return read(text, await openBeijingReply(text, { messageNo: sent.msgid, messageType: sent.infno }, { crypto, key, replyMember: profile.reply.output }));
    },
  };
}

/** An answer that is HTML is called that, whatever else it is not; one nobody vouches for proves nothing. */
function read(text: string, opened: OpenedReply): OpenedText {
  if (opened.kind === 'opened') return { kind: 'members', members: opened.members };
  return text.startsWith('<') ? openPlain(text) : { kind: 'unreadable', why: opened.why };
}
