import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfigFile } from '../../adapter/config/load-file.ts';
import { PARTS, SITE } from './parts.ts';

describe('configuration: the file on disk', () => {
  let folder = '';
  before(() => { folder = mkdtempSync(join(tmpdir(), 'his-trace-config-')); });
  after(() => { rmSync(folder, { recursive: true }); });

  const load = (name: string, content?: string | Buffer): ReturnType<typeof loadConfigFile> => {
    const path = join(folder, name);
    if (content !== undefined) writeFileSync(path, content);
    return loadConfigFile(path, { env: {}, parts: PARTS });
  };

  it('finds secrets relative to the folder of the file, wherever it is started from', () => {
    writeFileSync(join(folder, 'secret'), 'abc\n');
    const loaded = load('a.yaml', `${SITE}\ndestinations: { d: { connector: nhsa, baseUrl: "http://h", token: "file:secret" } }`);
    expect(loaded.ok?.destinations[0]?.settings['token']).to.equal('abc');
  });

  it('takes a byte order mark and Windows line ends', () => {
    expect(load('bom.yaml', `\uFEFF${SITE.replaceAll('\n', '\r\n')}`).ok?.institutions[0]?.name).to.equal('示范医院');
  });

  it('says that the file does not exist, is a folder, or is not UTF-8', () => {
    expect(load('gone.yaml').problems?.[0]?.remedy).to.contain('init');
    expect(loadConfigFile(folder, { env: {}, parts: PARTS }).problems?.[0]?.reason).to.contain('读不到');
    expect(load('gbk.yaml', Buffer.from('6e616d653a20cabeb7b60a', 'hex')).problems?.[0]?.reason).to.contain('UTF-8');
  });
});
