import { RowFault } from '../shared/row-pull/row-fault.ts';
import type { RowFaultFamily } from '../shared/row-pull/row-fault.ts';

const FAMILIES: Readonly<Record<RowFaultFamily, readonly string[]>> = {
  'network': [
    'NJS-003', 'NJS-500', 'NJS-501', 'NJS-502', 'NJS-503', 'NJS-504', 'NJS-507', 'NJS-509', 'NJS-511', 'NJS-512', 'NJS-521', 'DPI-1010', 'DPI-1080',
    'ORA-01033', 'ORA-01034', 'ORA-01089', 'ORA-01092', 'ORA-01012', 'ORA-00028', 'ORA-03113', 'ORA-03114', 'ORA-03135', 'ORA-12541', 'ORA-12543', 'ORA-12537', 'ORA-12547', 'ORA-12154', 'ORA-12518', 'ORA-12528',
  ],
  'timeout': ['NJS-040', 'NJS-123', 'NJS-510', 'DPI-1067', 'ORA-01013', 'ORA-12170', 'ORA-00054', 'ORA-01555', 'ORA-00060'],
  'login': ['ORA-01017', 'ORA-01005', 'ORA-28000', 'ORA-28001', 'ORA-12514', 'ORA-12505', 'NJS-517', 'NJS-518', 'ORA-01045'],
  'permission': ['ORA-01031', 'ORA-41900'],
  'missing': ['ORA-00942', 'ORA-00904', 'ORA-04043', 'ORA-01446'],
  'tls': ['NJS-505', 'ORA-28759', 'ORA-28860', 'ORA-29024'],
  'too-old': ['NJS-138', 'NJS-100', 'NJS-116'],
  'client': ['DPI-1047', 'DPI-1072', 'NJS-045', 'NJS-118', 'NJS-090'],
  'statement': [],
  'stopped': [],
};

const ADVICE: Readonly<Record<string, string>> = {
  'NJS-138': '数据库是 Oracle 11g 或更早，Thin 方式只支持 12.1 及以上；请安装 Oracle Instant Client 19，并在该来源配置 mode: thick 与 clientDir，然后重启服务；无法安装客户端时，可请 HIS 改用 REST 或 SOAP 推送',
  'NJS-100': '数据库的国家字符集不是 AL16UTF16，Thin 方式不支持；请安装 Instant Client 并配置 mode: thick',
  'NJS-116': '该账号只有旧式口令验证值（10G），Thin 方式不支持；请由 DBA 重设口令，或安装 Instant Client 并配置 mode: thick',
  'DPI-1047': '找不到 Oracle 客户端库；请核对 clientDir（Linux 上须在启动前把该目录放入库搜索路径），64 位程序须用 64 位客户端',
  'NJS-118': '同一进程已用 Thin 方式连接过；所有 his-oracle 来源须使用相同的 mode，改后重启服务',
};

const FAMILY_OF = new Map(Object.entries(FAMILIES).flatMap(([family, codes]) => codes.map((code) => [code, family as RowFaultFamily] as const)));

/** @returns the driver's error as one of ours, by its code (his.md i.7) */
export function oracleFault(error: unknown): RowFault {
  if (error instanceof RowFault) return error;
  const text = error instanceof Error ? error.message : String(error);
  const given = (error as { code?: unknown } | null)?.code;
  const code = typeof given === 'string' && given !== '' ? given : /\b(?:ORA|NJS|DPI)-\d+/.exec(text)?.[0] ?? 'UNKNOWN';
  // an error that the driver wraps is said in its text: NJS-511 around ORA-12541
  const family = FAMILY_OF.get(code) ?? 'statement';
  return new RowFault(family, code, text.slice(0, 500), ADVICE[code]);
}
