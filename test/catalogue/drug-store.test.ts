import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { DrugCatalogue, saveDrugs } from '../../adapter/catalogue/drug-store.ts';
import type { Drug } from '../../adapter/domain/drug.ts';
import type { SqlDriver, SqlQuery } from '../../adapter/ports/sql-driver.ts';
import { openSqlite } from '../../adapter/store/sqlite/driver.ts';

const HOSPITAL = 'H35010200001';
function drug(id: string, name = `药品${id}`): Drug {
  return { drug: id, name, packUnit: '盒' };
}

/** Counts the queries that pass through. */
function counting(q: SqlQuery, seen: string[]): SqlQuery {
  return {
    get: (sql, params) => { seen.push(sql); return q.get(sql, params); },
    all: (sql, params) => { seen.push(sql); return q.all(sql, params); },
    run: (sql, params) => { seen.push(sql); return q.run(sql, params); },
  };
}

describe('drug catalogue in the store', () => {
  const folder = mkdtempSync(join(tmpdir(), 'his-trace-catalogue-'));
  let driver: SqlDriver;
  const catalogue = new DrugCatalogue();
  const look = (ids: readonly string[], institution = HOSPITAL): Promise<string[]> =>
    driver.read(async (q) => [...await catalogue.lookup(q, institution, ids)].map(([id, found]) => `${id}=${found.name}`));

  before(async () => {
    driver = openSqlite({ path: join(folder, 'store.db') });
    await driver.script(readFileSync(new URL('../../sql/sqlite/000001-spine.sql', import.meta.url), 'utf8'));
  });
  after(async () => {
    await driver.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('finds what was saved, and nothing else', async () => {
    await saveDrugs(driver, HOSPITAL, [drug('B'), drug('A')], 1_000);
    expect(await look(['A', 'X', 'B'])).to.deep.equal(['A=药品A', 'B=药品B']);
    expect(await look(['A'], 'H35010200002')).to.deep.equal([]);
    expect(await look([])).to.deep.equal([]);
  });

  it('shows a change at the next call, also for a drug it had looked for in vain', async () => {
    expect(await look(['C'])).to.deep.equal([]);
    await saveDrugs(driver, HOSPITAL, [drug('A', '新名'), drug('C')], 2_000);
    expect(await look(['A', 'B', 'C'])).to.deep.equal(['A=新名', 'B=药品B', 'C=药品C']);
  });

  it('shows two changes within one millisecond', async () => {
    await saveDrugs(driver, HOSPITAL, [drug('A', '其一')], 2_000);
    expect(await look(['A'])).to.deep.equal(['A=其一']);
    await saveDrugs(driver, HOSPITAL, [drug('A', '其二')], 2_000);
    expect(await look(['A'])).to.deep.equal(['A=其二']);
  });

  it('asks the store for nothing but the version once it knows the drugs', async () => {
    await look(['A', 'B', 'X']);
    const seen: string[] = [];
    await driver.read((q) => catalogue.lookup(counting(q, seen), HOSPITAL, ['A', 'B', 'X']));
    expect(seen).to.have.length(1);
  });

  it('saves a large catalogue whole', async () => {
    const many = Array.from({ length: 1_234 }, (_, at) => drug(`N${String(at)}`));
    await saveDrugs(driver, HOSPITAL, many, 3_000);
    expect(await look(many.map((one) => one.drug))).to.have.length(1_234);
  });
});
