import type { Exemption } from '../domain/drug.ts';
import type { FullPolicy } from '../ports/policy.ts';

const REASONS: Readonly<Record<Exemption, string>> = {
  slices: '除外品种：中药饮片',
  inhouse: '除外品种：院内制剂',
  oxygen: '除外品种：医用氧',
  granules: '除外品种：中药配方颗粒',
};

/** Where no notice says how long an emergency dispense may wait: the hours of the only notice that does (闽药监规〔2026〕5号 二(三)2). */
const DEFAULT_EMERGENCY_HOURS = 48;

/**
 * What is left out where no province pack says otherwise: the drugs the catalogue marks as exempt (除外类别). Both notices
 * exempt them: 闽药监规〔2026〕5号 一 (in-house preparations, oxygen; slices by a rule of their own), Hebei plan 1 (slices,
 * granules, in-house preparations).
 */
export const nationalPolicy: FullPolicy = {
  name: 'national',
  exclusionOf: ({ drug }) => (drug?.exemption === undefined ? undefined : REASONS[drug.exemption]),
  severityOf: () => undefined,
  rulesAt: () => ({ emergencyHours: DEFAULT_EMERGENCY_HOURS, onMismatch: 'record', feedBackToSupplier: true, mayAlterRecords: false, articles: {} }),
};
