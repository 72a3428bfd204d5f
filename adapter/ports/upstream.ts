import type { PackageLevel } from '../domain/drug.ts';
import type { PeerFault } from '../domain/outcome.ts';
import type { Institution } from './institution.ts';

/** What a trace system said to one question, kept as proof beside what was made of it. No patient data. */
export interface UpstreamEvidence {
  /** in the platform's own name */
  readonly operation: string;
  /** ms since epoch */
  readonly at: number;
  /** result code and text, at most 300 characters */
  readonly says: string;
  /** the platform's number of the exchange */
  readonly requestId?: string;
}

/** Answers are values: nothing here throws, whatever the platform does. */
export type UpstreamAnswer<T> = { readonly evidence: readonly UpstreamEvidence[] } & (
  | { readonly kind: 'found'; readonly value: T }
  /** the platform says that there is no such thing */
  | { readonly kind: 'none' }
  /** not yet: a carton opens only after our own receipt bill was processed */
  | { readonly kind: 'not-ready'; readonly why: string; readonly retryAfterMs: number }
  /** the application may not ask this; a person can have it opened */
  | { readonly kind: 'not-granted'; readonly operation: string; readonly why: string }
  /** asking the same again gives the same */
  | ({ readonly kind: 'refused' } & PeerFault)
  | ({ readonly kind: 'unavailable'; readonly retryAfterMs?: number } & PeerFault)
);

export interface UpstreamQuestion {
  readonly institution: Institution;
  /** 0 somebody waits at a screen … 9 night batch */
  readonly priority: number;
  readonly signal: AbortSignal;
  /** gives the question up when its turn would come later */
  readonly maxWaitMs?: number;
}

/** An enterprise under both of its ids; they are often equal and sometimes not, and are never put in each other's place. */
export interface UpstreamEnterprise {
  readonly name: string;
  readonly entId: string;
  readonly refEntId: string;
  /** undefined where the platform does not say */
  readonly approved?: boolean;
  readonly licenceNo?: string;
  readonly address?: string;
}

/** One end of a bill; '' where the platform does not say. */
export interface UpstreamParty { readonly name: string; readonly entId: string; readonly refEntId: string }

/** 上游单据: what a supplier reported as sent to us. */
export interface UpstreamBillHead {
  readonly billNo: string;
  readonly billType: string;
  /** as the platform has it, China time */
  readonly billAt: string;
  readonly from: UpstreamParty;
  readonly to: UpstreamParty;
  /** for whom the sender acted */
  readonly onBehalfOf?: UpstreamParty;
  /** we have received against it; undefined where the answer does not say */
  readonly confirmed?: boolean;
  /** the platform's own id of the bill */
  readonly platformRef?: string;
}

/** Texts are as the platform has them, '' where it does not say; counts are decimal strings. */
export interface UpstreamDrugLine {
  readonly drugName: string;
  readonly spec: string;
  readonly packSpec: string;
  readonly maker: string;
  readonly approvalNo: string;
  readonly lot: string;
  readonly producedOn: string;
  readonly expiresOn: string;
  /** smallest coded packs */
  readonly packs: string;
  /** dosage units */
  readonly units: string;
}

export interface UpstreamCode {
  readonly code: string;
  /** undefined where the platform gave none that can be read */
  readonly level: PackageLevel | undefined;
  /** smallest coded packs in it, as the platform says; '' where it does not */
  readonly packs: string;
  /** package around it, where the relation was asked for and is known */
  readonly parent?: string;
}

export interface UpstreamBillSummary extends UpstreamBillHead { readonly lines: readonly UpstreamDrugLine[] }
export interface UpstreamBill extends UpstreamBillHead {
  readonly lines: readonly (UpstreamDrugLine & { readonly codes: readonly UpstreamCode[] })[];
  /** of the larger packages among the codes; `not-asked` also where there are none */
  readonly relations: 'not-asked' | 'whole' | 'partly' | 'not-ready';
}

export interface BillSearch {
  /** yyyy-MM-dd in China, both days included; at most 92 days */
  readonly from: string;
  readonly to: string;
  readonly billNo?: string;
  /** sender by its ent_id */
  readonly supplierEntId?: string;
  readonly lot?: string;
  readonly onlyOpen?: boolean;
  /** `next` of the page before */
  readonly cursor?: string;
}

export interface BillWanted {
  readonly billNo: string;
  /** sender by its ref_ent_id; without it the bill is looked for between `from` and `to` (default: the last 30 days) */
  readonly supplierRefEntId?: string;
  readonly from?: string;
  readonly to?: string;
  /** also ask what is in the cartons */
  readonly withRelations?: boolean;
}

/** A package and what is in it, down to the smallest packs. */
export interface ExpandedPackage {
  readonly code: string;
  readonly level: PackageLevel;
  /** the code itself and everything in it, each with the package around it ('' for the code itself) */
  readonly tree: readonly { readonly code: string; readonly level: PackageLevel; readonly parent: string }[];
  /** codes of the smallest packs; the code itself when it is one */
  readonly smallest: readonly string[];
  /** smallest packs as declared by the maker, decimal string, '' where not told; a carton that alone is coded counts as 1 whatever is declared */
  readonly declaredPacks: string;
  /** false when the tree holds another number of smallest packs than declared: scan them one by one */
  readonly isWhole: boolean;
  readonly drug: Pick<UpstreamDrugLine, 'drugName' | 'spec' | 'packSpec' | 'approvalNo' | 'lot' | 'producedOn' | 'expiresOn'>;
}

export interface Expansion {
  readonly expanded: readonly ExpandedPackage[];
  /** codes the platform does not open to us (yet) */
  readonly notReady: readonly string[];
}

/** 追溯码状态. `unknown` = the platform has no such code; `not-told` = it answered without it. */
export type UpstreamCodeState = 'activated' | 'received' | 'written-off' | 'cancelled' | 'unknown' | 'other' | 'not-told';
export interface UpstreamCodeDetail {
  readonly code: string;
  readonly state: UpstreamCodeState;
  readonly level: PackageLevel | undefined;
  readonly drug: Omit<UpstreamDrugLine, 'units'>;
}

/** 异常预警. An empty list = the code is clean. */
export interface CodeWarning {
  readonly code: string;
  readonly kind: 'terminated-elsewhere' | 'used-elsewhere' | 'flows-elsewhere' | 'not-activated' | 'foreign-segment' | 'cancelled' | 'other';
  readonly severity: 'high' | 'low';
  readonly text: string;
  readonly billType: string;
  readonly at: string;
  /** kind and province of the other enterprise */
  readonly where: string;
}

export interface UpstreamDrug {
  readonly name: string;
  readonly brand: string;
  readonly form: string;
  readonly maker: string;
  readonly packages: readonly {
    readonly spec: string; readonly packSpec: string; readonly approvalNo: string; readonly packUnit: string;
    /** 7-digit resource code of each package level */
    readonly prefixes: readonly { readonly prefix: string; readonly level: PackageLevel | undefined; readonly ratio: string }[];
  }[];
}

export interface BillCount { readonly date: string; readonly billType: string; readonly billTypeName: string; readonly count: number }
export interface Paged<T> { readonly rows: readonly T[]; /** undefined when everything was read */ readonly next?: string }

/** What one method of the platform is to us, and whether the application may call it. */
export interface UpstreamCapability {
  readonly operation: string;
  /** Chinese */
  readonly what: string;
  /** undefined = not tried yet */
  readonly granted: boolean | undefined;
  /** since when it is known to be so, ms since epoch */
  readonly since?: number;
}

/**
 * What a trace system can tell us about goods on their way to us (上游信息). Every question runs within the rate budget of the
 * account, has a timeout, reads a bounded number of pages and answers with a value.
 */
export interface UpstreamAccess {
  /** Enterprises by exact name, credit code, registration number or id: also our own ids. `as` asks under another ref_ent_id than the institution's. */
  enterprises(wanted: { readonly name?: string; readonly creditCode?: string; readonly medicalCode?: string; readonly entId?: string; readonly refEntId?: string; readonly as?: string }, question: UpstreamQuestion): Promise<UpstreamAnswer<readonly UpstreamEnterprise[]>>;
  /** Approved partners, all or by name. */
  partners(wanted: { readonly name?: string; readonly cursor?: string }, question: UpstreamQuestion): Promise<UpstreamAnswer<Paged<UpstreamEnterprise>>>;
  /** Suppliers' bills to us, with their drug lines and without codes. A bill at the end of a page may go on in the next. */
  bills(search: BillSearch, question: UpstreamQuestion): Promise<UpstreamAnswer<Paged<UpstreamBillSummary>>>;
  /** One bill with its codes. */
  bill(wanted: BillWanted, question: UpstreamQuestion): Promise<UpstreamAnswer<UpstreamBill>>;
  /** The suppliers' bills a scanned code, of any level, is in. */
  billsOfCode(code: string, question: UpstreamQuestion): Promise<UpstreamAnswer<readonly UpstreamBillHead[]>>;
  /** Our own bill as the platform has it, without codes. */
  ownBill(billNo: string, question: UpstreamQuestion): Promise<UpstreamAnswer<UpstreamBillSummary>>;
  /** Opens packages, at most 100, down to the smallest packs; keeps asking for `patienceMs` while the platform is not ready. */
  expand(wanted: { readonly codes: readonly string[]; readonly patienceMs: number }, question: UpstreamQuestion): Promise<UpstreamAnswer<Expansion>>;
  /** State, drug and lot of at most 5,000 codes, in the order asked. */
  codes(codes: readonly string[], question: UpstreamQuestion): Promise<UpstreamAnswer<readonly UpstreamCodeDetail[]>>;
  warnings(code: string, question: UpstreamQuestion): Promise<UpstreamAnswer<readonly CodeWarning[]>>;
  /** The platform's drug catalogue by generic name. */
  drugs(wanted: { readonly name: string; readonly approvalNo?: string; readonly maker?: string; readonly cursor?: string }, question: UpstreamQuestion): Promise<UpstreamAnswer<Paged<UpstreamDrug>>>;
  /** Bills by day and type, ours or the suppliers' to us, at most 31 days. */
  billCounts(wanted: { readonly side: 'own' | 'upstream'; readonly from: string; readonly to: string }, question: UpstreamQuestion): Promise<UpstreamAnswer<readonly BillCount[]>>;
  /** Last day of the subscription, yyyy-MM-dd. */
  serviceEnd(question: UpstreamQuestion): Promise<UpstreamAnswer<string>>;
  /** What is known about every method, without a call. Never rejects. */
  capabilities(): Promise<readonly UpstreamCapability[]>;
}
