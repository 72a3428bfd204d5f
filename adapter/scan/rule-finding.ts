import type { FindingCode, FindingSeverity } from '../domain/finding.ts';
import type { Stage } from '../ports/policy.ts';

/** What a rule has to say about one code; how grave that is, is decided by the table and the policy (severity.ts). */
export interface RuleFinding {
  readonly code: FindingCode;
  /** one sentence in Chinese; no names, no visit numbers */
  readonly detail: string;
  /** where this very case is graver or lighter than the code's row in the table */
  readonly severity?: Readonly<Record<Stage, FindingSeverity>>;
  /** going on would break the ledger's account: no policy makes it lighter */
  readonly fixed?: true;
}
