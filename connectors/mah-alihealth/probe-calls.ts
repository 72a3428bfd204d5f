import { METHODS, type Method } from './methods.ts';

export interface ProbeCall {
  readonly method: Method;
  parameters(of: { readonly today: string; readonly refEntId: string }): Readonly<Record<string, string>>;
}

/** numbers and names that nobody has */
const NO_SUCH_BILL = 'his-trace-probe';
const NO_SUCH_CODE = '89999999999999999999';
const ONE_ROW = { page_size: '1', page: '1' };
const ONE_ROW_FOUND = { page_size: '1', cur_page: '1' };

/** One harmless call for each method, right by its table (Annex A): they ask for one row, or for what does not exist. */
export const PROBE_CALLS: readonly ProbeCall[] = [
  { method: METHODS.billStatus, parameters: ({ today }) => ({ begin_date: today, end_date: today, bill_type: '102', ...ONE_ROW }) },
  { method: METHODS.partFailures, parameters: () => ({ bill_code: NO_SUCH_BILL, ...ONE_ROW }) },
  { method: METHODS.partners, parameters: () => ({ audit_flag: '1', ...ONE_ROW }) },
  { method: METHODS.searchInOut, parameters: ({ today }) => ({ begin_date: today, end_date: today, bill_type: '102', ...ONE_ROW_FOUND }) },
  { method: METHODS.searchUse, parameters: ({ today }) => ({ begin_date: today, end_date: today, bill_type: '323', ...ONE_ROW_FOUND }) },
  { method: METHODS.billDetail, parameters: () => ({ bill_code: NO_SUCH_BILL, show_code: '1' }) },
  { method: METHODS.upstreamLines, parameters: ({ today }) => ({ begin_date: today, end_date: today, ...ONE_ROW }) },
  { method: METHODS.upstreamDetail, parameters: ({ refEntId }) => ({ bill_code: NO_SUCH_BILL, from_ref_user_id: refEntId, to_ref_user_id: refEntId }) },
  { method: METHODS.billOfCode, parameters: () => ({ code: NO_SUCH_CODE }) },
  { method: METHODS.ownBillDetail, parameters: () => ({ bill_code: NO_SUCH_BILL }) },
  { method: METHODS.relation, parameters: ({ refEntId }) => ({ code: NO_SUCH_CODE, des_ref_ent_id: refEntId }) },
  { method: METHODS.codeDetail, parameters: () => ({ codes: NO_SUCH_CODE }) },
  { method: METHODS.codeWarning, parameters: () => ({ code: NO_SUCH_CODE }) },
  { method: METHODS.drugTable, parameters: () => ({ physic_name: NO_SUCH_BILL, ...ONE_ROW }) },
  { method: METHODS.ownCounts, parameters: ({ today }) => ({ begin_date: today, end_date: today }) },
  { method: METHODS.upstreamCounts, parameters: ({ today }) => ({ begin_date: today, end_date: today }) },
];

/** an upload would leave a bill behind */
export const UNPROBED_METHODS: readonly Method[] = [METHODS.uploadUse, METHODS.uploadInOut];
