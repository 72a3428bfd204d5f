import type { FaultReason, Outcome } from '../../adapter/domain/outcome.ts';
import { asObject, textOf } from './reply-tree.ts';
import type { TopAnswer } from './top-reply.ts';

/** What a refused upload may mean although it says "no" (mah.md 13.1). */
export type Conflict =
  /** the bill number is used: perhaps by our own earlier attempt */
  | { readonly kind: 'number-exists' }
  /** the codes already flow in the named bills: perhaps somebody uploaded for us */
  | { readonly kind: 'codes-flow'; readonly bills: readonly string[] };

/** code not seen for a used bill number; the texts and the file-name twin are (mah.md 2.6) */
const NUMBER_EXISTS_TEXT = /单据(?:编?号|编码)(?:已存在|重复|已使用)/;
const NUMBER_EXISTS_CODES: ReadonlySet<string> = new Set(['BILL_FILE_NAME_DUPLICATE_UPLOAD']);
const CODES_FLOW = 'FAIL_BIZ_BILL_DUPLICATE';

/** @returns what the refusal may be about besides a refusal, or undefined when it is none of the kind */
export function conflictOf(answer: TopAnswer, ownNumber: string): Conflict | undefined {
  const codes = [answer.msgCode, answer.subMsgCode];
  if (NUMBER_EXISTS_TEXT.test(answer.msgInfo) || codes.some((code) => NUMBER_EXISTS_CODES.has(code))) return { kind: 'number-exists' };
  if (!codes.some((code) => code.startsWith(CODES_FLOW))) return undefined;
  const bills = billsNamedIn(answer.msgInfo);
  return bills.includes(ownNumber) ? { kind: 'number-exists' } : { kind: 'codes-flow', bills };
}

/** @returns at most five words of the text that can be bill numbers; trace codes (20 digits) are none */
function billsNamedIn(text: string): string[] {
  const words = text.match(/[A-Za-z0-9][A-Za-z0-9_-]{3,49}/g) ?? [];
  return [...new Set(words)].filter((word) => /\d/.test(word) && !/^\d{20}$/.test(word)).slice(0, 5);
}

/** Types of code_check_error_info (mah.md 2.6; numbering partly INFERRED). */
const CODE_ERRORS: ReadonlyMap<string, { readonly label: string; readonly reason: FaultReason }> = new Map([
  ['1', { label: '未激活', reason: 'INVALID_CODE' }],
  ['2', { label: '码校验不通过', reason: 'INVALID_CODE' }],
  ['3', { label: '重复', reason: 'DUPLICATE_CODE' }],
  ['4', { label: '已注销', reason: 'INVALID_CODE' }],
  ['5', { label: '已注销或不存在', reason: 'INVALID_CODE' }],
  ['6', { label: '同一单据中有上下级码', reason: 'RULE' }],
  ['7', { label: '批号或日期与码信息不符', reason: 'RULE' }],
]);

/** msg_codes whose meaning is known (mah.md 2.6). */
const BUSINESS_CODES: ReadonlyMap<string, FaultReason> = new Map([
  ['FAIL_BIZ_NOT_CURRENT_OPERATE_CODE', 'CODE_NOT_INBOUND'], ['BILL_DECODE_ERROR', 'CONFIGURATION'], ['FAIL', 'UNKNOWN_TEXT'],
]);

/** The platform stumbled: whether the bill was taken is not known. */
const SYSTEM_CODE = /SYSTEM|SYS_|TIME_?OUT|EXCEPTION|INTERNAL|SERVICE_ERROR/;

/** @returns what a refused upload means when it is about no conflict */
export function failureOf(answer: TopAnswer): Outcome {
  const peerCode = [answer.msgCode, answer.subMsgCode].filter((code) => code !== '').join('/');
  const checked = checkedCodes(answer);
  if (checked !== undefined) return { kind: 'rejected', reason: checked.reason, peerCode, peerText: `${checked.text}${answer.msgInfo === '' ? '' : `；${answer.msgInfo}`}`.slice(0, 1_000), codes: checked.codes };
  const fault = { peerCode, peerText: answer.msgInfo.slice(0, 1_000) };
  if (SYSTEM_CODE.test(answer.msgCode)) return { kind: 'unknown', reason: 'SYSTEM', ...fault };
  const known = BUSINESS_CODES.get(answer.msgCode) ?? BUSINESS_CODES.get(answer.subMsgCode);
  return { kind: 'rejected', reason: known ?? (answer.msgCode.startsWith('FAIL_BIZ') ? 'RULE' : 'UNKNOWN_TEXT'), ...fault };
}

/** Reads `operation_info_map.code_check_error_info`: JSON text {type: codes}, for example {"3":"c1,c2","6":"c2(下级);c1(上级)"}. */
function checkedCodes(answer: TopAnswer): { readonly reason: FaultReason; readonly text: string; readonly codes: readonly string[] } | undefined {
  const map = asObject(answer.member('operation_info_map'));
  const info = map?.['code_check_error_info'] ?? answer.member('code_check_error_info');
  const byType = asObject(info);
  if (byType === undefined) return undefined;
  const parts: string[] = [];
  const codes: string[] = [];
  let reason: FaultReason | undefined;
  for (const [type, listed] of Object.entries(byType)) {
    const named = [...new Set(allText(listed).match(/\d{20}/g) ?? [])];
    if (named.length === 0) continue;
    const known = CODE_ERRORS.get(type) ?? { label: `错误类型 ${type}`, reason: 'INVALID_CODE' as const };
    reason ??= known.reason;
    parts.push(`${known.label} ${String(named.length)} 个`);
    codes.push(...named);
  }
  return reason === undefined ? undefined : { reason, text: parts.join('，'), codes: [...new Set(codes)] };
}

function allText(value: unknown): string {
  return Array.isArray(value) ? value.map((item) => textOf(item)).join(',') : textOf(value);
}
