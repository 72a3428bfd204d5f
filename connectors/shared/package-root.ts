import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Folder of the package, whether the code runs from its sources or from dist/. Data files (field tables, profiles) stay beside the
 * sources because the compiler copies no JSON; they are found from here: `join(packageRoot(), 'connectors/nhsa/spec')`.
 * @returns the nearest folder above this file that holds a package.json
 */
export function packageRoot(): string {
  let at = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(at, 'package.json'))) {
    const above = dirname(at);
    if (above === at) throw new Error('no package.json above the program: the installation is not complete');
    at = above;
  }
  return at;
}
