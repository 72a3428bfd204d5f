import { profileNames, regionProfile } from '../../../connectors/nhsa/profile.ts';
import { newSm2Pair, SANDBOX_ACCOUNT, SANDBOX_OAUTH } from '../../../plugins/sandbox/index.ts';
import type { InsuranceOptions } from '../../../plugins/sandbox/index.ts';

type Settings = Readonly<Record<string, unknown>>;

/** A way to reach a platform: a region's profile, or the national one by another wire. */
export interface Variant {
  readonly title: string;
  readonly settings: Settings;
  readonly sandbox: InsuranceOptions;
}

const HOSPITAL_KEYS = newSm2Pair();
const PLATFORM_KEYS = newSm2Pair();
const SM4_KEY = 'synthetic-key-16';
const SOAP = { path: '/soap/insurance' };
const RENAMED = { version: '1.2', operation: 'Deal', argument: 'arg0', result: 'return', namespace: 'http://example.org/fsi/', action: 'urn:deal' } as const;
const NATIONAL_KEYS: Settings = { sign: 'sm2-envelope', signKey: HOSPITAL_KEYS.privateKey, platformKey: PLATFORM_KEYS.publicKey, encrypt: 'sm4', sm4Key: SM4_KEY };
const NATIONAL_CHECKS: InsuranceOptions = { sign: 'envelope', senderKey: HOSPITAL_KEYS.publicKey, platformKey: PLATFORM_KEYS.privateKey, sm4Key: SM4_KEY, sealedOnly: true, sealReplies: true };

/** @returns every profile on file with what a site of that region has to give, and the national one by every other wire */
export function variants(): readonly Variant[] {
  return [
    ...profileNames().map(siteOf),
    other('national, signed and sealed', NATIONAL_KEYS, NATIONAL_CHECKS),
    other('national over SOAP 1.1', { transport: 'soap', soap: SOAP }, { soap: {} }),
    other('national over SOAP 1.2 under other names', { transport: 'soap', soap: { ...SOAP, ...RENAMED } }, { soap: RENAMED }),
    other('national over SOAP 1.1 with XML inside', { transport: 'soap', soap: { ...SOAP, payload: 'xml' } }, { soap: { payload: 'xml' } }),
    other('national over SOAP, signed and sealed', { ...NATIONAL_KEYS, transport: 'soap', soap: SOAP }, { ...NATIONAL_CHECKS, soap: {} }),
    other('national with one path for all', { transport: 'single-endpoint' }, {}),
    other('national with text answers', {}, { replyStyle: { infcode: 'text', output: 'text', queryRows: 'bare' }, rowResults: 'all' }),
  ];
}

function other(title: string, settings: Settings, sandbox: InsuranceOptions): Variant {
  const site = siteOf('national');
  return { title, settings: { ...site.settings, ...settings }, sandbox: { ...site.sandbox, ...sandbox } };
}

/** What a site gives follows from the profile alone: a new region needs no line here, only its file and the sandbox's own data. */
function siteOf(profile: string): Variant {
  const { auth, security } = regionProfile(profile);
  const gateway = auth.kind === 'x-tif' || auth.kind === 'csb';
  const ownKey = security.encrypt === 'sm4' && auth.kind !== 'oauth2';
  return {
    title: profile,
    settings: {
      profile,
      ...(gateway ? { paasId: SANDBOX_ACCOUNT.paasId, paasToken: SANDBOX_ACCOUNT.paasToken } : { paasId: undefined, paasToken: undefined, headers: { apikey: 'sandbox-apikey-8999' } }),
      ...(auth.kind === 'oauth2' ? { oauth: SANDBOX_OAUTH } : {}),
      ...(security.sign === 'none' ? {} : { signKey: HOSPITAL_KEYS.privateKey, platformKey: PLATFORM_KEYS.publicKey }),
      ...(ownKey ? { sm4Key: SM4_KEY } : {}),
    },
    sandbox: {
      region: profile,
      ...(security.sign === 'none' ? {} : { senderKey: HOSPITAL_KEYS.publicKey, platformKey: PLATFORM_KEYS.privateKey, sealReplies: true }),
      ...(ownKey ? { sm4Key: SM4_KEY } : {}),
    },
  };
}
