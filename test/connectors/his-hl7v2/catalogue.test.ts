import { expect } from 'chai';
import { createCatalogueIntake } from '../../../adapter/catalogue/catalogue-intake.ts';
import { DrugCatalogue, saveDrugs } from '../../../adapter/catalogue/drug-store.ts';
import type { Drug } from '../../../adapter/domain/drug.ts';
import { TraceError } from '../../../adapter/domain/error.ts';
import { systemClock } from '../../../adapter/ops/system-clock.ts';
import { silentLog } from '../../../adapter/ports/log.ts';
import type { SqlDriver } from '../../../adapter/ports/sql-driver.ts';
import { createCounters } from '../../../adapter/store/counters.ts';
import { migrate } from '../../../adapter/store/migrate.ts';
import { Numbers } from '../../../adapter/store/numbers.ts';
import { Hl7Source } from '../../../connectors/his-hl7v2/source.ts';
import { neusoft } from '../../../mappings/neusoft/index.ts';
import { standard } from '../../../mappings/standard/index.ts';
import { FakeIntake } from '../../support/fake-intake.ts';
import { HL7_DEFAULTS } from '../../support/hl7-source.ts';
import { memoryCounters } from '../../support/memory-counters.ts';
import { MllpClient } from '../../support/mllp-client.ts';
import { onEachStore } from '../../support/stores.ts';

const HOME = 'H35010200001';

interface Msg { readonly id: string; readonly event?: string; readonly level?: string; readonly mode?: string; readonly segments: readonly string[] }
const mfn = ({ id, event = 'M01', level = '', mode = 'UPD', segments }: Msg): string =>
  [`MSH|^~\\&|PHARM|${HOME}|TRACE|CENTER|20261122093105||MFN^${event}|${id}|P|2.4|||||||`, `MFI|Drug^药品信息^HIS||${mode}|||${level}`, ...segments].join('\r');
const z06 = (fields: Readonly<Record<number, string>>): string => `Z06|${Array.from({ length: 61 }, (_, at) => fields[at + 1] ?? '').join('|')}`;
const AMOXICILLIN = z06({ 1: 'YP1', 2: '阿莫西林胶囊', 13: 'XJ01CAA040E001010104589', 19: '0.25g*24粒', 20: '12.5', 22: '盒', 23: '24', 24: '粒', 25: '胶囊剂', 35: '1', 42: '示范药业', 43: '国药准字H10000001' });

onEachStore((open) => {
  describe('HL7 source: drug catalogue by MFN', () => {
    let driver: SqlDriver;
    let replanned: string[][];
    let replanning: () => Promise<void>;
    const running: { source: Hl7Source; client: MllpClient }[] = [];
    const catalogue = new DrugCatalogue();
    const drugOf = (id: string): Promise<Drug | undefined> => driver.read(async (q) => (await catalogue.lookup(q, HOME, [id])).get(id));
    const records = (): Promise<unknown[]> => driver.read((q) => q.all('SELECT control_id, state, error_field, detail FROM record ORDER BY record_no'));

    beforeEach(async () => {
      driver = await open();
      await migrate(driver);
      replanned = [];
      replanning = () => Promise.resolve();
    });
    afterEach(async () => {
      for (const { source, client } of running.splice(0)) {
        client.close();
        await source.stop();
      }
    });
    const listen = async (mapping = standard): Promise<(text: string) => Promise<string>> => {
      const deps = {
        name: 'his-hl7', settings: HL7_DEFAULTS, mapping, institutions: [{ code: HOME, name: '示范医院', region: '350102' }], intake: new FakeIntake(), counters: memoryCounters(), clock: systemClock,
        log: silentLog, count: (): void => undefined,
        catalogue: createCatalogueIntake({
          driver, numbers: new Numbers(createCounters(driver)), clock: systemClock, log: silentLog, count: () => undefined,
          replan: async (institution, drugs) => { await replanning(); replanned.push([institution, ...drugs]); },
        }),
      };
      const source = new Hl7Source(deps);
      await source.start();
      const client = await MllpClient.open(Number(new URL(source.address()).port));
      running.push({ source, client });
      return (text) => client.ask(Buffer.from(text));
    };

    it('adds a drug from the Z06 segment of Neusoft-family senders, whatever the mapping, and plans waiting reports again', async () => {
      for (const mapping of [standard, neusoft]) {
        const ask = await listen(mapping);
        expect(await ask(mfn({ id: `A-${mapping.name}`, segments: [`MFE|MAD|||YP1|CE`, AMOXICILLIN] }))).to.contain(`MSA|AA|A-${mapping.name}`);
      }
      expect(await drugOf('YP1')).to.deep.equal({
        drug: 'YP1', name: '阿莫西林胶囊', spec: '0.25g*24粒', form: '胶囊剂', manufacturer: '示范药业', approvalNo: '国药准字H10000001', medListCode: 'XJ01CAA040E001010104589',
        packUnit: '盒', smallestUnit: '粒', unitsPerPack: 24, price: '12.5',
      });
      expect(replanned).to.deep.equal([[HOME, 'YP1']]);
      expect(await records()).to.deep.equal([
        { control_id: 'A-standard', state: 'noted', error_field: null, detail: '药品目录：新增 1' },
        { control_id: 'A-neusoft', state: 'noted', error_field: null, detail: '药品目录：无变化 1' },
      ]);
    });

    it('changes only the members that are named: what a person imported stays; "" takes a member away', async () => {
      await saveDrugs(driver, HOME, [{ drug: 'YP1', name: '旧名', prefixUnit: '8999001', unitsPerPack: 12, price: '9', gtin: '06901234567892' }], 1);
      const ask = await listen();
      expect(await ask(mfn({ id: 'U1', segments: ['MFE|MUP|||YP1|CE', 'ZMD|YP1|新名||||||||粒|24|||||||""|8.50'] }))).to.contain('MSA|AA|U1');
      expect(await drugOf('YP1')).to.deep.equal({ drug: 'YP1', name: '新名', smallestUnit: '粒', unitsPerPack: 24, prefixUnit: '8999001', price: '8.5' });
    });

    it('keeps a drug that the HIS closes or deletes, marked, and opens it again', async () => {
      await saveDrugs(driver, HOME, [{ drug: 'YP1', name: '阿莫西林' }, { drug: 'YP2', name: '头孢' }, { drug: 'YP3', name: '维C' }], 1);
      const ask = await listen();
      await ask(mfn({ id: 'D1', segments: ['MFE|MDC|||YP1|CE', 'MFE|MDL|||YP2|CE', 'MFE|MUP|||YP3|CE', z06({ 1: 'YP3', 35: '0' }), 'MFE|MDL|||YP99|CE'] }));
      for (const id of ['YP1', 'YP2', 'YP3']) expect(await drugOf(id), id).to.have.property('inactive', true);
      expect(await drugOf('YP99')).to.equal(undefined);
      await ask(mfn({ id: 'D2', segments: ['MFE|MAC|||YP1|CE', 'MFE|MUP|||YP2^头孢克肟|CE', 'MFE|MAD|||YP3|CE'] }));
      expect(await drugOf('YP1')).to.deep.equal({ drug: 'YP1', name: '阿莫西林' });
      expect(await drugOf('YP2')).to.deep.equal({ drug: 'YP2', name: '头孢克肟', inactive: true });
      expect(await drugOf('YP3')).to.deep.equal({ drug: 'YP3', name: '维C' });
    });

    it('takes the good entries and refuses the bad ones by name, and tells each in the MFK that MFI-6 asks for', async () => {
      const ask = await listen();
      const segments = [
        'MFE|MAD|C1||YP1|CE', 'ZMD|YP1|阿莫西林',
        'MFE|MAD|C2||YP2|CE', 'ZMD|YP2|头孢|||||||盒|支|五',
        'MFE|MUP|C3||YP3|CE',
        'MFE|MZZ|C4||YP4|CE',
        'MFE|MAD|C5||YP5|CE', 'ZMD|YP6|维C',
      ];
      const all = await ask(mfn({ id: 'B1', level: 'AL', segments }));
      expect(all).to.match(/MSH\|[^\r]*\|MFK\^M01\^MFK_M01\|/);
      expect(all).to.contain('MSA|AE|B1|HL7_FIELD_INVALID').and.to.contain('（ZMD[2]-11=五）').and.to.contain('第 2 条（药品编码 YP2）').and.to.contain('共 5 条，其中 4 条未接收');
      expect(all).to.contain('MFI|Drug^药品信息^HIS||UPD|||AL');
      const mfas = [...all.matchAll(/MFA\|(\w+)\|(\w+)\|\d{14}\|(\w)\^([^|]*)\|(\w+)\|CE/g)].map(([, event, no, result, text, key]) => [event, no, result, key, (text ?? '').replace(/ .*/, '')].join(' '));
      expect(mfas).to.deep.equal([
        'MAD C1 S YP1 ^HL70181', 'MAD C2 U YP2 HL7_FIELD_INVALID', 'MUP C3 U YP3 HL7_FIELD_INVALID', 'MZZ C4 U YP4 HL7_FIELD_INVALID', 'MAD C5 U YP5 HL7_FIELD_INVALID',
      ]);
      expect((await drugOf('YP1'))?.name).to.equal('阿莫西林');
      for (const id of ['YP2', 'YP3', 'YP4', 'YP5', 'YP6']) expect(await drugOf(id)).to.equal(undefined);
      const errors = await ask(mfn({ id: 'B2', level: 'ER', segments: segments.slice(0, 4) }));
      expect([...errors.matchAll(/MFA\|\w+\|(\w+)/g)].map(([, no]) => no)).to.deep.equal(['C2']);
      for (const level of ['NE', '']) expect(await ask(mfn({ id: `B3${level}`, level, segments: segments.slice(0, 2) }))).to.match(/\|ACK\^M01\^ACK\|/).and.not.contain('MFA');
      expect(await records()).to.have.length(4);
    });

    it('changes nothing when a message comes again, also after a newer one about the same drug', async () => {
      const ask = await listen();
      const first = mfn({ id: 'R1', segments: ['MFE|MAD|||YP1|CE', 'ZMD|YP1|旧名'] });
      await ask(first);
      await ask(mfn({ id: 'R2', segments: ['MFE|MUP|||YP1|CE', 'ZMD|YP1|新名'] }));
      expect(await ask(first)).to.contain('MSA|AA|R1');
      expect((await drugOf('YP1'))?.name).to.equal('新名');
      expect(await records()).to.have.length(2);
      expect(await ask(first.replace('旧名', '别名'))).to.contain('MSA|AE|R1|EVENT_CONFLICT');
      expect((await drugOf('YP1'))?.name).to.equal('新名');
    });

    it('takes under the same number what was refused in part and mended', async () => {
      const ask = await listen();
      expect(await ask(mfn({ id: 'M1', segments: ['MFE|MAD|||YP1|CE', 'ZMD|YP1|阿莫西林', 'MFE|MAD|||YP2|CE'] }))).to.contain('MSA|AE|M1');
      expect(await ask(mfn({ id: 'M1', segments: ['MFE|MAD|||YP1|CE', 'ZMD|YP1|阿莫西林', 'MFE|MAD|||YP2^头孢|CE'] }))).to.contain('MSA|AA|M1');
      expect((await drugOf('YP2'))?.name).to.equal('头孢');
      expect((await records() as { state: string }[]).map(({ state }) => state)).to.deep.equal(['superseded', 'noted']);
    });

    it('does not acknowledge before the waiting reports are planned again: the sender sends again, and they are planned then', async () => {
      const ask = await listen();
      const text = mfn({ id: 'P1', segments: ['MFE|MAD|||YP1|CE', 'ZMD|YP1|阿莫西林'] });
      replanning = () => Promise.reject(new TraceError('STORE_UNAVAILABLE'));
      expect(await ask(text)).to.contain('MSA|AE|P1|STORE_UNAVAILABLE');
      expect(replanned).to.deep.equal([]);
      replanning = () => Promise.resolve();
      expect(await ask(text)).to.contain('MSA|AA|P1');
      expect(replanned).to.deep.equal([[HOME, 'YP1']]);
    });

    it('reads M13 keys and M15 inventory items, and refuses other master files, whole replacements and times to come', async () => {
      const ask = await listen();
      expect(await ask(mfn({ id: 'K1', event: 'M13', segments: ['MFE|MAD|||YP1^阿莫西林|CE'] }))).to.contain('MSA|AA|K1');
      expect(await ask(mfn({ id: 'K2', event: 'M15', segments: ['MFE|MAD|||YP2|CE', 'IIM|YP2^头孢||A2401|20271231|M^示范药业||||||20261122|100|BX'] }))).to.contain('MSA|AA|K2');
      expect(await drugOf('YP2')).to.deep.equal({ drug: 'YP2', name: '头孢', manufacturer: '示范药业', packUnit: 'BX' });
      expect(await ask(mfn({ id: 'K3', segments: ['MFE|MAD|||S1^医生|CE'] }).replace('Drug^药品信息^HIS', 'PRA'))).to.contain('MSA|AR|K3|HL7_TYPE_UNSUPPORTED');
      expect(await ask(mfn({ id: 'K4', mode: 'REP', segments: ['MFE|MAD|||YP1^A|CE'] }))).to.match(/MSA\|AE\|K4\|HL7_FIELD_INVALID .*MFI-3=REP/);
      expect(await ask(mfn({ id: 'K5', segments: [`MFE|MAD||20991231|YP5^A|CE`] }))).to.match(/MSA\|AE\|K5\|HL7_FIELD_INVALID .*MFE-3=20991231/);
      expect(await ask(mfn({ id: 'K6', segments: [] }))).to.contain('MSA|AE|K6|HL7_SEGMENT_MISSING');
    });
  });
});
