import { isAbsolute, resolve } from 'node:path';
import { TraceError } from '../../adapter/domain/error.ts';
import { refusal } from '../../adapter/domain/refusal.ts';
import type { CatalogueDoor } from '../../adapter/ports/catalogue-intake.ts';
import type { HisRecord, Interpretation } from '../../adapter/ports/his-record.ts';
import type { HisSource, HisSourceDeps, Preview, PreviewRequest } from '../../adapter/ports/his-source.ts';
import type { ProbeResult } from '../../adapter/ports/probe.ts';
import type { TableReader } from '../../adapter/ports/table-reader.ts';
import { faultCode, folderAdvice, foldersOf, isHeld, listFiles, nodeFiles, openFolders } from './folders.ts';
import type { FileSystem, Folders } from './folders.ts';
import { PickUp } from './pick-up.ts';
import { previewFiles } from './preview.ts';
import { processFile } from './process-file.ts';
import type { ProcessDeps } from './process-file.ts';
import type { FileReaders, MessageContext } from './readers.ts';
import { interpretRows, parseRowEvent } from './row-event.ts';
import type { FileSettings } from './settings.ts';
import { Stopped } from './submit-items.ts';
import { parseWholeFile } from './whole-file.ts';

/** What the source needs beside its usual deps. */
export interface FileSourceDeps extends HisSourceDeps<FileSettings>, CatalogueDoor {
  readonly tables?: TableReader;
}

const STOP_WITHIN_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;
const WARN_EVERY_MS = 60_000;

/** A watched folder. The folder may be away at the start and at any time (a share): it is tried again for ever. */
export class FileSource implements HisSource {
  readonly name: string;
  readonly #deps: FileSourceDeps;
  readonly #readers: FileReaders;
  readonly #fs: FileSystem;
  readonly #folders: Folders;
  readonly #context: MessageContext;
  readonly #pickUp: PickUp;
  readonly #stop = new AbortController();
  readonly #warnedAt = new Map<string, number>();
  #failures = 0;
  #opened = false;
  #running: Promise<void> | undefined;

  constructor(deps: FileSourceDeps, readers: FileReaders, fs: FileSystem = nodeFiles) {
    this.#deps = deps;
    this.#readers = readers;
    this.#fs = fs;
    this.name = deps.name;
    this.#folders = foldersOf(deps.settings);
    this.#context = { source: deps.name, mapping: deps.mapping, institutions: deps.institutions.map(({ code }) => code), named: deps.settings.institution, clock: deps.clock };
    this.#pickUp = new PickUp({
      fs, folders: this.#folders, settings: deps.settings, now: () => deps.clock.now(),
      onHeld: (file, error) => { this.#warn(`held ${file}`, 'file is held by its writer; it is tried again', { file, code: faultCode(error), advice: folderAdvice(error) }); },
    });
  }

  readonly interpret = (record: HisRecord): Interpretation => {
    if (record.media === 'hl7v2') return this.#readers.hl7.interpret(record, this.#context);
    if (record.media === 'json') return this.#readers.json.interpret(record);
    const event = parseRowEvent(record.bytes);
    if (event !== undefined) return interpretRows(event, this.#context);
    return { kind: 'refused', refusal: parseWholeFile(record.bytes) ?? refusal('RECORD_UNREADABLE', { detail: '留存的内容不是文件中的数据行' }) };
  };

  /** Starts looking; the folder need not be there yet. @throws TraceError CONFIG_INVALID */
  start(): Promise<void> {
    const problem = this.#problem();
    if (problem !== undefined) return Promise.reject(new TraceError('CONFIG_INVALID', `sources.${this.name}：${problem}`));
    this.#running ??= this.#run();
    return Promise.resolve();
  }

  /** The records in hand are answered first, at most 5 s; a file that is not done is read again at the next start. */
  async stop(): Promise<void> {
    this.#stop.abort();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolveLate) => { timer = setTimeout(resolveLate, STOP_WITHIN_MS); });
    await Promise.race([this.#running ?? Promise.resolve(), late]);
    clearTimeout(timer);
  }

  address(): string {
    return `file:${isAbsolute(this.#folders.inbox) ? this.#folders.inbox : resolve(this.#folders.inbox)}`;
  }

  /** Tries to read, write and move in the folders, which is more than looking at permissions: shares promise much. */
  async probe(): Promise<readonly ProbeResult[]> {
    const what = `${this.name} ${this.address()}`;
    const problem = this.#problem();
    if (problem !== undefined) return [{ what, ok: false, detail: problem }];
    try {
      await openFolders(this.#fs, this.#folders);
      return [{ what, ok: true, detail: '文件夹可读、可写、可移动' }];
    } catch (error) {
      return [{ what, ok: false, detail: folderAdvice(error) }];
    }
  }

  /** Reads the newest files where they lie; none is moved or marked. */
  async preview(request: PreviewRequest): Promise<Preview> {
    const problem = this.#problem();
    if (problem !== undefined) return { kind: 'failed', detail: problem };
    return await previewFiles(request, { settings: this.#deps.settings, tables: this.#deps.tables, readers: this.#readers, context: this.#context, fs: this.#fs, folders: this.#folders });
  }

  async #run(): Promise<void> {
    const { clock, settings } = this.#deps;
    while (!this.#stop.signal.aborted) {
      const pauseMs = await this.#poll();
      await clock.sleep(pauseMs ?? settings.every, this.#stop.signal).catch(() => undefined);
    }
  }

  /** One look. Never throws. @returns how long to wait, where it is not the usual pause */
  async #poll(): Promise<number | undefined> {
    const { settings, count, log } = this.#deps;
    try {
      if (!this.#opened) await openFolders(this.#fs, this.#folders);
      this.#opened = true;
      // what a crash left behind comes first: it is older than anything in the folder
      for (const { path } of await listFiles(this.#fs, this.#folders.working, [])) await this.#process(path.toString('utf8'));
      for (const file of await this.#pickUp.look()) {
        if (this.#stop.signal.aborted) return undefined;
        const path = await this.#pickUp.take(file);
        if (path !== undefined) await this.#process(path);
      }
      if (this.#failures > 0) log.info('file source recovered', { source: this.name, failures: this.#failures });
      this.#failures = 0;
      return undefined;
    } catch (error) {
      if (error instanceof Stopped || this.#stop.signal.aborted) return 0;
      this.#failures += 1;
      this.#opened = false;
      count('his_trace_file_faults_total', { source: this.name, code: faultCode(error) });
      this.#warn(`fault ${faultCode(error)}`, 'folder cannot be used; it is tried again', { code: faultCode(error), advice: folderAdvice(error), ...(faultCode(error) === 'UNKNOWN' ? { error: (error as Error).message } : {}) });
      return Math.min(LONGEST_PAUSE_MS, settings.every * 2 ** Math.min(this.#failures - 1, 6));
    }
  }

  async #process(path: string): Promise<void> {
    const { log, count } = this.#deps;
    const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
    try {
      const done = await processFile(path, name, this.#processing());
      count('his_trace_files_total', { source: this.name, result: done.kind });
      if (done.kind === 'archived') log.info('file read', { source: this.name, file: name, ...done.tally });
      else if (done.kind === 'quarantined') log.warn('file cannot be read; set aside', { source: this.name, file: name, why: done.why });
      else this.#warn(`changed ${name}`, 'file was changed while it was read; it is read again', { file: name });
    } catch (error) {
      if (!isHeld(error)) throw error;
      this.#warn(`held ${name}`, 'file is held; it is tried again', { file: name, code: faultCode(error), advice: folderAdvice(error) });
    }
  }

  #processing(): ProcessDeps {
    const { settings, tables, intake, catalogue, counters, clock } = this.#deps;
    return { settings, tables, readers: this.#readers, context: this.#context, fs: this.#fs, folders: this.#folders, intake, catalogue, counters, clock, signal: this.#stop.signal };
  }

  /** The same thing once a minute at most: a share that is away must not fill the log. */
  #warn(about: string, message: string, fields: Readonly<Record<string, unknown>>): void {
    const now = this.#deps.clock.now();
    if (now - (this.#warnedAt.get(about) ?? -Infinity) < WARN_EVERY_MS) return;
    if (this.#warnedAt.size > 1_000) this.#warnedAt.clear();
    this.#warnedAt.set(about, now);
    this.#deps.log.warn(message, { source: this.name, ...fields });
  }

  #problem(): string | undefined {
    const { mapping, settings, institutions } = this.#deps;
    if (mapping?.fromRow === undefined) return '须指定可读数据行的映射，例如 mapping: standard';
    if (settings.institution !== undefined && !institutions.some(({ code }) => code === settings.institution)) return `institution ${settings.institution} 未在 institutions 中配置`;
    const folders = Object.values(this.#folders).map((folder: string) => resolve(folder));
    return new Set(folders).size === folders.length ? undefined : '监视、处理中、归档、隔离须是四个不同的文件夹';
  }
}
