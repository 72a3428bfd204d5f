import { createHash } from 'node:crypto';
import { seededUpstream, type UpstreamSeed } from './seeded-upstream.ts';
import type { UpstreamBill } from './upstream-bill.ts';

export type { SandboxPackage, UpstreamBill, UpstreamLine } from './upstream-bill.ts';

/** An enterprise under both of its keys; they differ, as they sometimes do in production (mah.md section 3). */
export interface Enterprise {
  readonly name: string;
  readonly entId: string;
  readonly refEntId: string;
  readonly role: 'hospital' | 'supplier' | 'producer';
  readonly orgCode?: string;
  readonly medicalCode?: string;
}

export interface MahApp {
  readonly appKey: string;
  readonly appSecret: string;
  /** ref_ent_id of the hospitals this application works for; left out: every hospital */
  readonly hospitals?: readonly string[];
  /** methods granted, full or short names; left out: all that the sandbox answers */
  readonly methods?: readonly string[];
}

export interface MahOptions {
  readonly port?: number;
  readonly apps?: readonly MahApp[];
  readonly enterprises?: readonly Enterprise[];
  /** `listed`: only the enterprises given; `any-name`: one is made up for every name that is looked up. Default listed */
  readonly partners?: 'listed' | 'any-name';
  readonly upstreamBills?: readonly UpstreamBill[];
  /** further bills of the suppliers to the first hospital, made up from a seed */
  readonly upstreamSeed?: UpstreamSeed;
  /** warnings of single codes (1 to 6, mah.md section 7), beside those that follow from what happened to them */
  readonly codeWarnings?: Readonly<Record<string, readonly (1 | 2 | 3 | 4 | 5 | 6)[]>>;
  /** platform state of single codes: N not activated, C cancelled, E unknown; all others are activated */
  readonly codeStates?: Readonly<Record<string, 'N' | 'C' | 'E'>>;
  /** bill types taken beyond those named for hospitals, for example [104, 203] */
  readonly extraBillTypes?: readonly number[];
  readonly maxCodes?: number;
  /** processing of a bill: result_type 0, then 1 after `uploadedMs`, then 3 or 4 after `doneMs`; its packages can be opened `relationMs` later */
  readonly processing?: { readonly uploadedMs?: number; readonly doneMs?: number; readonly relationMs?: number };
  /** calls a second and application before code 7, and how long the ban then lasts; default 1000 and 1000 ms */
  readonly limit?: { readonly callsPerSecond?: number; readonly banMs?: number };
  readonly timestampToleranceMs?: number;
  /** the day a query looks at: bill_time, the upload, or both must lie within; default business */
  readonly queryBy?: 'business' | 'upload' | 'both';
  /** answer of service.getenddate */
  readonly serviceEndsOn?: string;
}

export interface MahSettings extends Required<Omit<MahOptions, 'port' | 'processing' | 'limit' | 'upstreamSeed'>> {
  readonly processing: { readonly uploadedMs: number; readonly doneMs: number; readonly relationMs: number };
  readonly limit: { readonly callsPerSecond: number; readonly banMs: number };
}

export const SANDBOX_HOSPITAL: Enterprise = {
  name: '示范医院', entId: '899900000000000101', refEntId: 'e8999aa0000000000000000000000101', role: 'hospital', orgCode: '128999000000000010', medicalCode: 'H35010200001',
};
export const SANDBOX_SUPPLIERS: readonly Enterprise[] = [
  { name: '示范医药有限公司', entId: '899900000000000201', refEntId: 'e8999bb0000000000000000000000201', role: 'supplier', orgCode: '918999000000000020' },
  { name: '示范医药配送有限公司', entId: '899900000000000202', refEntId: 'e8999bb0000000000000000000000202', role: 'supplier', orgCode: '918999000000000021' },
];
export const SANDBOX_APP: MahApp = { appKey: '89990001', appSecret: 'sandbox-top-secret-8999' };

/** @returns the options with every default in place */
export function mahSettings(options: MahOptions = {}): MahSettings {
  const enterprises = options.enterprises ?? [SANDBOX_HOSPITAL, ...SANDBOX_SUPPLIERS];
  const refEntIds = (role: Enterprise['role']): string[] => enterprises.filter((each) => each.role === role).map((each) => each.refEntId);
  const seeded = options.upstreamSeed === undefined ? [] : seededUpstream(options.upstreamSeed, { suppliers: refEntIds('supplier'), hospital: refEntIds('hospital')[0] ?? '' });
  return {
    apps: options.apps ?? [SANDBOX_APP],
    enterprises,
    partners: options.partners ?? 'listed',
    upstreamBills: [...(options.upstreamBills ?? [SANDBOX_UPSTREAM_BILL]), ...seeded],
    codeWarnings: options.codeWarnings ?? {},
    codeStates: options.codeStates ?? {},
    extraBillTypes: options.extraBillTypes ?? [],
    maxCodes: options.maxCodes ?? 3_500,
    processing: { uploadedMs: options.processing?.uploadedMs ?? 50, doneMs: options.processing?.doneMs ?? 150, relationMs: options.processing?.relationMs ?? 0 },
    limit: { callsPerSecond: options.limit?.callsPerSecond ?? 1_000, banMs: options.limit?.banMs ?? 1_000 },
    timestampToleranceMs: options.timestampToleranceMs ?? 600_000,
    queryBy: options.queryBy ?? 'business',
    serviceEndsOn: options.serviceEndsOn ?? '2099-12-31',
  };
}

/** @returns the same made-up enterprise for the same name, on every machine */
export function enterpriseFor(name: string): Enterprise {
  const digits = BigInt(`0x${createHash('sha256').update(name, 'utf8').digest('hex').slice(0, 12)}`).toString().padStart(14, '0').slice(-14);
  return { name, entId: `8999${digits}`, refEntId: createHash('sha256').update(`ref ${name}`, 'utf8').digest('hex').slice(0, 32), role: 'supplier' };
}

/** A carton of two middle packs of five, as a supplier would send it. */
const SANDBOX_UPSTREAM_BILL: UpstreamBill = {
  billCode: 'XS20261120001', from: 'e8999bb0000000000000000000000201', to: 'e8999aa0000000000000000000000101', billType: '201', billTime: '2026-11-20 08:00:00',
  lines: [{
    drugName: '阿莫西林胶囊', approvalNo: '国药准字H00000001', spec: '0.25g', packageSpec: '24粒/盒', maker: '示范制药有限公司',
    lot: 'A2401', producedOn: '2026-01-02', expiresOn: '2027-12-31', ratio: '1:2:10',
    packages: [{
      code: '89990030000000010001', level: 3,
      children: [1, 2].map((middle) => ({
        code: `8999002000000002000${String(middle)}`, level: 2 as const,
        children: [1, 2, 3, 4, 5].map((small) => ({ code: `899900100000003000${String(middle)}${String(small)}`, level: 1 as const })),
      })),
    }],
  }],
};
