import { nationalPolicy } from '../checks/national-policy.ts';
import type { FindingSeverity } from '../domain/finding.ts';
import { chinaDate, parseInstant } from '../domain/china-time.ts';
import { REGIMES, type FullPolicy, type PolicySubject, type Regime, type SeverityQuestion } from '../ports/policy.ts';
import type { ProvincePack, StartRule } from '../ports/province-pack.ts';
import { OWN_RULE, policyOfPack } from './pack-policy.ts';
import { NO_OVERRIDES, type RuleOverrides } from './settings.ts';

/**
 * What the product decides by: the pack of the institution's province, the national default where there is none, and the
 * hospital's own departures (`rules:`), each of which has a reason.
 */
export function configuredPolicy(packs: readonly ProvincePack[], overrides: RuleOverrides = NO_OVERRIDES): FullPolicy {
  const made = new Map<string, FullPolicy>();
  const of = (institution: { readonly code: string; readonly province?: string }): FullPolicy => {
    const key = `${institution.code} ${institution.province ?? ''}`;
    const known = made.get(key);
    if (known !== undefined) return known;
    const policy = departing(packs.find(({ name }) => name === institution.province), concerning(overrides, institution.code));
    made.set(key, policy);
    return policy;
  };
  return {
    name: 'configured',
    exclusionOf: (subject) => of(subject.institution).exclusionOf(subject),
    severityOf: (question) => of(question.institution).severityOf(question),
    rulesAt: (institution, atMs) => of(institution).rulesAt(institution, atMs),
  };
}

/** @returns the overrides of one institution, its own before those for all */
function concerning(overrides: RuleOverrides, code: string): RuleOverrides {
  const pick = <Entry extends { readonly institution?: string }>(entries: readonly Entry[]): readonly Entry[] => [...entries.filter(({ institution }) => institution === code), ...entries.filter(({ institution }) => institution === undefined)];
  return { exemptions: pick(overrides.exemptions), starts: pick(overrides.starts), emergencyHours: pick(overrides.emergencyHours), onMismatch: pick(overrides.onMismatch), severities: pick(overrides.severities) };
}

function departing(pack: ProvincePack | undefined, overrides: RuleOverrides): FullPolicy {
  const base = pack === undefined ? nationalPolicy : policyOfPack({ ...pack, starts: movedStarts(pack.starts, overrides) }, new Set(overrides.exemptions.map(({ rule }) => rule)));
  const hours = overrides.emergencyHours[0]?.value;
  const onMismatch = overrides.onMismatch[0]?.value;
  return {
    ...base,
    exclusionOf: pack === undefined ? (subject) => withoutPack(subject, overrides) : (subject) => base.exclusionOf(subject),
    severityOf: (question) => severityFrom(overrides, question) ?? base.severityOf(question),
    rulesAt: (institution, atMs) => {
      const { articles, ...rules } = base.rulesAt(institution, atMs);
      const { emergencyHours, onMismatch: shelving, ...others } = articles;
      return {
        ...rules, ...(hours === undefined ? {} : { emergencyHours: hours }), ...(onMismatch === undefined ? {} : { onMismatch }),
        // a value of the hospital's own stands on no article
        articles: { ...others, ...(hours !== undefined || emergencyHours === undefined ? {} : { emergencyHours }), ...(onMismatch !== undefined || shelving === undefined ? {} : { onMismatch: shelving }) },
      };
    },
  };
}

function movedStarts(starts: readonly StartRule[], overrides: RuleOverrides): readonly StartRule[] {
  const moved = overrides.starts.map(({ regime, value }, at): StartRule => ({ id: `hospital-${String(at)}`, regime, from: value, article: OWN_RULE }));
  return [...moved.filter((rule, at) => moved.findIndex(({ regime }) => regime === rule.regime) === at), ...starts.filter(({ regime }) => !moved.some((rule) => rule.regime === regime))];
}

/** No pack: the national exemptions, and the start the hospital set for itself. */
function withoutPack(subject: PolicySubject, overrides: RuleOverrides): string | undefined {
  const reasonFor = (regime: Regime): string | undefined => {
    const start = overrides.starts.find((entry) => entry.regime === regime);
    const early = start !== undefined && chinaDate(parseInstant(subject.event.occurredAt) ?? 0) < start.value;
    return nationalPolicy.exclusionOf(subject) ?? (early ? `${start.value} 起实施，业务发生在此之前（${OWN_RULE}）` : undefined);
  };
  if (subject.regime !== undefined) return reasonFor(subject.regime);
  const reasons = REGIMES.map(reasonFor);
  return reasons.includes(undefined) ? undefined : [...new Set(reasons)].join('；');
}

function severityFrom(overrides: RuleOverrides, { finding, stage, purpose }: SeverityQuestion): FindingSeverity | undefined {
  return overrides.severities.find((entry) => entry.finding === finding && entry.stage === stage && (entry.purpose === undefined || entry.purpose === purpose))?.value;
}
