import type { FindingCode, FindingSeverity } from '../domain/finding.ts';
import type { Institution } from '../ports/institution.ts';
import type { FullPolicy, Purpose, Stage } from '../ports/policy.ts';
import type { RuleFinding } from './rule-finding.ts';

type RuleCode = Extract<FindingCode, `CODE_${string}` | 'SPLIT_MIXED' | 'SPLIT_ALREADY_OPEN' | 'RETURN_NOT_DISPENSED' | 'LOT_MISMATCH'>;
type Severities = Readonly<Record<Stage, FindingSeverity>>;

/**
 * How grave each finding is where no policy says otherwise. Before the business (`scan`) a block stops the window; afterwards
 * (`event`) it keeps the line from being reported, so what really happened is told and reported: only what would count a pack twice
 * is held back. (mah.md section 15, C01–C28; 闽药监规〔2026〕5号 二(三).)
 */
const DEFAULTS: Readonly<Partial<Record<RuleCode, Severities>>> = {
  CODE_SHAPE: { scan: 'warn', event: 'warn' },
  CODE_SCHEME_UNKNOWN: { scan: 'info', event: 'info' },
  CODE_NOT_IN_STOCK: { scan: 'warn', event: 'warn' },
  CODE_ALREADY_DISPENSED: { scan: 'block', event: 'block' },
  CODE_LEFT_STOCK: { scan: 'block', event: 'block' },
  CODE_ALREADY_IN_STOCK: { scan: 'warn', event: 'warn' },
  CODE_RECEIVED_AFTER_SOLD: { scan: 'block', event: 'warn' },
  CODE_DRUG_MISMATCH: { scan: 'block', event: 'block' },
  LOT_MISMATCH: { scan: 'warn', event: 'warn' },
  CODE_EXPIRED: { scan: 'block', event: 'warn' },
  CODE_LEVEL_NOT_SMALLEST: { scan: 'warn', event: 'warn' },
  CODE_RECALLED: { scan: 'block', event: 'warn' },
  CODE_DISPENSED_AT_MEMBER: { scan: 'block', event: 'warn' },
  CODE_RETURNED_THEN_SOLD: { scan: 'warn', event: 'info' },
  CODE_NOT_ACTIVATED: { scan: 'warn', event: 'warn' },
  CODE_PLATFORM_WARNING: { scan: 'block', event: 'warn' },
  CODE_UNUSUAL_PATTERN: { scan: 'warn', event: 'warn' },
  SPLIT_MIXED: { scan: 'block', event: 'block' },
  SPLIT_ALREADY_OPEN: { scan: 'info', event: 'warn' },
  RETURN_NOT_DISPENSED: { scan: 'block', event: 'block' },
};

/** The part of a policy that is asked here. */
export type SeverityRules = Partial<Pick<FullPolicy, 'severityOf'>>;

export type SeverityOf = (finding: RuleFinding) => FindingSeverity;

export interface SeverityCase {
  readonly stage: Stage;
  readonly institution: Institution | undefined;
  readonly purpose?: Purpose;
  /** ms since epoch */
  readonly atMs?: number;
  readonly emergency?: boolean;
}

/** @returns how grave findings are in this case: fixed ones block, then the policy, then the rule itself, then the table; pure */
export function severities(policy: SeverityRules | undefined, { institution, ...asked }: SeverityCase): SeverityOf {
  return (finding) => {
    if (finding.fixed === true) return 'block';
    const own = institution === undefined ? undefined : policy?.severityOf?.({ institution, finding: finding.code, ...asked });
    return own ?? finding.severity?.[asked.stage] ?? DEFAULTS[finding.code as RuleCode]?.[asked.stage] ?? 'warn';
  };
}
