import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

const NOT_OURS = new Set(['node_modules', 'dist', '.git', 'vendor', 'data', '.cache', '.tmp', '.nyc_output', 'coverage']);
const TEXT = /\.(ts|mjs|cjs|js|json|md|sql|ya?ml|txt|csv|hl7)$|^run$/;
const LARGEST = 2 * 1024 * 1024;

export interface TextFile { readonly path: string; readonly lines: readonly string[] }

/** @returns paths of our own text files, relative to the repository, with `/`; what is generated or installed is left out */
export function ourFiles(): readonly string[] {
  const walk = (folder: string): readonly string[] => readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : walk(path);
    return entry.isFile() && TEXT.test(entry.name) && entry.name !== 'package-lock.json' && statSync(path).size <= LARGEST ? [relative(ROOT, path).split(sep).join('/')] : [];
  });
  return walk(ROOT);
}

/** @returns our text files line by line */
export function ourTexts(): readonly TextFile[] {
  return ourFiles().map((path) => ({ path, lines: readFileSync(join(ROOT, path), 'utf8').split('\n') }));
}

/** @returns `path:line text` of every line a test finds at fault */
export function findLines(texts: readonly TextFile[], wrong: (line: string, path: string) => boolean): readonly string[] {
  return texts.flatMap(({ path, lines }) => lines.flatMap((line, index) => (wrong(line, path) ? [`${path}:${String(index + 1)} ${line.trim().slice(0, 120)}`] : [])));
}
