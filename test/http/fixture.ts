import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interpretJson, INTERPRETER, readEvents } from '../../connectors/his-rest/index.ts';
import type { TraceEvent } from '../../adapter/domain/event.ts';
import type { HttpDeps, ReadinessCheck } from '../../adapter/http/http-deps.ts';
import type { DestinationSwitch, OperationOptions } from '../../adapter/http/operations.ts';
import { ROLES } from '../../adapter/http/roles.ts';
import type { Role } from '../../adapter/http/roles.ts';
import { createHttpServer } from '../../adapter/http/server.ts';
import type { HttpConfig, HttpServer } from '../../adapter/http/server.ts';
import { createToken } from '../../adapter/http/token.ts';
import type { HisRecord, Interpretation } from '../../adapter/ports/his-record.ts';
import type { EventAnswer, Intake, IntakeAnswer } from '../../adapter/ports/intake.ts';
import type { LogFields } from '../../adapter/ports/log.ts';
import type { SqlDriver } from '../../adapter/ports/sql-driver.ts';
import { migrate } from '../../adapter/store/migrate.ts';
import { openPostgres } from '../../adapter/store/postgres/driver.ts';
import { openSqlite } from '../../adapter/store/sqlite/driver.ts';
import { postgresOrSkip } from '../support/postgres.ts';
import type { TestPostgres } from '../support/postgres.ts';

export const A = 'H89990000001';
export const B = 'H89990000002';

/** Intake that remembers what it was given and takes every event, unless told to answer otherwise. */
export class RememberingIntake implements Intake {
  readonly submitted: { readonly record: HisRecord; readonly interpretation: Interpretation }[] = [];
  answer: ((record: HisRecord, interpretation: Interpretation) => IntakeAnswer) | undefined;

  submit(record: HisRecord, interpretation: Interpretation): Promise<IntakeAnswer> {
    this.submitted.push({ record, interpretation });
    return Promise.resolve((this.answer ?? takeAll)(record, interpretation));
  }
}

export function takeAll(record: HisRecord, interpretation: Interpretation): IntakeAnswer {
  if (interpretation.kind === 'refused') return { kind: 'quarantined', refusal: interpretation.refusal };
  if (interpretation.kind === 'noted') return { kind: 'noted', reason: interpretation.reason };
  const events = interpretation.events.map((event): EventAnswer => ({ id: event.id, status: 'accepted', assigned: [], findings: [] }));
  return { kind: 'taken', events };
}

export interface Answer { readonly status: number; readonly headers: Headers; readonly text: string; readonly json: Record<string, unknown> }

export interface CallOptions {
  readonly token?: string | undefined;
  readonly method?: string;
  readonly body?: unknown;
  readonly raw?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpFixture {
  readonly driver: SqlDriver;
  readonly intake: RememberingIntake;
  readonly server: HttpServer;
  readonly deps: HttpDeps;
  readonly clock: { ms: number };
  readonly logged: { readonly level: string; readonly message: string; readonly fields: LogFields | undefined }[];
  readonly operations: { readonly name: string; readonly argument: unknown; readonly options: OperationOptions | undefined }[];
  readiness: readonly ReadinessCheck[];
  /** token of a role for institution A, B, or '*' */
  token(role: Role, institution?: string): string;
  call(path: string, options?: CallOptions): Promise<Answer>;
  close(): Promise<void>;
}

export interface TestStore { readonly driver: SqlDriver; readonly close: () => Promise<void> }

/** An empty store with the product's own schema, in a folder that goes away with it. */
export async function openStore(): Promise<TestStore> {
  const folder = mkdtempSync(join(tmpdir(), 'his-trace-http-'));
  const driver = openSqlite({ path: join(folder, 'store.db') });
  await migrate(driver);
  return { driver, close: async () => { await driver.close(); rmSync(folder, { recursive: true, force: true }); } };
}

/** Runs a suite on each database; `open` gives an empty store of its own. */
export function onBothStores(suite: (open: () => Promise<TestStore>) => void): void {
  describe('on SQLite', () => { suite(openStore); });
  describe('on PostgreSQL', () => {
    let postgres: TestPostgres | undefined;
    before(async function () { postgres = await postgresOrSkip(this); });
    suite(async () => {
      if (postgres === undefined) throw new Error('no PostgreSQL');
      const database = await postgres.createDatabase();
      const driver = await openPostgres({ url: database.url });
      await migrate(driver);
      return { driver, close: async () => { await driver.close(); await database.drop(); } };
    });
  });
}

export async function startHttp(options: { readonly config?: Partial<HttpConfig>; readonly deps?: Partial<HttpDeps>; readonly open?: () => Promise<TestStore> } = {}): Promise<HttpFixture> {
  const store = await (options.open ?? openStore)();
  const intake = new RememberingIntake();
  const clock = { ms: Date.parse('2026-11-22T12:00:00+08:00') };
  const logged: HttpFixture['logged'] = [];
  const operations: HttpFixture['operations'] = [];
  const write = (level: string) => (message: string, fields?: LogFields) => { logged.push({ level, message, fields }); };
  const state = { readiness: [{ what: '库', ok: true, detail: '可写' }] as readonly ReadinessCheck[] };
  const deps: HttpDeps = {
    driver: store.driver, intake,
    rest: { interpreter: INTERPRETER, read: readEvents },
    institutions: [{ code: A, name: '甲医院', region: '350102' }, { code: B, name: '乙医院', region: '350102' }],
    destinations: ['insurance', 'mah'],
    operations: {
      resend: (argument, asked) => { operations.push({ name: 'resend', argument, options: asked }); return Promise.resolve({ matched: 3, changed: asked.dryRun ? 0 : 3, skipped: [] }); },
      retryQuarantine: (argument, asked) => { operations.push({ name: 'retry', argument, options: asked }); return Promise.resolve({ matched: 2, changed: asked.dryRun ? 0 : 1, skipped: [{ reason: '仍无法解读', count: 1 }] }); },
      switchDestination: (argument: DestinationSwitch) => { operations.push({ name: 'switch', argument, options: undefined }); return Promise.resolve(); },
    },
    metrics: () => Promise.resolve('his_trace_up 1\n'),
    readiness: () => Promise.resolve(state.readiness),
    count: () => undefined,
    clock: { now: () => clock.ms, sleep: () => Promise.resolve() },
    log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    version: '0.0.0-test',
    ...options.deps,
  };
  const server = createHttpServer({ config: { port: 0, ...options.config }, deps });
  const tokens = new Map<string, string>();
  for (const role of ROLES) {
    for (const institution of [A, B, '*']) {
      const made = await createToken(store.driver, { institution, name: `${role}@${institution}`, role, now: clock.ms });
      tokens.set(`${role}@${institution}`, made.token);
    }
  }
  await server.start();
  return {
    driver: store.driver, intake, server, deps, clock, logged, operations,
    get readiness() { return state.readiness; },
    set readiness(checks) { state.readiness = checks; },
    token: (role, institution = A) => tokens.get(`${role}@${institution}`) ?? '',
    call: (path, call) => callServer(server.address() + path, call),
    close: async () => { await server.stop(); await store.close(); },
  };
}

export async function callServer(url: string, options: CallOptions = {}): Promise<Answer> {
  const body = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
  const response = await fetch(url, {
    method: options.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(body === undefined ? {} : { body: body as NonNullable<RequestInit['body']> }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').startsWith('application/json');
  return { status: response.status, headers: response.headers, text, json: isJson && text !== '' ? (JSON.parse(text) as Record<string, unknown>) : {} };
}

/** A valid dispense of one line; synthetic codes begin 8999. */
export function dispense(id: string, changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id, source: 'his', institution: A, kind: 'dispense', occurredAt: '2026-11-22T09:31:05+08:00', documentNo: `CF-${id}`, location: '西药房',
    patient: { visitNo: `V-${id}`, class: 'outpatient', name: '张三丰', idType: '01', idNo: '350102199001011234' },
    lines: [{ lineNo: '1', drug: 'YP00012', quantity: '1', unit: '盒', split: false, codes: ['89990010000000011234'] }],
    ...changes,
  };
}

/** Reads a stored REST record the way a retry would. */
export function reread(record: HisRecord): TraceEvent | undefined {
  const read = interpretJson(record);
  return read.kind === 'events' ? read.events[0] : undefined;
}
