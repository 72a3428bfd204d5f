import { readSpec } from '../package-root.ts';
import type { FieldRow } from './field-table.ts';

/** One account at the gateway (x-tif headers) and the institutions that may report through it. */
export interface InsuranceAccount {
  readonly paasId: string;
  readonly paasToken: string;
  /** left out: every institution code of 12 characters is taken */
  readonly institutions?: readonly { readonly code: string; readonly name?: string; readonly region?: string }[];
}

/** What a site can set; everything the specification leaves open is a value here, with the harder case as default. */
export interface InsuranceOptions {
  /** 0 = any free one */
  readonly port?: number;
  readonly accounts?: readonly InsuranceAccount[];
  readonly digest?: 'sha256' | 'sm3';
  readonly clockSkewMs?: number;
  /** demand a sign-in of the day on every transaction, default true */
  readonly signIn?: boolean;
  /** Shanghai: no second 9001 of an operator on a day, not even after 9002; default false */
  readonly signInOnceADay?: boolean;
  /** the same fixmedins_bchno once more: count it again, refuse it, or let it replace the first; default add */
  readonly duplicateBchno?: 'add' | 'refuse' | 'overwrite';
  /** a code sold whole is sold again; default refuse */
  readonly resoldWhole?: 'refuse' | 'accept';
  /** a code sold split turns up whole, or the reverse; default refuse */
  readonly mixedSplit?: 'refuse' | 'accept';
  /** a return needs a sale of the same codes; default false */
  readonly strictReturn?: boolean;
  /** fields a region demands beyond the national table, by infno without A, for example { '3505': ['med_list_codg'] } */
  readonly requireAlso?: Readonly<Record<string, readonly string[]>>;
  readonly inputCharacters?: number;
  readonly version?: string;
  /** rows in *ErrDetail: only the failed ones, or all of them with retRslt 1 */
  readonly rowResults?: 'failed' | 'all';
  /** the day a query looks at: that of the business, of the upload, or both must lie within; default business */
  readonly queryBy?: 'business' | 'upload' | 'both';
  /** shapes that differ by province; default number, object, node */
  readonly replyStyle?: { readonly infcode?: 'number' | 'text'; readonly output?: 'object' | 'text'; readonly queryRows?: 'node' | 'bare' };
  /** 16 characters or 32 hex digits: `input` may come sealed with SM4 (ECB, PKCS#7, Base64) when enc_type says so */
  readonly sm4Key?: string;
  /** rules of a region (spec/insurance-regions.json) as defaults of all that follows, default national */
  readonly region?: string;
  readonly auth?: 'x-tif' | 'apikey' | 'oauth2' | 'csb' | 'none';
  /** header `apikey` where the region's local agent wants one */
  readonly apiKey?: string;
  readonly oauth?: Partial<OauthAccount>;
  /** what is signed in `cainfo`; needs senderKey */
  readonly sign?: 'none' | 'envelope' | 'input';
  /** `input` must come sealed */
  readonly sealedOnly?: boolean;
  /** public key of the hospital, 130 hex digits */
  readonly senderKey?: string;
  /** private key of the platform: its answers are signed, 64 hex digits */
  readonly platformKey?: string;
  readonly sealReplies?: boolean;
  /** speaks SOAP: one string argument */
  readonly soap?: Partial<SoapNames>;
  /** what 1301 serves: left out: three synthetic drugs */
  readonly catalogue?: Iterable<CatalogueDrug>;
  /** rows of one file; the rest comes under the next version, default 100,000 */
  readonly catalogueRowsPerFile?: number;
}

/** One row of the drug catalogue: the columns of the TXT by their number, from 1 (insurance.md, 1301). */
export interface CatalogueDrug { readonly columns: Readonly<Record<number, string>>; /** column 83 */ readonly version: string }

export interface OauthAccount {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly username: string;
  readonly password: string;
  /** how long a token is good for */
  readonly seconds: number;
}

export interface SoapNames {
  readonly path: string;
  readonly version: '1.1' | '1.2';
  readonly action: string;
  readonly namespace: string;
  readonly operation: string;
  readonly argument: string;
  readonly result: string;
  readonly payload: 'json' | 'xml';
}

/** Rules of a region beyond the options, from its data. */
export interface RegionRules {
  readonly auth?: InsuranceOptions['auth'];
  readonly form?: 'beijing';
  readonly singlePath?: string;
  readonly tokenPath?: string;
  readonly sign?: 'envelope' | 'input';
  readonly sealedOnly?: boolean;
  readonly recerSysCode?: string;
  /** values of signtype instead of the national ones */
  readonly signTypes?: readonly string[];
  readonly nonce?: 'hex';
  readonly signIn?: boolean;
  readonly signInOnceADay?: boolean;
  /** false: no A forms */
  readonly batchForms?: boolean;
  /** number on the wire → national number */
  readonly numbers?: Readonly<Record<string, string>>;
  readonly requireAlso?: Readonly<Record<string, readonly string[]>>;
  readonly extraFields?: Readonly<Record<string, readonly FieldRow[]>>;
}

type Optional = 'sm4Key' | 'senderKey' | 'platformKey' | 'soap';

export type InsuranceSettings = Required<Omit<InsuranceOptions, Optional | 'port' | 'replyStyle' | 'region' | 'oauth'>> & Pick<InsuranceOptions, 'sm4Key' | 'senderKey' | 'platformKey'> & {
  readonly replyStyle: Required<NonNullable<InsuranceOptions['replyStyle']>>;
  readonly rules: RegionRules;
  readonly oauth: OauthAccount;
  readonly soap: SoapNames | undefined;
};

/** The account of a sandbox that is told nothing. Synthetic; no bureau issues such a name. */
export const SANDBOX_ACCOUNT: InsuranceAccount = { paasId: 'sandbox-hospital', paasToken: 'sandbox-paas-token-8999' };

/** Synthetic as well: 16 characters, because the client id is the SM4 key in Jilin. */
export const SANDBOX_OAUTH: OauthAccount = { clientId: 'sandbox-client16', clientSecret: 'sandbox-client-secret', username: 'sandbox-user', password: 'sandbox-password', seconds: 7_200 };

const SOAP_NAMES: SoapNames = { path: '/soap/insurance', version: '1.1', action: '', namespace: 'http://tempuri.org/', operation: 'CallService', argument: 'inJson', result: 'CallServiceResult', payload: 'json' };

const SYNTHETIC_DRUGS: readonly CatalogueDrug[] = [1, 2, 3].map((number) => ({
  version: 'F002_20260101000000',
  columns: {
    1: `XA8999${String(number)}AAA001010100001`, 4: `合成药品${String(number)}`, 8: `合成药品${String(number)}`, 28: '0', 32: '10片/盒', 33: '10', 39: '片', 40: '盒', 42: '1', 45: '盒', 46: '片', 47: '10', 49: '盒',
    54: '示范制药', 62: `国药准字H8999000${String(number)}`, 79: '1', 93: '示范制药',
  },
}));

/** @throws Error for a region that is not in the data */
function regionRules(region: string): RegionRules {
  const { regions } = readSpec('insurance-regions.json') as { readonly regions: Readonly<Record<string, RegionRules>> };
  const rules = regions[region];
  if (rules === undefined) throw new Error(`the sandbox has no region ${region}: ${Object.keys(regions).join(', ')}`);
  return rules;
}

/** @returns the options with every default in place; what is given wins over the region's rules */
export function insuranceSettings(options: InsuranceOptions = {}): InsuranceSettings {
  const rules = regionRules(options.region ?? 'national');
  const oauth = { ...SANDBOX_OAUTH, ...options.oauth };
  const sm4Key = options.sm4Key ?? (rules.auth === 'oauth2' ? oauth.clientId : undefined);
  return {
    rules, oauth,
    auth: options.auth ?? rules.auth ?? 'x-tif',
    apiKey: options.apiKey ?? 'sandbox-apikey-8999',
    sign: options.sign ?? rules.sign ?? 'none',
    sealedOnly: options.sealedOnly ?? rules.sealedOnly ?? false,
    sealReplies: options.sealReplies ?? false,
    soap: options.soap === undefined ? undefined : { ...SOAP_NAMES, ...options.soap },
    ...(options.senderKey === undefined ? {} : { senderKey: options.senderKey }),
    ...(options.platformKey === undefined ? {} : { platformKey: options.platformKey }),
    accounts: options.accounts ?? [SANDBOX_ACCOUNT],
    digest: options.digest ?? 'sha256',
    clockSkewMs: options.clockSkewMs ?? 300_000,
    signIn: options.signIn ?? rules.signIn ?? true,
    signInOnceADay: options.signInOnceADay ?? rules.signInOnceADay ?? false,
    duplicateBchno: options.duplicateBchno ?? 'add',
    resoldWhole: options.resoldWhole ?? 'refuse',
    mixedSplit: options.mixedSplit ?? 'refuse',
    strictReturn: options.strictReturn ?? false,
    requireAlso: { ...rules.requireAlso, ...options.requireAlso },
    inputCharacters: options.inputCharacters ?? 40_000,
    version: options.version ?? 'V1.0',
    rowResults: options.rowResults ?? 'failed',
    queryBy: options.queryBy ?? 'business',
    replyStyle: { infcode: 'number', output: 'object', queryRows: 'node', ...options.replyStyle },
    ...(sm4Key === undefined ? {} : { sm4Key }),
    catalogue: options.catalogue ?? SYNTHETIC_DRUGS,
    catalogueRowsPerFile: options.catalogueRowsPerFile ?? 100_000,
  };
}
