import type { Patient } from '../../adapter/domain/event.ts';
import type { Profile } from './profile.ts';

export interface Settlement {
  /** mdtrt_setl_type: 1 insured, 2 self-pay */
  readonly type: '1' | '2';
  /** hi_feesetl_type: 0 none, 1 local, 2 remote; '' when the HIS did not say which */
  readonly feeType: '0' | '1' | '2' | '';
  /** true while the settlement id is still to come */
  readonly waits: boolean;
}

/**
 * How the visit is settled, from what the HIS said. A patient with neither a settlement type nor a settlement id nor an insurance
 * number has shown nothing of an insurance: sent as self-pay or held, by profile.
 */
export function settlementOf(patient: Patient | undefined, dispense: Pick<Profile['dispense'], 'settlementUnknown'>): Settlement {
  const hasId = (patient?.settlementId ?? '') !== '';
  const silent = patient?.settlementType === undefined && !hasId && (patient?.personNo ?? '') === '';
  const insured = patient?.settlementType === 'insured' || (patient?.settlementType === undefined && !silent);
  if (!insured) return { type: '2', feeType: '0', waits: silent && dispense.settlementUnknown === 'hold' };
  const feeType = patient?.settlementArea === 'local' ? '1' : patient?.settlementArea === 'remote' ? '2' : '';
  return { type: '1', feeType, waits: !hasId };
}
