import type { EventKind } from '../../adapter/domain/event.ts';
import type { FaultReason } from '../../adapter/domain/outcome.ts';
import type { FieldSpec } from './spec.ts';

/** What follows from a refusal: wait for a person, try again, ask first, prove a duplicate, sign in again. */
export type AnswerStep = 'park' | 'retry' | 'ask' | 'prove' | 'sign-in-again';

/** One row of the table of answer texts: the first that fits decides. */
export interface AnswerRow {
  /** regular expression, case-insensitive, on the text of the platform */
  readonly match: string;
  /** values of infcode that fit as well */
  readonly codes?: readonly string[];
  readonly reason: FaultReason;
  readonly then: AnswerStep;
}

/** Ways to prove who calls (insurance.md sections 3 and 5). */
export type Auth =
  | { readonly kind: 'none' }
  | { readonly kind: 'x-tif'; /** UUID with or without dashes */ readonly nonce: 'uuid' | 'hex' }
  | { readonly kind: 'oauth2'; readonly path: string; readonly scope: string }
  | { readonly kind: 'csb'; readonly headers: Readonly<Record<'api' | 'version' | 'accessKey' | 'timestamp' | 'signature', string>>; readonly api: string; readonly version: string };

/** Where the value of a member of the message comes from; `constant` = the profile's or the site's `envelope`, else ''. */
export const MESSAGE_SOURCES = [
  'infno', 'msgid', 'region', 'insuredArea', 'operatorType', 'operatorCode', 'operatorName', 'time', 'institution', 'institutionName', 'signNo', 'signature', 'signType', 'encryption', 'input', 'constant',
] as const;
export type MessageSource = (typeof MESSAGE_SOURCES)[number];

export interface Security {
  /** none; over the outer members (national); over the plain JSON of `input` (Jilin) */
  readonly sign: 'none' | 'sm2-envelope' | 'sm2-input';
  readonly encrypt: 'none' | 'sm4';
  /** values that stand before the JSON of `input` in the sealed text */
  readonly sealPrefix: readonly ('msgid' | 'infno')[];
}

/** Names of the members of an answer. */
export interface ReplyShape {
  readonly code: string;
  readonly success: readonly string[];
  readonly text: string;
  readonly output: string;
  readonly ref: string;
  readonly echo: string;
}

export interface SoapShape {
  /** appended to the base URL; '' = the base URL itself */
  readonly path: string;
  readonly version: '1.1' | '1.2';
  /** '' = namespace + operation */
  readonly action: string;
  readonly namespace: string;
  readonly operation: string;
  readonly argument: string;
  /** element of the answer that holds the text */
  readonly result: string;
  /** what the one argument holds */
  readonly payload: 'json' | 'xml';
}

/** A field of a region beyond the national table, and where its value comes from (rows.ts knows the names). */
export interface ExtraField extends FieldSpec { readonly from: string }

/** A node that the HIS itself sends with a settlement (Hubei 2207). */
export interface TraceNode {
  readonly transaction: string;
  readonly node: string;
  readonly fields: readonly { readonly name: string; readonly zh: string; readonly from: 'feeLine' | 'code' | 'split' | 'pricedBy'; readonly length: number; readonly values?: Readonly<Record<string, string>> }[];
}

/** A region's rules, one file under profiles/; everything in which regions differ is data here. */
export interface Profile {
  readonly name: string;
  readonly title: string;
  readonly transport: 'rest' | 'single-endpoint' | 'soap';
  readonly auth: Auth;
  readonly security: Security;
  /** `once-a-day`: no second 9001 of an operator on a day, not even after 9002 */
  readonly signIn: 'daily' | 'once-a-day' | 'none';
  /** members of the message in their order */
  readonly message: readonly (readonly [string, MessageSource])[];
  /** transaction number → what the region calls it on the wire (3505 → 0205) */
  readonly numbers: Readonly<Record<string, string>>;
  readonly reply: ReplyShape;
  readonly soap: SoapShape;
  /** event kind → operations, `3502:108` = transaction and inv_chg_type */
  readonly transactions: Readonly<Partial<Record<EventKind, readonly string[]>>>;
  readonly paths: Readonly<Record<string, string>>;
  readonly singlePath: string;
  readonly envelope: Readonly<Record<string, string>>;
  readonly limits: {
    readonly rows: number;
    /** hard bound of the specification on `input` */
    readonly inputChars: number;
    /** a line with more codes than this is divided into several rows */
    readonly codeCharsPerRow: number;
    /** days after the business in which the bureau takes its report; 0 = no such rule */
    readonly uploadWithinDays: number;
  };
  /** transactions that have an A form */
  readonly batchForms: readonly string[];
  readonly fields: {
    readonly optional: readonly string[];
    readonly required: readonly string[];
    readonly leaveOut: readonly string[];
    /** empty fields: `spec` = "0" for numbers and "" for others (section 4.4), `leave-out` */
    readonly empty: 'spec' | 'leave-out';
    readonly numbersAs: 'text' | 'number';
    /** numbers that travel as JSON numbers although the others are texts, `3505.sel_retn_cnt` */
    readonly jsonNumbers: readonly string[];
    /** lengths other than the table's, `3505.fixmedins_bchno` → `20` */
    readonly lengths: Readonly<Record<string, string>>;
    readonly extra: Readonly<Record<string, readonly ExtraField[]>>;
    /** `one-object`: a single code travels as an object instead of a list of one */
    readonly codesAs: 'list' | 'one-object';
  };
  /** node names other than the table's */
  readonly nodes: Readonly<Record<string, string>>;
  readonly dispense: {
    readonly codesRequired: readonly EventKind[];
    /** 3505 has no level field: package levels whose codes may be sold */
    readonly saleLevels: readonly number[];
    readonly splitQuantity: 'smallest-unit' | 'pack-fraction';
    readonly settlementUnknown: 'self-pay' | 'hold';
    /** psn_no needs insuplc_admdvs in the envelope: without it leave psn_no out, wait for a person, or send it all the same */
    readonly personWithoutArea: 'leave-out' | 'park' | 'send';
  };
  readonly settlement: {
    /** minpacunt_drug_trac_cnt: what a code of a split line counts */
    readonly splitCounts: 'each' | 'none';
    readonly traceNode: TraceNode | null;
  };
  /** 1301 and 9102: `ver` of the first time, `filename` of the files that 1301 names */
  readonly catalogue: { readonly firstVersion: string; readonly fileName: string };
  readonly reversal: Readonly<Record<string, 'delete' | 'return'>>;
  /** queries that prove a transaction, best first */
  readonly readBack: Readonly<Record<string, readonly string[]>>;
  /** queries of the daily comparison, by drug */
  readonly audit: readonly string[];
  /** longest range of one query, in days */
  readonly queryDays: number;
  /** text by which some platforms answer a query that found nothing with a failure */
  readonly emptyAnswer: string;
  readonly answers: readonly AnswerRow[];
}
