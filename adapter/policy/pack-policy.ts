import { nationalPolicy } from '../checks/national-policy.ts';
import { chinaDate, parseInstant } from '../domain/china-time.ts';
import type { FindingSeverity } from '../domain/finding.ts';
import { REGIMES, type FullPolicy, type PolicySubject, type Regime, type RulesInForce, type SeverityQuestion } from '../ports/policy.ts';
import type { ProvincePack, StartRule } from '../ports/province-pack.ts';
import { matches } from './exemption-match.ts';

/** Stands where an article would, for what the hospital set itself (`rules:`). */
export const OWN_RULE = '医院规定';

interface Dated { readonly from?: string; readonly until?: string }

/**
 * A province's notice as a policy. Days are those of China; a line belongs to the day of its business.
 * The insurance platform is not what the notices exempt from: there the national exemptions hold, before and after the start.
 * @param without exemption rules the hospital gave up, each with its reason (`rules.exemptions` of the configuration)
 */
export function policyOfPack(pack: ProvincePack, without: ReadonlySet<string> = new Set()): FullPolicy {
  const cite = (article: string): string => (article === OWN_RULE ? `（${OWN_RULE}）` : `（${pack.notice.number} ${article}）`);
  const exclusionFrom = (regime: Regime, subject: PolicySubject): string | undefined => {
    const day = chinaDate(parseInstant(subject.event.occurredAt) ?? 0);
    const exemption = pack.exemptions.find((rule) => rule.regimes.includes(regime) && !without.has(rule.id) && inForce(rule, day) && matches(rule.match, subject));
    if (exemption !== undefined) return `${exemption.reason}${cite(exemption.article)}`;
    const notBound = whyNotBound(pack.starts.filter((rule) => rule.regime === regime), subject.institution.level, day);
    if (notBound !== undefined) return `${notBound.reason}${cite(notBound.article)}`;
    return regime === 'insurance' ? nationalPolicy.exclusionOf(subject) : undefined;
  };
  return {
    name: pack.name,
    exclusionOf: (subject) => (subject.regime === undefined ? fromAll(subject, exclusionFrom) : exclusionFrom(subject.regime, subject)),
    severityOf: (question) => severityFrom(pack, question),
    rulesAt: (_institution, atMs) => rulesOn(pack, chinaDate(atMs)),
  };
}

/** Owed to nobody: every regime has its reason. */
function fromAll(subject: PolicySubject, exclusionFrom: (regime: Regime, subject: PolicySubject) => string | undefined): string | undefined {
  const reasons = REGIMES.map((regime) => exclusionFrom(regime, subject));
  return reasons.includes(undefined) ? undefined : [...new Set(reasons)].join('；');
}

function inForce(rule: Dated, day: string): boolean {
  return (rule.from === undefined || rule.from <= day) && (rule.until === undefined || day <= rule.until);
}

function whyNotBound(starts: readonly StartRule[], level: number | undefined, day: string): { readonly reason: string; readonly article: string } | undefined {
  const [first] = starts;
  if (first === undefined) return undefined;
  const ours = starts.filter((rule) => level === undefined || rule.levels?.includes(level) !== false);
  const next = ours.toSorted((a, b) => (a.from < b.from ? -1 : 1)).at(0);
  if (next === undefined) return { reason: `${String(level ?? '')}级医疗机构不在实施范围内`, article: first.article };
  if (ours.some((rule) => inForce(rule, day))) return undefined;
  return { reason: day < next.from ? `${next.from} 起实施，业务发生在此之前` : '规定已停止执行', article: next.article };
}

function severityFrom(pack: ProvincePack, question: SeverityQuestion): FindingSeverity | undefined {
  const { finding, stage, purpose, atMs, emergency = false } = question;
  const applies = (rule: ProvincePack['severities'][number]): boolean => rule.findings.includes(finding) && (rule.stages ?? ['scan']).includes(stage)
    && (atMs === undefined ? rule.until === undefined : inForce(rule, chinaDate(atMs)))
    && (rule.purposes === undefined || (purpose !== undefined && rule.purposes.includes(purpose)))
    && (rule.emergency === undefined || rule.emergency === emergency);
  return pack.severities.find(applies)?.severity;
}

function rulesOn(pack: ProvincePack, day: string): RulesInForce {
  const emergency = pack.emergency !== undefined && inForce(pack.emergency, day) ? pack.emergency : undefined;
  const shelving = inForce(pack.shelving, day) ? pack.shelving : undefined;
  const feedback = inForce(pack.feedback, day) ? pack.feedback : undefined;
  const defaults = nationalPolicy.rulesAt({ code: '', name: '', region: '' }, 0);
  return {
    emergencyHours: emergency?.hours ?? defaults.emergencyHours,
    onMismatch: shelving?.onMismatch ?? defaults.onMismatch,
    feedBackToSupplier: feedback?.toSupplier ?? defaults.feedBackToSupplier,
    mayAlterRecords: false,
    articles: {
      ...(emergency === undefined ? {} : { emergencyHours: emergency.article }), ...(shelving === undefined ? {} : { onMismatch: shelving.article }),
      ...(feedback === undefined ? {} : { feedBackToSupplier: feedback.article }), mayAlterRecords: pack.retention.article,
    },
  };
}
