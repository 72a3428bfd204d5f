/** Why a database did not do what was asked, by family: decides what is tried next and what the operator is told. */
export type RowFaultFamily = 'network' | 'timeout' | 'login' | 'permission' | 'missing' | 'tls' | 'too-old' | 'client' | 'statement' | 'stopped';

const WORDS: Readonly<Record<RowFaultFamily, string>> = {
  'network': '连不上数据库或连接中断；请检查网络、端口与数据库服务，恢复后自动继续',
  'timeout': '数据库没有在时限内答复；请检查是否有锁或慢查询，可给视图的时间列与编号列建索引，或调大 readTimeout',
  'login': '数据库不接受登录；请核对用户名、密码与账号状态',
  'permission': '账号没有所需的权限；请由 DBA 按 sql/his 中的账号脚本授权',
  'missing': '视图、表或列不存在，或账号看不到它；请核对 view 与 columns 的名称',
  'tls': '与数据库的加密协商失败；老版本数据库请见 tls 设置，或在数据库上启用 TLS 1.2',
  'too-old': '数据库版本过低，当前连接方式不支持',
  'client': '本机缺少或不能使用数据库客户端库；请核对客户端目录',
  'statement': '数据库拒绝了语句；请把错误代码交给 DBA 或技术支持',
  'stopped': '正在停止',
};

/** A fault of the HIS database. The driver's text is kept for the log; decisions look at the family only. */
export class RowFault extends Error {
  constructor(readonly family: RowFaultFamily, readonly code: string, readonly text: string, private readonly advice?: string) {
    super(`${family} ${code}: ${text}`);
    this.name = 'RowFault';
  }

  /** @returns one Chinese sentence: what happened and what to do */
  words(): string {
    return `${this.advice ?? WORDS[this.family]}（${this.code}）`;
  }
}

/** @returns the fault as one of ours; whatever is not known to be anything else is a refused statement */
export function asRowFault(error: unknown): RowFault {
  if (error instanceof RowFault) return error;
  const code = (error as { code?: unknown } | null)?.code;
  return new RowFault('statement', typeof code === 'string' ? code : 'UNKNOWN', error instanceof Error ? error.message : String(error));
}
