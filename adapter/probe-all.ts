import { createServer } from 'node:net';
import type { ActionContext, NamedProbe } from './cli/actions.ts';
import { createService, type Parts } from './context.ts';
import { describeError, TraceError, type Language } from './domain/error.ts';
import type { OpenLog } from './ops/log.ts';
import { readRunning, runningFile, type RunningService } from './ops/who-runs.ts';
import type { ProbeResult } from './ports/probe.ts';
import type { SqlDriver } from './ports/sql-driver.ts';
import { openStore, storeFile } from './store/open-store.ts';

interface ProbeDeps { readonly parts: Parts; /** address of the store, relative files resolved */ readonly url: string; readonly log: OpenLog }

/** Tries the store, the HTTP port, every source and every destination; what the service itself holds while it runs is no fault. */
export async function probeAll(context: ActionContext, deps: ProbeDeps): Promise<readonly NamedProbe[]> {
  const { config, language } = context;
  const say = (zh: string, en: string): string => (language === 'zh' ? zh : en);
  const probes: NamedProbe[] = [];
  const running = deps.url.startsWith('file:') ? readRunning(runningFile(storeFile(deps.url))) : undefined;
  let driver: SqlDriver | undefined;
  try {
    driver = await openStore(deps.url, { log: deps.log });
    probes.push({ part: 'store', results: [{ what: say('数据库', 'store'), ok: true, detail: say('可以打开，结构与程序版本相符', 'can be opened and fits this version') }] });
    probes.push({ part: 'http', results: [ownOr(running, await probePort(config.http, say), say)] });
    const service = createService({ config, parts: deps.parts, driver, log: deps.log, alone: false });
    for (const source of service.sources) probes.push({ part: `sources.${source.name}`, results: (await guarded(source.name, say, () => source.probe())).map((result) => ownOr(running, result, say, source.address())) });
    for (const destination of service.destinations) {
      probes.push({ part: `destinations.${destination.name}`, results: await guarded(destination.name, say, () => destination.probe()) });
      await destination.stop();
    }
  } catch (error) {
    probes.push({ part: driver === undefined ? 'store' : 'his-trace', results: [{ what: driver === undefined ? say('数据库', 'store') : say('检测', 'probe'), ok: false, detail: textOf(error, language) }] });
  } finally {
    await driver?.close();
    await deps.log.close();
  }
  return probes;
}

/** @returns the published text of a fault with its remedy; another fault's own words */
function textOf(error: unknown, language: Language): string {
  if (!(error instanceof TraceError)) return (error as Error).message;
  const { message, action } = describeError(error.code, error.detail, language);
  return `${message}${language === 'zh' ? '；' : '; '}${action}`;
}

type Say = (zh: string, en: string) => string;

/** A port that our own running service listens at is as it should be. */
function ownOr(running: RunningService | undefined, result: ProbeResult, say: Say, address?: string): ProbeResult {
  if (result.ok || running === undefined) return result;
  const at = portOf(address ?? result.detail);
  const held = running.addresses.find((one) => at !== undefined && portOf(one) === at);
  if (held === undefined) return result;
  return { what: result.what, ok: true, detail: say(`${held} 由正在运行的本服务（进程 ${String(running.pid)}）监听`, `${held} is held by this very service, running as process ${String(running.pid)}`) };
}

function portOf(text: string): string | undefined {
  return /:(\d{1,5})(?!.*:\d)/.exec(text)?.[1];
}

async function probePort(http: { readonly host: string; readonly port: number }, say: Say): Promise<ProbeResult> {
  const what = say('HTTP 端口', 'HTTP port');
  const at = `${http.host}:${String(http.port)}`;
  const code = await new Promise<string | undefined>((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => { resolve(error.code ?? 'error'); });
    server.listen(http.port, http.host, () => { server.close(() => { resolve(undefined); }); });
  });
  if (code === undefined) return { what, ok: true, detail: say('可以监听', 'can be listened at') };
  return { what, ok: false, detail: code === 'EADDRINUSE' ? say(`已被其它程序占用，请换端口或结束该程序：${at}`, `held by another program, use another port or end it: ${at}`) : say(`不能监听（${code}），请核对 http.host：${at}`, `cannot be listened at (${code}), check http.host: ${at}`) };
}

async function guarded(what: string, say: Say, probe: () => Promise<readonly ProbeResult[]>): Promise<readonly ProbeResult[]> {
  try {
    return await probe();
  } catch (error) {
    return [{ what, ok: false, detail: say(`检测时出错：${(error as Error).message}`, `the probe failed: ${(error as Error).message}`) }];
  }
}
