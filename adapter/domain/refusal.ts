import type { ErrorCode } from './error.ts';

/** Why a record or an event was not taken: a published code, the field and value at fault, and what to do. */
export interface Refusal {
  readonly code: ErrorCode;
  /** field in the sender's own terms: `RXD-4`, `lines[0].quantity` */
  readonly field?: string;
  /** the offending value, cut to 100 characters; never patient data */
  readonly value?: string;
  /** one sentence of detail in Chinese, shown after the code's own text */
  readonly detail?: string;
}

/** @returns a refusal whose value is cut short enough to be shown. */
export function refusal(code: ErrorCode, at: { readonly field?: string; readonly value?: string | number; readonly detail?: string } = {}): Refusal {
  return {
    code,
    ...(at.field === undefined ? {} : { field: at.field }),
    ...(at.value === undefined ? {} : { value: String(at.value).slice(0, 100) }),
    ...(at.detail === undefined ? {} : { detail: at.detail }),
  };
}
