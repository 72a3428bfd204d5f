import { appendFileSync, createWriteStream, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import * as files from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import iconv from 'iconv-lite';
import { refusal } from '../../../adapter/domain/refusal.ts';
import type { CatalogueIntake } from '../../../adapter/ports/catalogue-intake.ts';
import { createCounters } from '../../../adapter/store/counters.ts';
import { foldersOf } from '../../../connectors/his-file/folders.ts';
import { measure, decoded } from '../../../connectors/his-file/measure.ts';
import { rdsText } from '../../support/hl7-text.ts';
import { answerByMeaning } from '../../support/fake-intake.ts';
import { openTestHospital, packCode } from '../../support/test-hospital.ts';
import { waitFor } from '../../support/wait-for.ts';
import { code, csvRow, HEADS, HOME, watchedFolder } from './file-fixture.ts';
import type { Watched, WatchOptions } from './file-fixture.ts';

const fault = (name: string): Error => Object.assign(new Error(name), { code: name });

describe('his-file: the folder', () => {
  let watched: Watched;
  beforeEach(() => { watched = watchedFolder(); });
  afterEach(() => watched.clear());

  const ids = (): string[] => watched.intake.submissions.flatMap(({ interpretation }) => (interpretation.kind === 'events' ? interpretation.events.map(({ id }) => id) : []));
  const archived = async (name: string, content: string | Uint8Array, options: WatchOptions = {}): Promise<void> => {
    watched.put(name, content);
    await watched.open(options).start();
    await waitFor(`${name} to be put away`, () => watched.names('archive').includes(name) || watched.names('quarantine').includes(name));
    expect(watched.names('quarantine')).to.deep.equal([]);
  };

  describe('shapes', () => {
    it('reads each message of an HL7 batch file, bad ones apart, and framed ones without an envelope', async () => {
      const bad = rdsText({ id: 'F2' }).replace('|1|盒|', '|x|盒|');
      await archived('a.hl7', iconv.encode(['FHS|^~\\&|A', 'BHS|^~\\&|A', rdsText({ id: 'F1' }), bad, rdsText({ id: 'F3' }), 'BTS|3', 'FTS|1'].join('\r\n'), 'gbk'));
      expect(ids()).to.deep.equal(['F1', 'F3']);
      expect(watched.intake.submissions.map(({ record, interpretation }) => [record.controlId, record.media, record.institution, interpretation.kind])).to.deep.equal([
        ['F1', 'hl7v2', HOME, 'events'], ['F2', 'hl7v2', HOME, 'refused'], ['F3', 'hl7v2', HOME, 'events'],
      ]);
      const source = watched.open();
      for (const { record, interpretation } of watched.intake.submissions) expect(source.interpret(record)).to.deep.equal(interpretation);
      watched.put('b.hl7', `\u000b${rdsText({ id: 'F4' })}\u001c\r\u000b${rdsText({ id: 'F5' })}\u001c\r`);
      await waitFor('the second file', () => watched.names('archive').includes('b.hl7'));
      expect(ids().slice(2)).to.deep.equal(['F4', 'F5']);
    });

    it('hands catalogue messages of an HL7 file to the catalogue', async () => {
      const seen: string[] = [];
      const catalogue: CatalogueIntake = { submit: (_, entries) => { seen.push(...entries.map(({ drug }) => drug)); return Promise.resolve({ kind: 'taken', results: [] }); } };
      await archived('mfn.hl7', `MSH|^~\\&|A|HOSP|C|D|20261122093105||MFN^M01|M1|P|2.4\rMFI|Drug||UPD|||NE\rMFE|MAD|||YP1^阿莫西林|CE\rMFE|MDC|||YP2|CE\r`, { catalogue });
      expect(seen).to.deep.equal(['YP1', 'YP2']);
      expect(watched.intake.submissions).to.deep.equal([]);
    });

    it('reads legacy trace XML: one event for each bill, one line for each drug and lot', async () => {
      const data = (serial: number, more = ''): string => `<Data Code="${packCode(serial)}" CorpOrderID="RK1" Actor="王五" ActDate="2026-11-22 09:31:05" ToCorpID="S01" CorpProductID="YP1" CorpBatchNo="A2401" ProduceDate="2026-01-02" ${more}/>`;
      const xml = `<?xml version="1.0" encoding="GBK"?><Document><Events><Event Name="PurchaseWareHouseIn" MainAction="WareHouseIn"><DataField>${data(1)}${data(2)}${data(3).replace('A2401', 'A2402')}</DataField></Event>
        <Event Name="SalesWareHouseOut" MainAction="WareHouseOut"><DataField>${data(4).replace('RK1', 'CK1')}${data(5, 'x="1"').replace('RK1', 'CK2').replace('CorpProductID="YP1"', '')}</DataField></Event>
        <Event Name="ProduceWareHouseIn"><DataField>${data(6)}</DataField></Event></Events></Document>`;
      await archived('手持.xml', iconv.encode(xml, 'gbk'));
      const [receipt, dispense, nameless, produced] = watched.intake.submissions.map(({ interpretation }) => interpretation);
      expect(receipt?.kind === 'events' ? receipt.events[0] : receipt).to.deep.equal({
        id: 'PurchaseWareHouseIn RK1', source: 'his-out', institution: HOME, kind: 'receipt', occurredAt: '2026-11-22T09:31:05+08:00', documentNo: 'RK1', operator: { name: '王五' }, counterparty: { code: 'S01' },
        lines: [
          { lineNo: '1', drug: 'YP1', quantity: '2', unit: '盒', split: false, lot: 'A2401', producedOn: '2026-01-02', codes: [packCode(1), packCode(2)] },
          { lineNo: '2', drug: 'YP1', quantity: '1', unit: '盒', split: false, lot: 'A2402', producedOn: '2026-01-02', codes: [packCode(3)] },
        ],
      });
      expect(dispense?.kind === 'events' ? dispense.events[0]?.kind : dispense).to.equal('dispense');
      expect(nameless?.kind === 'refused' ? nameless.refusal : nameless).to.deep.include({ code: 'EVENT_INVALID', field: 'Event[2]/Data[2]' });
      expect(produced?.kind === 'refused' ? produced.refusal : produced).to.deep.include({ code: 'EVENT_INVALID', field: 'Event[3]@Name', value: 'ProduceWareHouseIn' });
    });

    it('refuses entity bombs and declarations in XML as a whole file', async () => {
      watched.put('bomb.xml', '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Document><Events>&b;</Events></Document>');
      await watched.open().start();
      await waitFor('the file to be set aside', () => watched.names('quarantine').includes('bomb.xml'));
      expect(watched.intake.submissions[0]?.interpretation.kind).to.equal('refused');
    });

    it('reads REST JSON: an object, an array, one per line; digit for digit', async () => {
      const event = (id: string): string => JSON.stringify({ id, source: 'his', institution: HOME, kind: 'dispense', occurredAt: '2026-11-22T09:31:05+08:00', lines: [] });
      for (const [name, text] of [['a.json', event('J1')], ['b.json', `[${event('J2')},\n${event('J3')}]`], ['c.json', `${event('J4')}\n${event('J5')}\n`]] as const) watched.put(name, text);
      await watched.open().start();
      await waitFor('all three', () => watched.names('archive').length === 3);
      expect(ids().sort()).to.deep.equal(['J1', 'J2', 'J3', 'J4', 'J5']);
      for (const { record } of watched.intake.submissions) {
        expect(record).to.deep.include({ media: 'json', source: 'his', institution: HOME });
        expect(Buffer.from(record.bytes).toString()).to.equal(event(record.controlId));
      }
    });
  });

  describe('picking up', () => {
    it('does not read a file that is still being written', async () => {
      const path = join(watched.folder, 'slow.csv');
      writeFileSync(path, `${HEADS}\n`);
      let written = 0;
      // the writer adds a line between any two looks
      const readdir = (async (...given: Parameters<typeof files.readdir>) => {
        if (String(given[0]) === watched.folder && written < 20) {
          expect(watched.intake.submissions).to.have.length(0);
          appendFileSync(path, `${csvRow(`E${String(written)}`)}\n`);
          written += 1;
        }
        return files.readdir(...given);
      }) as unknown as typeof files.readdir;
      await watched.open({ fs: { readdir } }).start();
      await waitFor('the file, now whole', () => watched.names('archive').length === 1);
      expect(written).to.equal(20);
      expect(ids()).to.have.length(20);
    });

    it('reads a file again that its writer goes on with after all, and then puts it away', async () => {
      let late = true;
      watched.intake.behaviour = (submission) => {
        if (late) appendFileSync(join(watched.folder, 'working', 'a.csv'), `${csvRow('E2')}\n`);
        late = false;
        return answerByMeaning(submission);
      };
      await archived('a.csv', `${HEADS}\n${csvRow('E1')}\n`);
      expect(ids().at(-1)).to.equal('E2');
      expect(watched.warnings.map(({ message }) => message)).to.deep.equal(['file was changed while it was read; it is read again']);
    });

    it('leaves alone what its name says is not finished or not for us, and empty files', async () => {
      for (const name of ['a.csv.tmp', '~$b.xlsx', '.c.csv', 'd.part', 'e.bak']) watched.put(name, `${HEADS}\n${csvRow('X')}\n`);
      watched.put('leer.csv', '');
      await watched.open({ settings: { ignore: ['.bak'] } }).start();
      watched.put('ok.csv', `${HEADS}\n${csvRow('E1')}\n`);
      await waitFor('the good one', () => watched.names('archive').length === 1);
      expect(ids()).to.deep.equal(['E1']);
      expect(watched.names()).to.have.length(6);
      renameSync(join(watched.folder, 'a.csv.tmp'), join(watched.folder, 'a.csv'));
      await waitFor('the one that was renamed when it was finished', () => watched.names('archive').includes('a.csv'));
    });

    it('waits for the marker where the site uses one, and removes it', async () => {
      await watched.open({ settings: { completeWhen: 'marker' } }).start();
      watched.put('a.csv', `${HEADS}\n${csvRow('E1')}\n`);
      watched.put('b.csv', `${HEADS}\n${csvRow('E2')}\n`);
      watched.put('b.csv.ready', '');
      await waitFor('the marked one', () => watched.names('archive').includes('b.csv'));
      expect(ids()).to.deep.equal(['E2']);
      expect(watched.names()).to.deep.equal(['a.csv']);
    });

    it('tries again while the writer holds the file, and says so once', async () => {
      let refused = 0;
      const rename: typeof files.rename = async (from, to) => {
        if (String(to).endsWith('a.csv') && refused < 3) {
          refused += 1;
          throw fault(refused % 2 === 0 ? 'EPERM' : 'EBUSY');
        }
        await files.rename(from, to);
      };
      await archived('a.csv', `${HEADS}\n${csvRow('E1')}\n`, { fs: { rename } });
      expect(refused).to.equal(3);
      expect(ids()).to.deep.equal(['E1']);
      expect(watched.warnings.map(({ fields }) => [fields['file'], fields['code']])).to.deep.equal([['a.csv', 'EBUSY']]);
    });

    it('reads files whose names are GBK bytes, and shows the name', async function () {
      if (process.platform === 'win32') this.skip();
      writeFileSync(Buffer.concat([Buffer.from(`${watched.folder}/`), iconv.encode('发药.csv', 'gbk')]), `${HEADS}\n${csvRow('E1')}\n`);
      await watched.open().start();
      await waitFor('the file', () => watched.names('archive').includes('发药.csv'));
      expect(ids()).to.deep.equal(['E1']);
    });

    it('never overwrites a file of the same name in the archive', async () => {
      await archived('a.csv', `${HEADS}\n${csvRow('E1')}\n`);
      watched.put('a.csv', `${HEADS}\n${csvRow('E2')}\n`);
      await waitFor('the second', () => watched.names('archive').length === 2);
      expect(watched.names('archive').filter((name) => /^\d+-[0-9a-f]{8}-a\.csv$/.test(name))).to.have.length(1);
    });
  });

  describe('faults', () => {
    it('reports a read-only folder clearly, by probe and in the log, and goes on when it is mended', async () => {
      let readOnly = true;
      const mkdir = (async (...given: Parameters<typeof files.mkdir>) => {
        if (readOnly) throw fault('EROFS');
        return files.mkdir(...given);
      }) as typeof files.mkdir;
      watched.put('a.csv', `${HEADS}\n${csvRow('E1')}\n`);
      const source = watched.open({ fs: { mkdir } });
      const [probe] = await source.probe();
      expect(probe?.ok).to.equal(false);
      expect(probe?.detail).to.contain('只读').and.to.contain('EROFS');
      await source.start();
      await waitFor('the warning', () => watched.warnings.length > 0);
      expect(watched.warnings[0]?.fields['advice']).to.contain('文件夹是只读的');
      readOnly = false;
      await waitFor('the file', () => ids().length === 1);
      expect((await source.probe())[0]?.ok).to.equal(true);
    });

    it('starts without the folder, which may be a share that is away, and says so', async () => {
      rmSync(watched.folder, { recursive: true });
      const source = watched.open();
      await source.start();
      await waitFor('the warning', () => watched.warnings.some(({ fields }) => fields['code'] === 'ENOENT'));
      expect((await source.probe())[0]?.detail).to.contain('文件夹不存在');
      mkdirSync(watched.folder);
      watched.put('a.csv', `${HEADS}\n${csvRow('E1')}\n`);
      await waitFor('the file', () => ids().length === 1);
    });

    it('refuses a configuration in which the folders are not four', async () => {
      const source = watched.open({ settings: { archive: watched.folder } });
      expect(await source.start().then(() => '', (error: unknown) => String(error))).to.match(/CONFIG_INVALID.*四个不同的文件夹/);
    });

    it('keeps offering a record that the store cannot take, and takes the file when it can', async () => {
      let away = 3;
      watched.intake.behaviour = (submission) => {
        if (away > 0) {
          away -= 1;
          return { kind: 'unavailable', refusal: refusal('STORE_FULL'), retryAfterMs: 5 };
        }
        return answerByMeaning(submission);
      };
      await archived('a.csv', `${HEADS}\n${csvRow('E1')}\n${csvRow('E2')}\n`);
      expect(new Set(ids())).to.deep.equal(new Set(['E1', 'E2']));
      expect(away).to.equal(0);
    });

    it('hands a return over only after its dispense is stored', async () => {
      const order: string[] = [];
      watched.intake.behaviour = async (submission) => {
        if (submission.record.controlId !== 'R1') await new Promise((resolve) => { setImmediate(resolve); });
        order.push(submission.record.controlId);
        return answerByMeaning(submission);
      };
      await archived('a.csv', [`${HEADS},业务类型`, `${csvRow('D1')},发药`, `${csvRow('D2')},发药`, `${csvRow('R1')},退药`].join('\n'));
      expect(order.at(-1)).to.equal('R1');
    });

    for (const [where, when] of [['between pick-up and archive', 'archive'], ['in the middle of the file', 'middle']] as const) {
      it(`makes duplicates, not doubles, when it ended ${where} and the file is read again`, async () => {
        const hospital = await openTestHospital([]);
        try {
          const rows = Array.from({ length: 40 }, (_, at) => csvRow(at % 10 === 9 ? '' : `E${String(at)}`, { code: at % 7 === 3 ? '8.9E+19' : packCode(at + 1) }));
          const counters = createCounters(hospital.driver);
          const rename: typeof files.rename = async (from, to) => {
            if (String(to).includes('archive')) throw fault('EIO');
            await files.rename(from, to);
          };
          let taken = 0;
          const first = watched.open({
            counters, settings: { maxInFlight: 4 }, fs: when === 'archive' ? { rename } : {},
            intake: { submit: (record, meaning) => { taken += 1; return when === 'middle' && taken > 15 ? Promise.resolve({ kind: 'unavailable', refusal: refusal('STOPPING'), retryAfterMs: 10_000 }) : hospital.intake.submit(record, meaning); } },
          });
          watched.put('a.csv', [HEADS, ...rows].join('\n'));
          await first.start();
          await waitFor('the first life to get there', () => (when === 'archive' ? watched.warnings.some(({ fields }) => fields['code'] === 'EIO') : taken > 15));
          await first.stop();
          expect(watched.names('working')).to.deep.equal(['a.csv']);
          await watched.open({ counters, intake: hospital.intake }).start();
          await waitFor('the second life to finish', () => watched.names('archive').includes('a.csv'));
          const bad = rows.filter((row) => row.includes('8.9E+19')).length;
          expect(await hospital.rows('SELECT count(*) AS n FROM event')).to.deep.equal([{ n: 40 - bad }]);
          expect(await hospital.rows(`SELECT count(*) AS n FROM record WHERE state = 'quarantined'`)).to.deep.equal([{ n: bad }]);
        } finally {
          await watched.clear();
          await hospital.stop();
        }
      });
    }
  });

  describe('size', () => {
    it('reads a csv of 50 MB piece by piece: no more than a few megabytes of it are held', async function () {
      this.timeout(120_000);
      const path = join(watched.folder, 'big.csv');
      const out = createWriteStream(path);
      out.write(`${HEADS},备注\n`);
      const note = 'x'.repeat(4_000);
      const total = 12_500;
      for (let at = 0; at < total; at += 1) if (!out.write(`${csvRow(`E${String(at)}`, { code: packCode(at) })},${note}\n`)) await once(out, 'drain');
      out.end();
      await once(out, 'close');
      setFlagsFromString('--expose-gc');
      const collect = runInNewContext('gc') as () => void;
      let seen = 0;
      let highest = 0;
      let base = 0;
      const intake = {
        submit: () => {
          seen += 1;
          if (seen % 1_000 === 1) {
            collect();
            const { heapUsed, external } = process.memoryUsage();
            if (seen === 1) base = heapUsed + external;
            highest = Math.max(highest, heapUsed + external - base);
          }
          return Promise.resolve({ kind: 'taken' as const, events: [] });
        },
      };
      await watched.open({ intake }).start();
      await waitFor('the big file', () => watched.names('archive').includes('big.csv'), 100_000);
      expect(seen).to.equal(total);
      expect(highest).to.be.below(16 * 1024 * 1024);
    });

    it('cuts a text into pieces anywhere, also inside a character', async () => {
      const bytes = iconv.encode('药品追溯码㛃'.repeat(50), 'gb18030');
      const pieces = async function* (size: number): AsyncIterable<Uint8Array> {
        for (let at = 0; at < bytes.length; at += size) {
          await Promise.resolve();
          yield bytes.subarray(at, at + size);
        }
      };
      for (const size of [1, 2, 3, 7]) {
        expect((await measure(pieces(size), 'auto')).charset).to.equal('gb18030');
        let text = '';
        for await (const piece of decoded(pieces(size), 'gb18030')) text += piece;
        expect(text).to.equal('药品追溯码㛃'.repeat(50));
      }
    });

    it('refuses files over the limits, as whole files', async () => {
      watched.put('big.csv', `${HEADS}\n${csvRow('E1', { code: code('E1') })}\n`.padEnd(3_000, ' '));
      await watched.open({ settings: { maxFileBytes: 2_000 } }).start();
      await waitFor('the file to be set aside', () => watched.names('quarantine').includes('big.csv'));
      expect(readdirSync(foldersOf({ folder: watched.folder } as never).working)).to.deep.equal([]);
    });
  });
});
