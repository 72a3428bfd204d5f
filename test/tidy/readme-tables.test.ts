import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS } from '../../adapter/domain/error.ts';
import { METRICS } from '../../adapter/ops/metric-table.ts';
import { READMES, TABLES, tablesIn, withTables } from './readme-tables.ts';
import { ourTexts, ROOT } from './repository-files.ts';

const PRODUCT = /^(adapter|connectors|mappings|plugins)\/.*\.ts$/;

describe('tidy: tables of the READMEs', () => {
  for (const [name, language] of Object.entries(READMES)) {
    const text = readFileSync(join(ROOT, name), 'utf8');

    it(`${name} says what the code says (refresh: npx tsx test/tidy/readme-tables.ts --write)`, () => {
      expect(withTables(text, language)).to.equal(text);
    });

    it(`${name} shows every table, every connector’s settings included`, () => {
      expect([...tablesIn(text)].sort()).to.deep.equal(Object.keys(TABLES).sort());
    });
  }

  it('both READMEs have the same chapters', () => {
    const chapters = (name: string): number => [...readFileSync(join(ROOT, name), 'utf8').matchAll(/^#{2,3} /gm)].length;
    expect(chapters('README.zh-CN.md')).to.equal(chapters('README.md'));
  });

  it('every error code is used, and no other is', () => {
    const product = ourTexts().filter(({ path }) => PRODUCT.test(path) && path !== 'adapter/domain/error.ts').map(({ lines }) => lines.join('\n')).join('\n');
    expect(Object.keys(ERRORS).filter((code) => !new RegExp(`\\b${code}\\b`).test(product))).to.deep.equal([]);
  });

  it('every metric of the code stands in the table, and every one of the table in the code', () => {
    const product = ourTexts().filter(({ path }) => PRODUCT.test(path) && path !== 'adapter/ops/metric-table.ts').map(({ lines }) => lines.join('\n')).join('\n');
    const used = new Set([...product.matchAll(/'(his_trace_[a-z0-9_]*[a-z0-9])'/g)].map((match) => match[1] ?? ''));
    expect([...used].sort()).to.deep.equal(Object.keys(METRICS).sort());
  });
});
