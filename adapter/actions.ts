import { isAbsolute, join } from 'node:path';
import { readFileSync } from 'node:fs';
import { saveDrugs } from './catalogue/drug-store.ts';
import { readDrugFile } from './catalogue/drug-file.ts';
import { readDaySummary } from './checks/day-summary.ts';
import type { ActionContext, Actions, NamedProbe, Running } from './cli/actions.ts';
import type { Config } from './config/config.ts';
import { createService, type Parts, type Service } from './context.ts';
import { setSwitch } from './delivery/switches.ts';
import { TraceError } from './domain/error.ts';
import { createToken, listTokens, revokeToken } from './http/token.ts';
import { openLog, type OpenLog } from './ops/log.ts';
import { systemClock } from './ops/system-clock.ts';
import type { SqlDriver } from './ports/sql-driver.ts';
import { listRecords } from './store/queries/quarantine-view.ts';
import { openStore, storeFile } from './store/open-store.ts';
import { lockStore, type ExclusiveLock } from './store/sqlite/exclusive.ts';

/** What the command line does, put together from the parts main.ts names. */
export interface ActionParts {
  readonly parts: Parts;
  readonly version: string;
  readonly sandbox: Actions['sandbox'];
  readonly demo: Actions['demo'];
}

export function createActions({ parts, version, sandbox, demo }: ActionParts): Actions {
  const withStore = <T>(context: ActionContext, use: (driver: SqlDriver, log: OpenLog) => Promise<T>): Promise<T> => useStore(context, use);
  /** the product without its doors: what resend and retry work through */
  const withService = <T>(context: ActionContext, use: (service: Service) => Promise<T>): Promise<T> =>
    withStore(context, async (driver, log) => use(createService({ config: context.config, parts, driver, log, alone: false, overrides: { version } })));

  return {
    sandbox, demo,
    start: (context) => startService(context, { parts, version }),
    probe: (context) => probeAll(context, parts),
    createToken: (context, options) => withStore(context, async (driver) => {
      const now = systemClock.now();
      const expiresAt = now + options.days * 86_400_000;
      return { ...await createToken(driver, { institution: options.institution, name: options.name, role: options.role, now, expiresAt }), expiresAt };
    }),
    listTokens: (context) => withStore(context, (driver) => listTokens(driver)),
    revokeToken: (context, tokenId) => withStore(context, (driver) => revokeToken(driver, tokenId, systemClock.now())),
    importDrugs: (context, options) => withStore(context, async (driver) => {
      const file = readDrugFile(readFileSync(options.file), options.file);
      if (file.problems.length === 0) await saveDrugs(driver, options.institution, file.drugs, systemClock.now());
      return { rows: file.rows, written: file.problems.length === 0 ? file.drugs.length : 0, notes: file.notes, problems: file.problems };
    }),
    switchDestination: (context, change) => withStore(context, async (driver) => {
      for (const institution of change.institutions) await setSwitch(driver, { institution, destination: change.destination }, { ...change, nowMs: systemClock.now() });
    }),
    listQuarantine: (context, filter, limit) => withStore(context, async (driver) => {
      const rows = await driver.read((q) => listRecords(q, filter, 'quarantined', { before: undefined, limit }));
      return rows.map((row) => ({
        recordNo: row.record_no, source: row.source, controlId: row.control_id, receivedAt: row.received_at, errorCode: row.error_code ?? '',
        ...(row.error_field === null ? {} : { field: row.error_field }), ...(row.error_value === null ? {} : { value: row.error_value }), ...(row.detail === null ? {} : { detail: row.detail }),
      }));
    }),
    retryQuarantine: (context, filter, options) => withService(context, (service) => service.operations.retryQuarantine(filter, options)),
    resend: (context, filter, options) => withService(context, (service) => service.operations.resend(filter, options)),
    summary: (context, day) => withStore(context, (driver) => readDaySummary(driver, { ...day, destinations: context.config.destinations.map((entry) => entry.name), maxItems: 0 })),
  };
}

function log(context: ActionContext, console: boolean): OpenLog {
  const { config, folder, terminal } = context;
  return openLog({
    level: config.log.level, clock: systemClock, keepDays: config.log.keepDays,
    ...(config.log.dir === undefined ? {} : { dir: isAbsolute(config.log.dir) ? config.log.dir : join(folder, config.log.dir) }),
    ...(console ? { console: { write: terminal.err, style: terminal.json ? 'json' : 'text', color: terminal.tty } } : {}),
  });
}

/** @returns the store's address with a relative file resolved against the folder of the configuration */
export function storeUrl(config: Config, folder: string): string {
  if (!config.store.url.startsWith('file:')) return config.store.url;
  const path = storeFile(config.store.url);
  return `file:${isAbsolute(path) ? path : join(folder, path)}`;
}

async function useStore<T>(context: ActionContext, use: (driver: SqlDriver, log: OpenLog) => Promise<T>): Promise<T> {
  const opened = log(context, false);
  const driver = await openStore(storeUrl(context.config, context.folder), { log: opened });
  try {
    return await use(driver, opened);
  } finally {
    await driver.close();
    await opened.close();
  }
}

/** Opens store and doors; what was opened is closed again when a later step fails. */
export async function startService(context: ActionContext, deps: { readonly parts: Parts; readonly version: string }): Promise<Running & { readonly service: Service }> {
  const opened = log(context, true);
  const url = storeUrl(context.config, context.folder);
  let lock: ExclusiveLock | undefined;
  let driver: SqlDriver | undefined;
  let service: Service | undefined;
  const close = async (): Promise<void> => {
    await service?.stop();
    await driver?.close();
    lock?.release();
    await opened.close();
  };
  try {
    driver = await openStore(url, { log: opened });
    if (driver.dialect === 'sqlite') lock = lockStore(storeFile(url));
    service = createService({ config: context.config, parts: deps.parts, driver, log: opened, alone: driver.dialect === 'sqlite', overrides: { version: deps.version } });
    await service.start();
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
  const running = service;
  return {
    service: running,
    addresses: [{ what: 'HTTP', address: running.http.address() }, ...running.sources.map((source) => ({ what: source.name, address: source.address() }))],
    stop: close,
  };
}

async function probeAll(context: ActionContext, parts: Parts): Promise<readonly NamedProbe[]> {
  const probes: NamedProbe[] = [];
  try {
    await useStore(context, async (driver, opened) => {
      probes.push({ part: 'store', results: [{ what: 'store', ok: true, detail: '数据库可以打开，结构与程序版本相符' }] });
      const service = createService({ config: context.config, parts, driver, log: opened, alone: false });
      for (const source of service.sources) probes.push({ part: `sources.${source.name}`, results: await guarded(source.name, () => source.probe()) });
      for (const destination of service.destinations) {
        probes.push({ part: `destinations.${destination.name}`, results: await guarded(destination.name, () => destination.probe()) });
        await destination.stop();
      }
    });
  } catch (error) {
    const detail = error instanceof TraceError ? error.detail : (error as Error).message;
    probes.push({ part: 'store', results: [{ what: 'store', ok: false, detail: `数据库无法打开：${detail}` }] });
  }
  return probes;
}

async function guarded(what: string, probe: () => Promise<NamedProbe['results']>): Promise<NamedProbe['results']> {
  try {
    return await probe();
  } catch (error) {
    return [{ what, ok: false, detail: `检测时出错：${(error as Error).message}` }];
  }
}

