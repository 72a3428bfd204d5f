import type { FaultReason, PeerFault } from '../../adapter/domain/outcome.ts';
import type { TopError } from './top-reply.ts';

/** What a gateway error means for a call (mah.md 2.5). */
export type ErrorClass =
  /** provably not run; will pass, or is ours to set right in the configuration */
  | { readonly kind: 'unavailable'; readonly fault: PeerFault; readonly retryAfterMs?: number }
  /** refused for what it says; sending the same again changes nothing */
  | { readonly kind: 'refused'; readonly fault: PeerFault }
  /** the method may have run */
  | { readonly kind: 'uncertain'; readonly fault: PeerFault };

/** Call limits of user, session, partner, app, frequency. */
const THROTTLE_CODES: ReadonlySet<number> = new Set([4, 5, 6, 7, 8]);

/** Nothing ran, and nothing will before somebody mends the account, the key or the clock. */
const CONFIGURATION_CODES: ReadonlyMap<number, FaultReason> = new Map([
  [11, 'NOT_GRANTED'], [12, 'NOT_GRANTED'], [13, 'NOT_GRANTED'], [42, 'NOT_GRANTED'],
  [25, 'AUTH'], [26, 'AUTH'], [27, 'AUTH'], [28, 'AUTH'], [29, 'AUTH'], [30, 'CLOCK'], [31, 'CLOCK'],
]);

/** The request itself is malformed. */
const MALFORMED_CODES: ReadonlySet<number> = new Set([3, 9, 21, 22, 23, 24, 32, 33, 34, 40, 41, 43]);

/** what only people can set right is tried again this seldom */
export const CONFIGURATION_RETRY_MS = 60_000;
const DEFAULT_BAN_MS = 1_000;
const MAX_BAN_MS = 900_000;

export function isThrottle(error: TopError): boolean {
  return THROTTLE_CODES.has(error.code) || error.subCode.startsWith('accesscontrol.limited-by');
}

/** @returns whether this application may not call the method */
export function isNotGranted(error: TopError): boolean {
  return CONFIGURATION_CODES.get(error.code) === 'NOT_GRANTED';
}

/** The application may not call the method, or the gateway does not know it: asking again will not help. */
export function isMethodMissing(error: TopError): boolean {
  return error.code === 11 || error.code === 22;
}

/** @returns how long the ban lasts: the seconds named in sub_msg, or one second (mah.md 2.5) */
export function banOf(error: TopError): number {
  const seconds = /(\d{1,6})\s*(?:more\s+)?(?:seconds?\b|秒)/i.exec(error.subMsg)?.[1];
  return seconds === undefined ? DEFAULT_BAN_MS : Math.min(MAX_BAN_MS, Math.max(1, Number(seconds)) * 1_000);
}

/** Classifies by code and sub_code, never by text. */
export function classifyError(error: TopError): ErrorClass {
  const fault = (reason: FaultReason): PeerFault => faultOf(error, reason);
  const { code, subCode } = error;
  if (isThrottle(error)) return { kind: 'unavailable', fault: fault('THROTTLED'), retryAfterMs: banOf(error) };
  if (code === 10) return { kind: 'unavailable', fault: fault('SERVICE_DOWN') };
  const configuration = CONFIGURATION_CODES.get(code);
  if (configuration !== undefined) return { kind: 'unavailable', fault: fault(configuration), retryAfterMs: CONFIGURATION_RETRY_MS };
  if (MALFORMED_CODES.has(code)) return { kind: 'refused', fault: fault('CONFIGURATION') };
  // 15, 50 remote service error: isv.* was refused before it ran, isp.* may have run
  if (subCode.startsWith('isv.')) return { kind: 'refused', fault: fault(isvReason(subCode)) };
  return { kind: 'uncertain', fault: fault(subCode.startsWith('isp.') ? 'SERVER_FAULT' : 'UNKNOWN_TEXT') };
}

function isvReason(subCode: string): FaultReason {
  if (subCode.startsWith('isv.missing-parameter')) return 'MISSING_FIELD';
  return subCode.startsWith('isv.invalid-parameter') ? 'CONFIGURATION' : 'RULE';
}

function faultOf(error: TopError, reason: FaultReason): PeerFault {
  const text = [error.msg, error.subCode, error.subMsg].filter((part) => part !== '').join('；');
  return { reason, peerCode: String(error.code), ...(text === '' ? {} : { peerText: text.slice(0, 500) }) };
}
