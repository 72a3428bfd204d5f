import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../adapter/ops/package-root.ts';

describe('package root', () => {
  it('is the folder with sql/, from the source tree and from dist', () => {
    const root = packageRoot();
    expect(existsSync(join(root, 'sql', 'sqlite'))).to.equal(true);
    expect(packageRoot(pathToFileURL(join(root, 'dist', 'adapter', 'ops', 'package-root.js')).href)).to.equal(root);
  });
});
