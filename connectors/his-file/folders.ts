import { constants } from 'node:fs';
import * as files from 'node:fs/promises';
import { basename, join } from 'node:path';
import { chinaDate } from '../../adapter/domain/china-time.ts';
import type { FileSettings } from './settings.ts';

/** What the source needs of a file system; tests put faults in place. */
export type FileSystem = Pick<typeof files, 'readdir' | 'stat' | 'rename' | 'mkdir' | 'open' | 'unlink' | 'copyFile' | 'writeFile' | 'access'>;

export const nodeFiles: FileSystem = files;

/** A file as it was found. The path is bytes: names on a share may be GBK that no text can stand for. */
export interface FoundFile { readonly path: Buffer; readonly name: string; readonly bytes: number; readonly changedAt: number }

export interface Folders { readonly inbox: string; readonly working: string; readonly archive: string; readonly quarantine: string }

export function foldersOf(settings: FileSettings): Folders {
  const inside = (given: string | undefined, name: string): string => given ?? join(settings.folder, name);
  return { inbox: settings.folder, working: inside(settings.working, 'working'), archive: inside(settings.archive, 'archive'), quarantine: inside(settings.quarantine, 'quarantine') };
}

const MAX_LISTED = 10_000;
const NEVER = ['.tmp', '.temp', '.part', '.partial', '.crdownload', '.filepart', '.swp', '.lock', '~'];

/** @returns files that may be read, oldest first; what is still being written, hidden or locked by its name is left out */
export async function listFiles(fs: FileSystem, folder: string, ignore: readonly string[]): Promise<readonly FoundFile[]> {
  const found: FoundFile[] = [];
  const names = (await fs.readdir(Buffer.from(folder), { encoding: 'buffer' }) as unknown as Buffer[]).slice(0, MAX_LISTED);
  for (const raw of names) {
    const name = nameOf(raw);
    const lower = name.toLowerCase();
    if (/^(?:\.|~\$)/.test(name) || [...NEVER, ...ignore.map((suffix) => suffix.toLowerCase())].some((suffix) => lower.endsWith(suffix))) continue;
    const path = Buffer.concat([Buffer.from(folder.endsWith('/') ? folder : `${folder}/`), raw]);
    const stat = await fs.stat(path).catch(() => undefined);
    if (stat?.isFile() === true) found.push({ path, name, bytes: stat.size, changedAt: stat.mtimeMs });
  }
  return found.sort((a, b) => a.changedAt - b.changedAt || (a.name < b.name ? -1 : 1));
}

/** Names on a share mounted without translation are GBK. */
function nameOf(raw: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(raw);
  } catch {
    return new TextDecoder('gb18030').decode(raw);
  }
}

/** Moves a file into a folder, keeping its name; another of that name is never overwritten. @returns the new path */
export async function moveInto(fs: FileSystem, from: string | Buffer, to: { readonly folder: string; readonly name: string; readonly mark: string }): Promise<string> {
  await fs.mkdir(to.folder, { recursive: true });
  const name = safeName(to.name);
  let target = join(to.folder, name);
  if (await exists(fs, target)) target = join(to.folder, `${to.mark}-${name}`);
  try {
    await fs.rename(from, target);
  } catch (error) {
    if (faultCode(error) !== 'EXDEV') throw error;
    // another disk: the copy is whole before the original goes
    await fs.copyFile(from, `${target}.tmp`);
    const handle = await fs.open(`${target}.tmp`, 'r+');
    await handle.sync().finally(() => handle.close());
    await fs.rename(`${target}.tmp`, target);
    await fs.unlink(from);
  }
  return target;
}

export function dayFolder(folder: string, nowMs: number): string {
  return join(folder, chinaDate(nowMs));
}

async function exists(fs: FileSystem, path: string): Promise<boolean> {
  return fs.stat(path).then(() => true, () => false);
}

/** what a Windows share does not take in a name */
function safeName(name: string): string {
  return basename(name).replace(/[\u0000-\u001f<>:"/\\|?*]/g, '_').slice(-180) || 'file';
}

/** Makes the folders and tries that files can be moved into them. @throws what the file system says */
export async function openFolders(fs: FileSystem, folders: Folders): Promise<void> {
  await fs.readdir(folders.inbox);
  for (const folder of [folders.working, folders.archive, folders.quarantine]) {
    await fs.mkdir(folder, { recursive: true });
    await fs.access(folder, constants.W_OK);
  }
  const trial = join(folders.inbox, `.his-trace-${String(process.pid)}.tmp`);
  await fs.writeFile(trial, '');
  const moved = join(folders.working, basename(trial));
  await fs.rename(trial, moved);
  await fs.unlink(moved);
}

export function faultCode(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'UNKNOWN';
}

/** The writer, a virus scanner or Excel still holds the file: it is tried again at the next look. */
const HELD = new Set(['EBUSY', 'EPERM', 'EACCES', 'ETXTBSY', 'ENOENT']);

export function isHeld(error: unknown): boolean {
  return HELD.has(faultCode(error));
}

const ADVICE: Readonly<Record<string, string>> = {
  EROFS: '文件夹是只读的：请用可读写方式挂载该共享，并给运行本程序的账号写权限', EACCES: '没有权限：请给运行本程序的账号对该文件夹的读、写、删除权限',
  EPERM: '没有权限：请给运行本程序的账号对该文件夹的读、写、删除权限', ENOENT: '文件夹不存在：请建立文件夹，或检查共享是否已挂载', ENOTDIR: '路径不是文件夹：请核对配置',
  ENOSPC: '磁盘已满：请清理空间', EBUSY: '文件被占用：请关闭打开它的程序', EIO: '读写出错：请检查共享与网络', ESTALE: '共享已断开：请重新挂载', EHOSTDOWN: '共享不可达：请检查网络', ETIMEDOUT: '共享不可达：请检查网络',
  EXDEV: '处理中文件夹须与监视的文件夹在同一磁盘',
};

/** @returns one Chinese sentence: what the file system says and what to do */
export function folderAdvice(error: unknown): string {
  const code = faultCode(error);
  return `${ADVICE[code] ?? '文件夹无法使用：请检查路径、权限与网络'}（${code}）`;
}
