import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TraceError } from '../domain/error.ts';
import { packageRoot } from '../ops/package-root.ts';
import type { Article, ProvinceFolder, ProvincePack } from '../ports/province-pack.ts';
import { checkArticles, checkPack } from './check-pack.ts';

export interface LoadedPack { readonly pack: ProvincePack; readonly articles: readonly Article[] }

/**
 * Reads a province's folder: pack.json and articles.json.
 * @param plugins folder that holds the province's; default: plugins/ of the package
 * @throws TraceError CONFIG_INVALID naming every fault: a pack that cannot be trusted must not decide what is reported
 */
export function loadPack(province: ProvinceFolder, plugins: string = join(packageRoot(), 'plugins')): LoadedPack {
  const pack = readJson(join(plugins, province.folder, 'pack.json'));
  const articles = readJson(join(plugins, province.folder, 'articles.json'));
  const faults = checkPack(pack, province.name);
  if (faults.length === 0) faults.push(...checkArticles(articles, pack as ProvincePack));
  if (faults.length > 0) throw new TraceError('CONFIG_INVALID', `${province.folder}: ${faults.join('; ')}`);
  return { pack: pack as ProvincePack, articles: articles as readonly Article[] };
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch (error) {
    throw new TraceError('CONFIG_INVALID', path, { cause: error });
  }
}
