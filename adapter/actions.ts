import { dirname, isAbsolute, join, resolve } from 'node:path';
import { readFileSync } from 'node:fs';
import { saveDrugs } from './catalogue/drug-store.ts';
import { readDrugFile } from './catalogue/drug-file.ts';
import { readDaySummary } from './checks/day-summary.ts';
import type { ActionContext, Actions, Running } from './cli/actions.ts';
import { explainStartFault, storeTaken } from './cli/start-fault.ts';
import type { Config } from './config/config.ts';
import { createService, type Parts, type Service } from './context.ts';
import { setSwitch } from './delivery/switches.ts';
import type { Drug } from './domain/drug.ts';
import { TraceError } from './domain/error.ts';
import { dryRun } from './dry-run/dry-run.ts';
import { previewSource } from './dry-run/preview.ts';
import { createToken, listTokens, registerCertificate, revokeToken } from './http/token.ts';
import { FreeSpace } from './ops/free-space.ts';
import { openLog, type OpenLog } from './ops/log.ts';
import { announceRunning, readRunning, runningFile, withdrawRunning } from './ops/who-runs.ts';
import { systemClock } from './ops/system-clock.ts';
import type { SqlDriver } from './ports/sql-driver.ts';
import { listRecords } from './store/queries/quarantine-view.ts';
import { openStore, storeFile } from './store/open-store.ts';
import { lockStore, type ExclusiveLock } from './store/sqlite/exclusive.ts';
import { probeAll } from './probe-all.ts';
import { verifyParts } from './verify-parts.ts';

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
    verify: (context) => verifyParts(context.config, parts),
    probe: (context) => probeAll(context, { parts, url: storeUrl(context.config, context.folder), log: log(context, false) }),
    dryRun: async (context, { tried, drugFile, ...request }) => await dryRun({
      ...request, parts, config: tried?.config ?? context.config, storeUrl: storeUrl(context.config, context.folder), nowMs: systemClock.now(),
      ...(drugFile === undefined ? {} : { drugs: triedDrugs(drugFile) }), progress: (done, total) => { context.progress('dry-run', done, total); },
    }),
    preview: (context, request) => previewSource({ ...request, parts, config: context.config, storeUrl: storeUrl(context.config, context.folder), nowMs: systemClock.now() }),
    createToken: (context, options) => withStore(context, async (driver) => {
      const now = systemClock.now();
      const expiresAt = now + options.days * 86_400_000;
      return { ...await createToken(driver, { institution: options.institution, name: options.name, role: options.role, now, expiresAt }), expiresAt };
    }),
    registerCertificate: (context, options) => withStore(context, async (driver) => {
      const now = systemClock.now();
      const expiresAt = now + options.days * 86_400_000;
      return { ...await registerCertificate(driver, options.fingerprint256, { institution: options.institution, name: options.name, role: options.role, now, expiresAt }), expiresAt };
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

/** @throws TraceError USAGE with the first problem of the file */
function triedDrugs(path: string): readonly Drug[] {
  const file = readDrugFile(readFileSync(path), path);
  const [problem] = file.problems;
  if (problem !== undefined) throw new TraceError('USAGE', `${problem.file} 第 ${String(problem.row)} 行 ${problem.column}：${problem.reason}`);
  return file.drugs;
}

function log(context: ActionContext, console: boolean): OpenLog {
  const { config, folder, terminal } = context;
  return openLog({
    level: config.log.level, clock: systemClock, keepDays: config.retention.logDays ?? config.log.keepDays,
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

/** Takes the lock of an embedded store. @throws OperatorFault naming who holds it */
function lockOrExplain(file: string): ExclusiveLock {
  try {
    return lockStore(file);
  } catch (error) {
    throw storeTaken(file, readRunning(runningFile(file)), error);
  }
}

interface Opened { readonly log: OpenLog; driver?: SqlDriver; lock?: ExclusiveLock; space?: FreeSpace; service?: Service; /** file that says who runs on the store */ announced?: string }

async function closeAll(opened: Opened): Promise<void> {
  await opened.service?.stop();
  opened.space?.stop();
  await opened.driver?.close();
  if (opened.announced !== undefined) withdrawRunning(opened.announced);
  opened.lock?.release();
  await opened.log.close();
}

/** Opens store and doors; what was opened is closed again when a later step fails. */
export async function startService(context: ActionContext, deps: { readonly parts: Parts; readonly version: string }): Promise<Running & { readonly service: Service }> {
  const { config } = context;
  const url = storeUrl(config, context.folder);
  const opened: Opened = { log: log(context, true) };
  try {
    const driver = opened.driver = await openStore(url, { log: opened.log });
    const file = driver.dialect === 'sqlite' ? resolve(storeFile(url)) : undefined;
    if (file !== undefined) {
      opened.lock = lockOrExplain(file);
      opened.space = new FreeSpace({ folder: dirname(file), minFreeMB: config.store.minFreeMB, log: opened.log });
      await opened.space.start();
    }
    const service = opened.service = createService({
      config, parts: deps.parts, driver, log: opened.log, alone: file !== undefined, ...(opened.space === undefined ? {} : { space: opened.space }), overrides: { version: deps.version },
    });
    await service.start();
    const addresses = [{ what: 'HTTP', address: service.http.address() }, ...service.sources.map((source) => ({ what: source.name, address: source.address() }))];
    if (file !== undefined) announceRunning(opened.announced = runningFile(file), { pid: process.pid, startedAt: systemClock.now(), addresses: addresses.map(({ address }) => address) });
    return { service, addresses, stop: () => closeAll(opened) };
  } catch (error) {
    await closeAll(opened).catch(() => undefined);
    throw await explainStartFault(error, { host: config.http.host, port: config.http.port, secure: config.http.tls !== undefined });
  }
}
