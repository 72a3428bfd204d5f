import { expect } from 'chai';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TraceError } from '../../adapter/domain/error.ts';
import { silentLog, type Log, type LogFields } from '../../adapter/ports/log.ts';
import { openStore, storeFile } from '../../adapter/store/open-store.ts';
import { planMigrations } from '../../adapter/store/migrate.ts';
import { refusal } from '../contracts/probe-table.ts';
import { postgresOrSkip } from '../support/postgres.ts';

describe('store/open-store', () => {
  let folder = '';
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'his-trace-open-')); });
  afterEach(() => { rmSync(folder, { recursive: true, force: true }); });
  const codeOf = async (url: string): Promise<string> => {
    const error = await refusal(openStore(url, { log: silentLog }));
    return error instanceof TraceError ? error.code : error.message;
  };
  const listening = (): { log: Log; said: [string, LogFields | undefined][] } => {
    const said: [string, LogFields | undefined][] = [];
    const note = (message: string, fields?: LogFields): void => { said.push([message, fields]); };
    return { said, log: { debug: note, info: note, warn: note, error: note } };
  };

  it('makes the folder and the file for the account of the service only, and the tables', async () => {
    const path = join(folder, '数据', 'deep', 'his-trace.db');
    const { log, said } = listening();
    const driver = await openStore(`file:${path}`, { log });
    expect(driver.dialect).to.equal('sqlite');
    expect((await planMigrations(driver)).pending).to.deep.equal([]);
    await driver.write((q) => q.run("INSERT INTO counter (institution, name) VALUES ('H1', 'x')"));
    expect(said.map(([message]) => message)).to.deep.equal(said.map(() => 'store migrated'));
    if (process.platform !== 'win32') {
      expect(statSync(join(folder, '数据', 'deep')).mode & 0o777).to.equal(0o700);
      for (const end of ['', '-wal', '-shm']) expect(statSync(path + end).mode & 0o777, end).to.equal(0o600);
    }
    await driver.close();
    const again = await openStore(`file:${path}`, { log: silentLog });
    expect(await again.read((q) => q.get('SELECT COUNT(*) AS found FROM counter'))).to.deep.equal({ found: 1 });
    await again.close();
  });

  it('reads file addresses as people write them', () => {
    expect(storeFile('file:data/his-trace.db')).to.equal('data/his-trace.db');
    expect(storeFile('file:/var/lib/his-trace/100%.db')).to.equal('/var/lib/his-trace/100%.db');
    expect(storeFile('file:C:\\his\\store.db')).to.equal('C:\\his\\store.db');
    const path = join(folder, '前置机 1.db');
    expect(storeFile(pathToFileURL(path).href)).to.equal(path);
  });

  it('refuses other addresses by name', async () => {
    for (const url of ['', 'data/his-trace.db', 'mysql://root@localhost/x', 'file:', 'file::memory:', 'file://elsewhere/x.db']) {
      expect(await codeOf(url), url).to.equal('CONFIG_INVALID');
    }
  });

  it('warns when other accounts can read the file', async function () {
    if (process.platform === 'win32') return this.skip();
    const path = join(folder, 'store.db');
    writeFileSync(path, '', { mode: 0o644 });
    chmodSync(path, 0o644);
    const { log, said } = listening();
    await (await openStore(`file:${path}`, { log })).close();
    expect(said.find(([message]) => message === 'store file is open to other accounts')?.[1]).to.deep.include({ path });
  });

  it('says what is wrong with a file that is no store', async () => {
    const path = join(folder, 'store.db');
    writeFileSync(path, 'not a database, certainly not one of ours '.repeat(200));
    expect(await codeOf(`file:${path}`)).to.equal('STORE_CORRUPT');
    mkdirSync(join(folder, 'a-folder'));
    expect(await codeOf(`file:${join(folder, 'a-folder')}`)).to.equal('STORE_UNAVAILABLE');
    writeFileSync(join(folder, 'a-file'), '');
    expect(await codeOf(`file:${join(folder, 'a-file', 'store.db')}`)).to.equal('STORE_UNAVAILABLE');
  });

  it('says STORE_READ_ONLY where the folder may not be written', async function () {
    if (process.platform === 'win32') return this.skip();
    chmodSync(folder, 0o555);
    const root = process.getuid?.() === 0;
    if (root) process.seteuid?.(65_534);
    try {
      expect(await codeOf(`file:${join(folder, 'store.db')}`)).to.equal('STORE_READ_ONLY');
    } finally {
      if (root) process.seteuid?.(0);
    }
  });

  it('opens PostgreSQL with all tables, and again', async function () {
    const database = await (await postgresOrSkip(this)).createDatabase();
    for (const url of [database.url, database.url.replace('postgres://', 'postgresql://')]) {
      const driver = await openStore(url, { log: silentLog });
      expect(driver.dialect).to.equal('postgres');
      expect((await planMigrations(driver)).pending).to.deep.equal([]);
      await driver.close();
    }
    await database.drop();
  });

  it('never says the password of a server it cannot reach', async () => {
    const error = await refusal(openStore('postgres://trace:s3cret-word@127.0.0.1:1/trace', { log: silentLog }));
    expect(error).to.have.property('code', 'STORE_UNAVAILABLE');
    expect(`${error.message} ${String(error.stack)} ${String((error.cause as Error | undefined)?.message)}`).not.to.contain('s3cret-word');
  });
});
