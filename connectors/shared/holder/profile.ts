import type { EventKind } from '../../../adapter/domain/event.ts';
import type { Rule } from '../outcome-rules/rule.ts';
import type { ReplyFormat, ReplyPath } from '../reply/reply-tree.ts';
import type { SignatureRule } from './signature.ts';
import type { Maps } from '../template/placeholder.ts';

/** How replies of one operation are read. */
export interface ReplyRules {
  readonly format: ReplyFormat;
  /** forced charset, where the system says none or a wrong one */
  readonly charset: string | undefined;
  /** one-string operations: where in the envelope the text stands that holds the business reply */
  readonly inside: ReplyPath | undefined;
  /** what must come back unchanged, or the reply belongs to another message */
  readonly echo: { readonly path: ReplyPath; readonly of: 'report.key' | 'message.id' } | undefined;
  readonly signature: { readonly rule: SignatureRule; readonly covers: readonly ReplyPath[]; readonly at: ReplyPath | undefined; readonly header: string | undefined } | undefined;
  readonly rules: readonly Rule[];
}

/** One way of reporting something, with everything that belongs to it. */
export interface Operation<Request> {
  readonly name: string;
  readonly request: Request;
  readonly reply: ReplyRules;
  /** operation that takes a report of this one back; undefined = a person has to */
  readonly reversal: string | undefined;
  /** name under `queries` that can tell what became of a report */
  readonly query: string | undefined;
  /** the system's documentation says that the same key sent again is one report */
  readonly idempotentByKey: boolean;
  readonly maxCodes: number;
  /** what a bill must have on the other side */
  readonly partner: 'none' | 'optional' | 'required';
}

export interface Query<Request> { readonly name: string; readonly request: Request; readonly reply: ReplyRules }

/** Which codes of a line are told, for one event kind. */
export interface KindRule {
  readonly operation: string;
  /** packages that may be named: the smallest only (dispensing), or as scanned */
  readonly levels: 'smallest' | 'as-scanned';
  /** split packs: told once when opened, once when empty, at every use, never */
  readonly split: 'first-opening' | 'when-empty' | 'every-use' | 'never';
  /** lines without codes: not reportable, or reported without */
  readonly codes: 'required' | 'optional';
}

/** A holder's system as its profile file describes it. `Request` is what the wire (SOAP, REST) needs to know of a call. */
export interface HolderProfile<Request> {
  readonly file: string;
  readonly title: string;
  readonly reports: ReadonlyMap<EventKind, KindRule>;
  readonly operations: ReadonlyMap<string, Operation<Request>>;
  readonly queries: ReadonlyMap<string, Query<Request>>;
  readonly constants: Readonly<Record<string, string>>;
  readonly maps: Maps;
  readonly key: { readonly prefix: string; readonly maxLength: number };
  /** a reply that came later than this never comes: from then on a lost report is asked about, sent again or shown */
  readonly replyWindowMs: number;
}
