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
}

export type InsuranceSettings = Required<Omit<InsuranceOptions, 'sm4Key' | 'port' | 'replyStyle'>> & {
  readonly sm4Key?: string;
  readonly replyStyle: Required<NonNullable<InsuranceOptions['replyStyle']>>;
};

/** The account of a sandbox that is told nothing. Synthetic; no bureau issues such a name. */
export const SANDBOX_ACCOUNT: InsuranceAccount = { paasId: 'sandbox-hospital', paasToken: 'sandbox-paas-token-8999' };

/** @returns the options with every default in place */
export function insuranceSettings(options: InsuranceOptions = {}): InsuranceSettings {
  return {
    accounts: options.accounts ?? [SANDBOX_ACCOUNT],
    digest: options.digest ?? 'sha256',
    clockSkewMs: options.clockSkewMs ?? 300_000,
    signIn: options.signIn ?? true,
    signInOnceADay: options.signInOnceADay ?? false,
    duplicateBchno: options.duplicateBchno ?? 'add',
    resoldWhole: options.resoldWhole ?? 'refuse',
    mixedSplit: options.mixedSplit ?? 'refuse',
    strictReturn: options.strictReturn ?? false,
    requireAlso: options.requireAlso ?? {},
    inputCharacters: options.inputCharacters ?? 40_000,
    version: options.version ?? 'V1.0',
    rowResults: options.rowResults ?? 'failed',
    queryBy: options.queryBy ?? 'business',
    replyStyle: { infcode: 'number', output: 'object', queryRows: 'node', ...options.replyStyle },
    ...(options.sm4Key === undefined ? {} : { sm4Key: options.sm4Key }),
  };
}
