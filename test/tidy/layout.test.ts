import { expect } from 'chai';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { destinations, sources } from '../../connectors/registry.ts';
import { mappings } from '../../mappings/registry.ts';
import { ourFiles, ROOT } from './repository-files.ts';

const folders = (of: string): readonly string[] => readdirSync(join(ROOT, of), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
/** Folders that hold what their neighbours share, and the REST intake that is always on. */
const NO_ENTRY: Readonly<Record<string, readonly string[]>> = { connectors: ['shared', 'his-rest', 'his-soap'], mappings: ['hl7', 'shared'] };

describe('tidy: layout', () => {
  it('names every connector and every mapping once, by its folder', () => {
    expect([...sources, ...destinations].map(({ name }) => name).sort()).to.deep.equal(folders('connectors').filter((name) => NO_ENTRY['connectors']?.includes(name) !== true).sort());
    expect(mappings.map(({ name }) => name).sort()).to.deep.equal(folders('mappings').filter((name) => NO_ENTRY['mappings']?.includes(name) !== true).sort());
  });

  it('gives every connector, mapping and plugin an index.ts, and every configurable connector a settings.ts', () => {
    const missing = ['connectors', 'mappings', 'plugins'].flatMap((of) => folders(of)
      .filter((name) => !['shared', 'hl7'].includes(name) && !existsSync(join(ROOT, of, name, 'index.ts'))).map((name) => `${of}/${name}`));
    expect(missing).to.deep.equal([]);
    expect([...sources, ...destinations].filter(({ name }) => !existsSync(join(ROOT, 'connectors', name, 'settings.ts')))).to.deep.equal([]);
  });

  it('labels every setting in Chinese and describes it in English', () => {
    for (const { name, settings } of [...sources, ...destinations]) {
      for (const [key, setting] of Object.entries(settings)) {
        expect(setting.label, `${name}.${key}`).to.match(/[\u4e00-\u9fffA-Z]/);
        expect(setting.description, `${name}.${key}`).to.match(/^[^\u4e00-\u9fff]+/);
      }
    }
  });

  it('numbers migrations alike for SQLite and PostgreSQL, without gaps', () => {
    const sqlite = readdirSync(join(ROOT, 'sql/sqlite')).filter((name) => name.endsWith('.sql')).sort();
    expect(readdirSync(join(ROOT, 'sql/postgres')).filter((name) => name.endsWith('.sql')).sort()).to.deep.equal(sqlite);
    expect(sqlite.length).to.be.greaterThan(0);
    for (const [index, name] of sqlite.entries()) expect(name).to.match(new RegExp(`^${String(index + 1).padStart(6, '0')}-[a-z0-9-]+\\.sql$`));
  });

  it('begins the primary key of every table with the institution', () => {
    for (const dialect of ['sqlite', 'postgres']) {
      let seen = 0;
      for (const name of readdirSync(join(ROOT, 'sql', dialect)).filter((file) => file.endsWith('.sql'))) {
        const tables = [...readFileSync(join(ROOT, 'sql', dialect, name), 'utf8').replace(/--.*$/gm, '').matchAll(/CREATE TABLE (\w+) \(([\s\S]*?)\n\)/g)];
        seen += tables.length;
        for (const [, table, body = ''] of tables) {
          expect(/PRIMARY KEY \(institution\b/.test(body) || /^\s*institution\s[^,]*PRIMARY KEY/m.test(body), `${dialect} ${String(table)}`).to.equal(true);
        }
      }
      expect(seen, dialect).to.be.greaterThan(20);
    }
  });

  it('names files in kebab-case and never utils, helpers, common, manager or service', () => {
    const sources = ourFiles().filter((path) => /^(adapter|connectors|mappings|plugins|test)\/.*\.ts$/.test(path));
    expect(sources.length).to.be.greaterThan(100);
    expect(sources.filter((path) => path.split('/').some((part) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/.test(part)))).to.deep.equal([]);
    expect(sources.filter((path) => /(^|[/-])(utils?|helpers?|common|manager|service)(-|\.|\/)/.test(path))).to.deep.equal([]);
  });

  it('keeps a README in every top-level folder', () => {
    for (const folder of ['adapter', 'connectors', 'mappings', 'plugins', 'sql', 'test']) expect(existsSync(join(ROOT, folder, 'README.md')), folder).to.equal(true);
  });
});
