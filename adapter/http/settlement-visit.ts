import { z } from 'zod';
import { TraceError } from '../domain/error.ts';
import type { SettlementDesk } from '../settlement-help/settlement-desk.ts';
import type { HttpDeps } from './http-deps.ts';
import { textField } from './request-fields.ts';

/** What the two routes about a visit's settlement share. */
export const visitParams = z.strictObject({ visitNo: textField(128).describe('就诊号') });

/** Which dispenses of the visit are meant. */
export const scopeField = z.enum(['visit', 'unsettled']).default('visit').describe('visit 整次就诊；unsettled 只看尚未结算的发药（一次就诊分几次结算时用）');

export const countsSchema = z.record(z.string(), z.number()).describe('医保交易自己的字段名与数目：minpacunt_drug_trac_cnt、mcs_trac_cnt');

/** @throws TraceError DESTINATION_UNKNOWN where no destination knows of settlements */
export function deskOf(given: HttpDeps & { readonly settlementDesk?: SettlementDesk }): SettlementDesk {
  if (given.settlementDesk === undefined) throw new TraceError('DESTINATION_UNKNOWN', '没有医保平台目标');
  return given.settlementDesk;
}
