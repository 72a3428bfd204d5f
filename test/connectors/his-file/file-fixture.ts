import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableReader } from '../../../adapter/catalogue/csv-stream.ts';
import { systemClock } from '../../../adapter/ops/system-clock.ts';
import type { CatalogueIntake } from '../../../adapter/ports/catalogue-intake.ts';
import type { Counters } from '../../../adapter/ports/counters.ts';
import type { Intake } from '../../../adapter/ports/intake.ts';
import type { LogFields } from '../../../adapter/ports/log.ts';
import { nodeFiles } from '../../../connectors/his-file/folders.ts';
import type { FileSystem } from '../../../connectors/his-file/folders.ts';
import type { FileSettings } from '../../../connectors/his-file/settings.ts';
import { FileSource } from '../../../connectors/his-file/source.ts';
import { hl7Files } from '../../../connectors/his-hl7v2/index.ts';
import { restFiles } from '../../../connectors/his-rest/index.ts';
import { standard } from '../../../mappings/standard/index.ts';
import { FakeIntake } from '../../support/fake-intake.ts';
import { memoryCounters } from '../../support/memory-counters.ts';

export const HOME = 'H35010200001';
export const OTHER = 'H35010200002';

export interface Watched {
  readonly folder: string;
  readonly intake: FakeIntake;
  readonly warnings: readonly { readonly message: string; readonly fields: LogFields }[];
  /** puts a file into the folder whole */
  put(name: string, content: string | Uint8Array): void;
  open(options?: WatchOptions): FileSource;
  /** names in a folder below the watched one, files of day folders included */
  names(folder?: string): string[];
  text(path: string): string;
  clear(): Promise<void>;
}

export interface WatchOptions {
  readonly settings?: Partial<FileSettings>;
  readonly institutions?: readonly string[];
  readonly fs?: Partial<FileSystem>;
  readonly intake?: Intake;
  readonly counters?: Counters;
  readonly catalogue?: CatalogueIntake;
}

/** A folder of its own, watched every few milliseconds. */
export function watchedFolder(): Watched {
  const folder = mkdtempSync(join(tmpdir(), 'his-trace-file-'));
  const intake = new FakeIntake();
  const counters = memoryCounters();
  const warnings: { message: string; fields: LogFields }[] = [];
  const opened: FileSource[] = [];
  const write = (message: string, fields: LogFields = {}): void => { warnings.push({ message, fields }); };
  return {
    folder, intake, warnings,
    put: (name, content) => { writeFileSync(join(folder, name), content); },
    open: (options = {}) => {
      const source = new FileSource({
        name: 'his-out', mapping: standard, intake: options.intake ?? intake, counters: options.counters ?? counters, clock: systemClock, tables: tableReader,
        settings: {
          folder, every: 20, completeWhen: 'stable', markerSuffix: '.ready', ignore: [], charset: 'auto', maxFileBytes: 536_870_912, maxWholeBytes: 52_428_800, maxEventRows: 10_000, maxInFlight: 32, xmlUnit: '盒',
          ...options.settings,
        },
        institutions: (options.institutions ?? [HOME]).map((code) => ({ code, name: '示范医院', region: '350102' })),
        log: { debug: () => undefined, info: () => undefined, warn: write, error: write }, count: () => undefined,
        ...(options.catalogue === undefined ? {} : { catalogue: options.catalogue }),
      }, { hl7: hl7Files, json: restFiles }, { ...nodeFiles, ...options.fs });
      opened.push(source);
      return source;
    },
    names: (below = '') => list(join(folder, below)),
    text: (path) => readFileSync(join(folder, path), 'utf8'),
    clear: async () => {
      intake.release();
      await Promise.all(opened.map((source) => source.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function list(folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  return readdirSync(folder).flatMap((name) => (statSync(join(folder, name)).isDirectory() ? (/^\d{4}-\d\d-\d\d$/.test(name) ? list(join(folder, name)) : []) : [name])).sort();
}

export const HEADS = '事件编号,业务时间,药品编码,药品名称,数量,单位,追溯码';

/** @returns a row of a csv under HEADS */
export function csvRow(id: string, more: { readonly drug?: string; readonly quantity?: string; readonly code?: string } = {}): string {
  return `${id},2026-11-22 09:31:05,${more.drug ?? 'YP1'},阿莫西林,${more.quantity ?? '1'},盒,${more.code ?? code(id)}`;
}

/** @returns a synthetic code that differs by id */
export function code(id: string): string {
  const serial = [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_000_007, 7);
  return `8999001${String(serial).padStart(9, '0').slice(-9)}1237`;
}
