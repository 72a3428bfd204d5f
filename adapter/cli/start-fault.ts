import { chinaDateTime } from '../domain/china-time.ts';
import { TraceError } from '../domain/error.ts';
import type { RunningService } from '../ops/who-runs.ts';
import { OperatorFault } from './operator-fault.ts';

/** How a person ends the process; services installed with systemd have their own way. */
function endOf(pid: number): { readonly zh: string; readonly en: string } {
  const kill = process.platform === 'win32' ? `taskkill /PID ${String(pid)}` : `kill ${String(pid)}`;
  return { zh: `${kill}（用 systemd 安装的用 systemctl stop his-trace）`, en: `${kill} (with systemd: systemctl stop his-trace)` };
}

/** @returns the fault of a second `start` on a store that a running service holds */
export function storeTaken(storeFile: string, holder: RunningService | undefined, cause: unknown): OperatorFault {
  if (holder === undefined) {
    return new OperatorFault('STORE_UNAVAILABLE',
      { message: `另一个 his-trace 服务正在使用 ${storeFile}`, action: '一个数据库只能运行一个服务：先停止另一个再启动，或为本服务配置另一个 store.url 和端口' },
      { message: `another his-trace service runs on ${storeFile}`, action: 'one store, one service: stop the other one first, or give this one a store.url and ports of its own' }, { cause });
  }
  const end = endOf(holder.pid);
  const since = holder.startedAt === 0 ? '' : chinaDateTime(holder.startedAt);
  const at = holder.addresses.join(' ');
  return new OperatorFault('STORE_UNAVAILABLE',
    { message: `服务已在运行：进程 ${String(holder.pid)}${since === '' ? '' : `，${since} 启动`}，使用 ${storeFile}${at === '' ? '' : `，监听 ${at}`}`, action: `无需再次启动；要重启先结束它：${end.zh}` },
    { message: `the service is running already: process ${String(holder.pid)}${since === '' ? '' : `, started ${since}`}, on ${storeFile}${at === '' ? '' : `, listening at ${at}`}`, action: `no need to start it again; to restart, end it first: ${end.en}` }, { cause });
}

const ASK_MS = 1_000;

/** @returns the version of a his-trace that answers at this address, undefined when it is another program or silent */
async function versionAt(address: string): Promise<string | undefined> {
  try {
    const reply = await fetch(`${address}/healthz`, { signal: AbortSignal.timeout(ASK_MS) });
    const { status, version } = await reply.json() as { readonly status?: unknown; readonly version?: unknown };
    return status === 'ok' && typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}

/** @returns the fault in the operator's words when the HTTP port is held by another his-trace; anything else as it came */
export async function explainStartFault(error: unknown, http: { readonly host: string; readonly port: number; readonly secure: boolean }): Promise<unknown> {
  if (!(error instanceof TraceError) || error.code !== 'PORT_IN_USE' || !error.detail.startsWith('http ')) return error;
  const reachable = http.host === '0.0.0.0' || http.host === '::' ? '127.0.0.1' : http.host;
  const version = http.secure ? undefined : await versionAt(`http://${reachable}:${String(http.port)}`);
  const port = `${http.host}:${String(http.port)}`;
  if (version === undefined) {
    return new OperatorFault('PORT_IN_USE',
      { message: `HTTP 端口 ${port} 已被其它程序占用`, action: `换一个 http.port，或结束占用它的程序（${process.platform === 'win32' ? 'netstat -ano' : 'ss -ltnp'} 可查是谁）` },
      { message: `the HTTP port ${port} is held by another program`, action: `set another http.port, or end that program (${process.platform === 'win32' ? 'netstat -ano' : 'ss -ltnp'} shows which)` }, { cause: error });
  }
  return new OperatorFault('PORT_IN_USE',
    { message: `HTTP 端口 ${port} 由另一个正在运行的 his-trace 服务（版本 ${version}）占用，它用的是别的数据库`, action: '同一套服务不必重复启动；要并行运行第二套，请给它另外的 http.port、来源端口和 store.url' },
    { message: `the HTTP port ${port} is held by another running his-trace service (version ${version}) with a store of its own`, action: 'do not start the same service twice; a second one needs its own http.port, source ports and store.url' }, { cause: error });
}
