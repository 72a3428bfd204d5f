import { expect } from 'chai';
import { applyCatalogue } from '../../../adapter/catalogue/insurance/apply-catalogue.ts';
import { catalogueBytes } from '../../../adapter/catalogue/insurance/catalogue-bytes.ts';
import { catalogueRows } from '../../../adapter/catalogue/insurance/catalogue-rows.ts';
import { updateFromPlatform, type CatalogueUpdate } from '../../../adapter/catalogue/insurance/update-from-platform.ts';
import { DrugCatalogue, saveDrugs } from '../../../adapter/catalogue/drug-store.ts';
import type { CatalogueAnswer, OffersCatalogue } from '../../../adapter/ports/catalogue-download.ts';
import { migrate } from '../../../adapter/store/migrate.ts';
import { startSandbox, type InsuranceOptions, type Sandbox } from '../../../plugins/sandbox/index.ts';
import { openStore } from '../../http/fixture.ts';
import { HOSPITAL, NEVER, open, TestClock, type Opened } from './fixtures.ts';
import { variants } from './regions.ts';

const drugOf = (serial: number, version: string): { readonly version: string; readonly columns: Readonly<Record<number, string>> } => ({
  version, columns: { 1: `XA8999${String(serial).padStart(17, '0')}`, 8: `药品${String(serial)}`, 32: '10片/盒', 45: '盒', 46: '片', 47: '10', 54: '示范制药', 62: `国药准字H${String(serial).padStart(8, '0')}`, 79: '1' },
});

describe('nhsa catalogue download', () => {
  let sandbox: Sandbox;
  let opened: Opened;
  const start = async (insurance: InsuranceOptions, settings: Readonly<Record<string, unknown>> = {}): Promise<void> => {
    const clock = new TestClock();
    sandbox = await startSandbox({ insurance, now: () => clock.at });
    opened = open(sandbox.insurance.url, { clock, settings: { paasId: sandbox.insurance.paasId, paasToken: sandbox.insurance.paasToken, ...settings } });
  };
  afterEach(async () => {
    await opened.destination.stop();
    await sandbox.stop();
  });
  const download = (version?: string, signal = NEVER): Promise<CatalogueAnswer> => {
    const offer = (opened.destination as OffersCatalogue).downloadCatalogue;
    if (offer === undefined) throw new Error('not offered');
    return offer({ institution: HOSPITAL, version }, { signal });
  };
  const bytesOf = async (answer: CatalogueAnswer): Promise<Buffer> => {
    if (answer.kind !== 'file') throw new Error(JSON.stringify(answer));
    const parts: Uint8Array[] = [];
    for await (const chunk of answer.chunks) parts.push(chunk);
    return Buffer.concat(parts);
  };

  it('asks 1301 for what is newer, and 9102 for the file it names', async () => {
    await start({ catalogue: [drugOf(1, 'F001'), drugOf(2, 'F002')] });
    const answer = await download('F001');
    expect(answer).to.include({ kind: 'file', rows: 1 });
    expect((await bytesOf(answer)).subarray(0, 2).toString()).to.equal('PK');
    expect(sandbox.insuranceBook.callsByOperation).to.deep.include({ 1301: 1, 9102: 1, 9001: 1 });
    expect(await download('F002')).to.deep.equal({ kind: 'up-to-date' });
  });

  it('brings the hospital up to date in parts, and begins after the last whole part the next time', async () => {
    await start({ catalogue: [1, 2, 3, 4, 5].map((serial) => drugOf(serial, `F00${String(serial)}`)), catalogueRowsPerFile: 2 });
    const store = await openStore();
    try {
      await migrate(store.driver);
      await saveDrugs(store.driver, HOSPITAL.code, [{ drug: 'YP3', name: '三', medListCode: drugOf(3, '').columns[1] ?? '' }], 0);
      const update = (): Promise<CatalogueUpdate> => updateFromPlatform({ driver: store.driver, counters: opened.counters, download: (wanted) => download(wanted.version), nowMs: 1 }, { institution: HOSPITAL, destination: 'insurance', write: true }, NEVER);
      const first = await update();
      expect([first.version, first.fault, first.parts.map((part) => [part.rows, part.filled])]).to.deep.equal(['F005', undefined, [[2, 0], [2, 1], [1, 0]]]);
      const drug = await store.driver.read(async (q) => (await new DrugCatalogue().lookup(q, HOSPITAL.code, ['YP3'])).get('YP3'));
      expect(drug).to.include({ packUnit: '盒', smallestUnit: '片', unitsPerPack: 10 });
      expect((await update()).parts).to.deep.equal([]);
    } finally { await store.close(); }
  });

  it('tells an error that comes instead of the file by its content type', async () => {
    await start({});
    sandbox.faults.set([{ platform: 'insurance', operation: '9102', effect: 'errorBody', text: '文件查询号不存在或已过期' }]);
    expect(await download()).to.deep.include({ kind: 'fault', peerText: '文件查询号不存在或已过期' });
    sandbox.faults.set([{ platform: 'insurance', operation: '9102', effect: 'http502' }]);
    expect(await download()).to.deep.include({ kind: 'fault', reason: 'SERVER_FAULT' });
    sandbox.faults.set([{ platform: 'insurance', operation: '1301', effect: 'http503' }]);
    expect(await download()).to.deep.include({ kind: 'fault', peerCode: 'HTTP 503' });
  });

  it('does not take a file that broke off for a whole one, and asks for the same part again', async () => {
    await start({ catalogue: Array.from({ length: 2_000 }, (_, at) => drugOf(at, 'F001')) });
    sandbox.faults.set([{ platform: 'insurance', operation: '9102', effect: 'cutMidReply' }]);
    const store = await openStore();
    try {
      await migrate(store.driver);
      const update = (): Promise<CatalogueUpdate> => updateFromPlatform({ driver: store.driver, counters: opened.counters, download: (wanted) => download(wanted.version), nowMs: 1 }, { institution: HOSPITAL, destination: 'insurance', write: true }, NEVER);
      const broken = await update();
      expect([broken.parts, broken.fault?.reason, broken.version]).to.deep.equal([[], 'NETWORK', undefined]);
      sandbox.faults.clear();
      expect((await update()).parts.map((part) => part.rows)).to.deep.equal([2_000]);
    } finally { await store.close(); }
  });

  it('cannot stream through one argument of a SOAP operation and says what to do', async () => {
    const soap = variants().find((variant) => variant.title === 'national over SOAP 1.1');
    await start(soap?.sandbox ?? {}, soap?.settings);
    expect(await download()).to.include({ kind: 'fault', reason: 'CONFIGURATION', peerText: '单参数的 SOAP 接口不能下载文件，请改用导入文件' });
  });

  for (const variant of variants().filter(({ title }) => ['national, signed and sealed', 'jilin', 'shanghai', 'inner-mongolia', 'national with one path for all'].includes(title))) {
    it(`downloads from ${variant.title}`, async () => {
      await start(variant.sandbox, variant.settings);
      const store = await openStore();
      try {
        await migrate(store.driver);
        const answer = await download();
        if (answer.kind !== 'file') throw new Error(JSON.stringify(answer));
        expect((await applyCatalogue(store.driver, catalogueRows(catalogueBytes(answer.chunks)), { institution: HOSPITAL.code, nowMs: 1, write: false })).rows).to.equal(3);
      } finally { await store.close(); }
    });
  }
});
