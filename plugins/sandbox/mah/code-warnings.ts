import { success, type Answer, type MethodContext } from './answer.ts';
import { callerOf } from './identity.ts';
import { resultTypeAt, type Bill } from './state.ts';

type Fields = Readonly<Record<string, unknown>>;

/** mah.md section 7: kinds of warnings and their level (1 high, 2 low) */
const KINDS = {
  1: { level: 1, text: '其他终端已上传终结类单据' }, 2: { level: 1, text: '该追溯码已在其他终端使用出库' }, 3: { level: 2, text: '该追溯码在其他终端流通且无退回单据' },
  4: { level: 2, text: '生产企业未激活该追溯码' }, 5: { level: 1, text: '不属于本平台码段' }, 6: { level: 1, text: '追溯码已注销' },
} as const;
type Kind = keyof typeof KINDS;

const TERMINATING = ['205', '206', '216'];
const USE_OUT = ['321', '322', '323'];

/** codewarn.getwarninfo: what other terminals did with the code, and what is wrong with the code itself; empty = clean. */
export function codeWarning(context: MethodContext): Answer {
  const { call, settings, text } = context;
  const code = text('code');
  const kinds = [...elsewhere(code, context), ...ofCode(code, context)];
  const listed = settings.codeWarnings[code] ?? [];
  const rows = [...kinds, ...listed.filter((kind) => !kinds.some((known) => known.kind === kind)).map((kind) => ({ kind, bill: undefined }))];
  return success(call.method, { model: rows.map(({ kind, bill }) => rowOf(code, kind, bill, context)) });
}

interface Found { readonly kind: Kind; readonly bill: Bill | undefined }

function ofCode(code: string, { settings }: MethodContext): readonly Found[] {
  const state = settings.codeStates[code];
  if (!/^8\d{19}$/.test(code)) return [{ kind: 5, bill: undefined }];
  return state === undefined ? [] : [{ kind: state === 'N' ? 4 : state === 'C' ? 6 : 5, bill: undefined }];
}

/** The last thing each other enterprise did with the code or a package around it. */
function elsewhere(code: string, context: MethodContext): readonly Found[] {
  const { state, now } = context;
  const own = callerOf(context)?.refEntId;
  const bills = [code, ...state.packages.ancestors(code)].flatMap((each) => state.movements(each)).filter((bill) => bill.refEntId !== own && resultTypeAt(bill, now) === '3');
  const last = new Map(bills.sort((left, right) => left.seq - right.seq).map((bill) => [bill.refEntId, bill]));
  return [...last.values()].flatMap((bill): Found[] => {
    if (TERMINATING.includes(bill.billType)) return [{ kind: 1, bill }];
    if (USE_OUT.includes(bill.billType)) return [{ kind: 2, bill }];
    return bill.billType.startsWith('1') ? [{ kind: 3, bill }] : [];
  });
}

function rowOf(code: string, kind: Kind, bill: Bill | undefined, { state }: MethodContext): Fields {
  const { level, text } = KINDS[kind];
  return {
    warning_code: code, code_level: state.packages.find(code)?.package.level ?? 1, warning_level: level, warning_level_desc: level === 1 ? '高' : '低', warning_info_type: kind, warning_info_desc: text,
    ...(bill === undefined ? {} : { warning_date_desc: bill.billTime, warning_bill_type_desc: bill.billType, warning_ent_org_type_desc: '医疗机构', warning_prov_desc: '示范省' }),
  };
}
