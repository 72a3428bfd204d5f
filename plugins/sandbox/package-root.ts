import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Reads one of the field tables the sandbox checks against. The tables are data files of the package, not of the build output,
 * so they are looked for from the package root whether this runs from source or from `dist`.
 * @param name file name under `plugins/sandbox/spec/`
 * @throws Error when the package is incomplete
 */
export function readSpec(name: string): unknown {
  return JSON.parse(readFileSync(join(packageRoot(), 'plugins', 'sandbox', 'spec', name), 'utf8')) as unknown;
}

function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let depth = 0; depth < 20; depth += 1) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    folder = dirname(folder);
  }
  throw new Error('package.json not found above the sandbox: the installation is incomplete');
}
