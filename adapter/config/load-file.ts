import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ConfigParts } from './config.ts';
import type { LoadedConfig } from './load.ts';
import { loadConfig } from './load.ts';
import { problemAt } from './problem.ts';
import { faultName } from './substitute.ts';

/**
 * Reads and checks the configuration file. Paths of secrets in it are relative to its folder.
 * @param path absolute path of the file
 */
export function loadConfigFile(path: string, options: { readonly env: Readonly<Record<string, string | undefined>>; readonly parts: ConfigParts }): LoadedConfig {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    return { problems: [faultName(error) === 'ENOENT' ? noFile() : unreadable(faultName(error))] };
  }
  const text = decodeUtf8(bytes);
  if (text === undefined) return { problems: [notUtf8()] };
  const folder = dirname(path);
  return loadConfig(text, { ...options, readFile: (name) => readFileSync(resolve(folder, name), 'utf8') });
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const WHOLE_FILE = { line: 0, path: '' };

const noFile = (): ReturnType<typeof problemAt> => problemAt(WHOLE_FILE, {
  reason: { zh: '找不到配置文件', en: 'the configuration file does not exist' },
  remedy: { zh: '在它所在的目录运行，或用 --config 指定；新建可用 his-trace init', en: 'run in its folder or name it with --config; his-trace init writes a new one' },
});

const unreadable = (why: string): ReturnType<typeof problemAt> => problemAt(WHOLE_FILE, {
  reason: { zh: `读不到配置文件（${why}）`, en: `the configuration file cannot be read (${why})` },
  remedy: { zh: '检查文件权限', en: 'check its permissions' },
});

const notUtf8 = (): ReturnType<typeof problemAt> => problemAt(WHOLE_FILE, {
  reason: { zh: '配置文件不是 UTF-8 编码', en: 'the configuration file is not UTF-8' },
  remedy: { zh: '用编辑器另存为 UTF-8', en: 'save it as UTF-8' },
});
