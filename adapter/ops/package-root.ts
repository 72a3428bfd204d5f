import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAX_LEVELS = 8;

/** @returns the folder of our package.json, from the source tree as well as from dist: where sql/ and the data files are */
export function packageRoot(from: string = import.meta.url): string {
  let folder = dirname(fileURLToPath(from));
  for (let level = 0; level < MAX_LEVELS; level += 1) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    folder = dirname(folder);
  }
  throw new Error('package.json of his-trace-adapter not found'); // a broken installation
}
