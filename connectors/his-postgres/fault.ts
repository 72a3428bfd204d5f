import { RowFault } from '../shared/row-pull/row-fault.ts';
import type { RowFaultFamily } from '../shared/row-pull/row-fault.ts';

const FAMILIES: Readonly<Record<RowFaultFamily, readonly string[]>> = {
  'network': [
    '57P01', '57P02', '57P03', '57P04', '57P05', '53300', '08000', '08001', '08003', '08004', '08006', '08007',
    'ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT', 'EACCES',
  ],
  // a query cancelled, a lock not given, a standby that had to drop the rows under it, a deadlock
  'timeout': ['57014', '55P03', '40001', '40P01', 'ETIMEDOUT'],
  'login': ['28000', '28P01', '3D000'],
  'permission': ['42501', '25006'],
  'missing': ['42P01', '42703', '3F000'],
  'tls': [],
  'too-old': [],
  'client': [],
  'statement': [],
  'stopped': [],
};
const FAMILY_OF = new Map(Object.entries(FAMILIES).flatMap(([family, codes]) => codes.map((code) => [code, family as RowFaultFamily] as const)));

const ADVICE: Readonly<Record<string, string>> = {
  '25006': '数据库当前只读（备库，或账号设为只读事务）；send-flag 与 sideTable 须连主库，并由 DBA 按 sql/his 中的账号脚本授予标记的权限',
  '3D000': '数据库名不存在；请核对 connection 中的库名',
  '53300': '数据库的连接数已满；请由 DBA 为本账号预留连接，恢复后自动继续',
};

/** The client library has no codes for these; everything else is told by code (his.md i.7). */
const LOST = /^(Connection terminated|Client (has encountered a connection error|was closed) and is not queryable|Client was closed)/;
const SLOW = /^(timeout expired|Query read timeout|Connection terminated due to connection timeout)/;
const NO_TLS = /^(The server does not support SSL connections|There was an error establishing an SSL connection)/;

/** @returns the driver's error as one of ours */
export function postgresFault(error: unknown): RowFault {
  if (error instanceof RowFault) return error;
  const text = (error instanceof Error ? error.message : String(error)).slice(0, 500);
  const given = (error as { code?: unknown } | null)?.code ?? (error instanceof AggregateError ? (error.errors[0] as { code?: unknown } | undefined)?.code : undefined);
  const code = typeof given === 'string' && given !== '' ? given : 'UNKNOWN';
  if (NO_TLS.test(text) || /^(ERR_SSL|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|CERT_)/.test(code)) return new RowFault('tls', code, text);
  if (code === 'UNKNOWN' && SLOW.test(text)) return new RowFault('timeout', 'TIMEOUT', text);
  if (code === 'UNKNOWN' && LOST.test(text)) return new RowFault('network', 'LOST', text);
  return new RowFault(FAMILY_OF.get(code) ?? 'statement', code, text, ADVICE[code]);
}
