import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveDrugs } from '../../adapter/catalogue/drug-store.ts';
import type { Config } from '../../adapter/config/config.ts';
import { loadConfig } from '../../adapter/config/load.ts';
import type { Parts } from '../../adapter/context.ts';
import { createPlayer, type Player } from '../../adapter/dry-run/compose.ts';
import { dryRun, type DryRunOptions, type DryRunReport } from '../../adapter/dry-run/dry-run.ts';
import type { EventDifferences } from '../../adapter/dry-run/difference.ts';
import type { HisRow } from '../../adapter/ports/row.ts';
import type { IntakeAnswer } from '../../adapter/ports/intake.ts';
import type { SqlDriver } from '../../adapter/ports/sql-driver.ts';
import { migrate } from '../../adapter/store/migrate.ts';
import { openSqlite } from '../../adapter/store/sqlite/driver.ts';
import { interpretJson, INTERPRETER, readEvents } from '../../connectors/his-rest/index.ts';
import { destinations, sources } from '../../connectors/registry.ts';
import { mappings, rowMappings } from '../../mappings/registry.ts';
import { loadRowMapping, rowReading } from '../../mappings/shared/index.ts';
import { DRUGS, HOSPITAL } from '../support/test-hospital.ts';

export const PARTS: Parts = {
  sources, destinations, mappings, rest: { interpreter: INTERPRETER, read: readEvents }, interpretRest: interpretJson,
  changedMapping: (mapping, text) => {
    const base = rowMappings.find(({ name }) => name === mapping.name);
    const loaded = base === undefined ? undefined : loadRowMapping(base, text);
    return loaded === undefined || 'problems' in loaded ? loaded : { mapping: { ...mapping, fromRow: rowReading(loaded.mapping) } };
  },
};

const HEAD = `institutions: [{ code: ${HOSPITAL.code}, name: 示范医院, region: "350102" }]\n`;
const SOURCE = 'connector: his-mssql, connection: "${HIS_DB}"';
export const DESTINATIONS = 'destinations: { insurance: { connector: nhsa, baseUrl: "http://127.0.0.1:9", signIn: false, operator: { type: "1", code: "001", name: 系统 } } }\n';

/** @param more keys of the source `his-db`: `mappingFile: "m.yaml"` */
export function configText(more = '', rest = DESTINATIONS): string {
  return `${HEAD}sources: { his-db: { ${SOURCE}${more === '' ? '' : `, ${more}`} } }\n${rest}`;
}

export function configOf(text: string, files: Readonly<Record<string, string>> = {}): Config {
  const loaded = loadConfig(text, { env: { HIS_DB: 'Server=127.0.0.1,9;Database=his;User Id=u;Password=p' }, parts: PARTS, readFile: (path) => files[path] ?? '' });
  if (loaded.ok === undefined) throw new Error(loaded.problems.map(({ path, reason }) => `${path} ${reason}`).join('\n'));
  return loaded.ok;
}

/** A store with what the HIS database has sent, taken by the real intake. */
export class FilledStore {
  readonly folder = mkdtempSync(join(tmpdir(), 'his-trace-dry-run-'));
  readonly path = join(this.folder, 'store.db');
  readonly #driver: SqlDriver;
  #player: Player | undefined;
  #at = Date.parse('2026-11-22T01:00:00Z');

  constructor(driver?: SqlDriver, readonly url = `file:${this.path}`) {
    this.#driver = driver ?? openSqlite({ path: this.path, log: { sync: () => Promise.resolve(), close: () => Promise.resolve() } });
  }

  async open(config: Config = configOf(configText())): Promise<this> {
    await migrate(this.#driver);
    await saveDrugs(this.#driver, HOSPITAL.code, DRUGS, 0);
    this.#player = createPlayer({ config, parts: PARTS, driver: this.#driver });
    return this;
  }

  /** Takes the rows of one event, a second after the last. */
  async take(...rows: readonly HisRow[]): Promise<IntakeAnswer> {
    if (this.#player === undefined) throw new Error('not open');
    const record = { institution: HOSPITAL.code, source: 'his-db', controlId: rows[0]?.['EVENT_ID'] ?? '', media: 'row' as const, charset: 'utf-8', bytes: Buffer.from(JSON.stringify(rows)), interpreter: 'his-db' };
    this.#player.clock.put(this.#at += 1_000);
    return await this.#player.intake.submit(record, this.#player.interpreters.get('his-db')?.(record) ?? { kind: 'noted', reason: '' });
  }

  /** What the platforms have taken by now. */
  async sendAll(): Promise<void> {
    await this.#driver.write((q) => q.run(`UPDATE delivery SET state = 'accepted', attempts = 1, first_sent_at = ?, settled_at = ? WHERE state IN ('queued', 'held')`, [this.#at, this.#at]));
  }

  run(sql: string, ...params: (string | number | Uint8Array)[]): Promise<number> {
    return this.#driver.write((q) => q.run(sql, params));
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** Nothing may be open when bytes are compared. */
  close(): Promise<void> {
    return this.#driver.close();
  }

  async dryRun(config: Config, options: Partial<DryRunOptions> & { readonly limit?: number } = {}): Promise<DryRunReport & { readonly found: readonly EventDifferences[] }> {
    const found: EventDifferences[] = [];
    const report = await dryRun({
      config, parts: PARTS, storeUrl: this.url, selection: { institution: HOSPITAL.code, limit: options.limit ?? 10_000 }, nowMs: this.#at + 60_000, onDifference: (one) => { found.push(one); }, ...options,
    });
    return { ...report, found };
  }

  async remove(): Promise<void> {
    await this.#driver.close().catch(() => undefined);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** One row of our documented view. */
export function row(id: string, more: HisRow = {}): HisRow {
  return { EVENT_ID: id, ROW_ID: `${id}-1`, EVENT_KIND: 'dispense', OCCURRED_AT: '2026-11-22 09:31:05', LINE_NO: '1', DRUG_CODE: 'YP1', QUANTITY: '1', UNIT: '盒', IS_SPLIT: '0', LOCATION: '西药房', ...more };
}
