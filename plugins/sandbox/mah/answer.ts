import type { Call, GatewayError } from './gateway.ts';
import { mahSpec, type Member } from './method-table.ts';
import type { MahSettings } from './settings.ts';
import type { MahState } from './state.ts';
import type { CommitHint } from '../platform.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a method comes to: a business reply, or an error of the gateway. `refused` is kept for the counts. */
export type Answer = { readonly value: Fields; readonly refused?: string } | { readonly error: GatewayError };

export interface MethodContext {
  readonly call: Call;
  readonly state: MahState;
  readonly settings: MahSettings;
  readonly now: number;
  readonly hint: CommitHint;
  /** parameter text, empty when it was not sent */
  readonly text: (name: string) => string;
}

const NOT_FOUND = { code: 'FAIL_BIZ_NO_PAT_INFO', info: '信息不存在' };

/** @returns a successful reply; the payload lies under `result`, or at the top for the flat methods */
export function success(method: string, payload: Fields): Answer {
  return { value: framed(method, { ...payload, msg_code: 'SUCCESS', msg_info: '成功' }, true) };
}

/** @returns a business failure: HTTP 200, no error_response, success flag false */
export function failure(method: string, code: string, info: string, more: Fields = {}): Answer {
  return { value: framed(method, { ...more, msg_code: code, msg_info: info }, false), refused: info };
}

export function notFound(method: string): Answer {
  return failure(method, NOT_FOUND.code, NOT_FOUND.info);
}

/** Success flag under the name this method uses, in the place it uses (mah.md section 2.4). */
function framed(method: string, payload: Fields, isSuccess: boolean): Fields {
  const members = mahSpec().methods[method]?.response ?? [];
  const holder = members.find((member) => member.name === 'result' && member.fields !== undefined);
  const inner = holder === undefined ? payload : undefined;
  const flag = flagOf(holder?.fields ?? members);
  if (inner !== undefined) return { ...inner, [flag]: isSuccess };
  return { result: { ...payload, [flag]: isSuccess } };
}

function flagOf(members: readonly Member[]): string {
  return members.some((member) => member.name === 'success') ? 'success' : 'response_success';
}

/** @returns the page that was asked for, by `page` or `cur_page` and `page_size` */
export function pageOf<T>(rows: readonly T[], context: MethodContext): readonly T[] {
  const page = Number(context.text('page') || context.text('cur_page') || '1');
  const size = Number(context.text('page_size') || '20');
  return rows.slice((page - 1) * size, page * size);
}
