import { expect } from 'chai';
import type { Difference } from '../../adapter/dry-run/difference.ts';
import { packCode } from '../support/test-hospital.ts';
import { configOf, configText, FilledStore, row } from './fixture.ts';

const CODE = packCode(1);
const OTHER = packCode(2);
const changed = (yaml: string): ReturnType<typeof configOf> => configOf(configText('mappingFile: "m.yaml"'), { 'm.yaml': yaml });
const kindsOf = (found: readonly { readonly differences: readonly Difference[] }[]): readonly string[] => [...new Set(found.flatMap(({ differences }) => differences.map(({ kind }) => kind)))].sort();

describe('dry run', () => {
  let store: FilledStore;
  beforeEach(async () => { store = await new FilledStore().open(); });
  afterEach(async () => { await store.remove(); });

  it('shows what another quantity does to the line, its conversion and the code, and says nothing about lines that stay', async () => {
    await store.take(row('R1', { EVENT_KIND: 'receipt', TRACE_CODES: CODE }));
    await store.take(row('D1', { TRACE_CODES: CODE, PACKS: '2' }));
    await store.take(row('D2', { TRACE_CODES: OTHER }));
    const { found } = await store.dryRun(changed('overrides:\n  lines:\n    fields:\n      line.quantity: { from: [PACKS, QUANTITY] }\n'));
    expect(found.map(({ eventId }) => eventId)).to.deep.equal(['D1']);
    expect(found[0]?.differences).to.deep.include.members([
      { kind: 'field', what: 'quantity', lineNo: '1', before: '1', after: '2' }, { kind: 'quantity', what: 'units', lineNo: '1', before: '12', after: '24' },
    ]);
    expect(kindsOf(found)).to.include('finding');
  });

  it('names the code that would be read and the one that would not, with what the ledger knows of each', async () => {
    await store.take(row('R1', { EVENT_KIND: 'receipt', TRACE_CODES: CODE }));
    await store.take(row('D1', { TRACE_CODES: CODE, ZSM2: OTHER }));
    const { found } = await store.dryRun(changed('overrides:\n  lines:\n    fields:\n      line.codes: { from: ZSM2, convert: codes }\n'), { selection: { institution: 'H35010200001', limit: 10, kind: 'dispense' } });
    expect(found[0]?.differences.filter(({ kind }) => kind === 'code')).to.deep.equal([
      { kind: 'code', what: 'ledger', lineNo: '1', code: CODE, before: 'in-stock→dispensed' }, { kind: 'code', what: 'ledger', lineNo: '1', code: OTHER, after: 'unseen→dispensed' },
    ]);
    expect(found[0]?.differences.filter(({ kind }) => kind === 'report').map(({ what }) => what)).to.deep.equal(['insurance 3505', 'insurance 3505']);
    expect(found[0]?.differences.filter(({ kind }) => kind === 'finding')).to.deep.equal([{ kind: 'finding', what: 'CODE_NOT_IN_STOCK', lineNo: '1', code: OTHER, after: 'warn' }]);
  });

  it('sees the ledger as it was: split packs, returns, voids and what had gone out by then give no difference', async () => {
    await store.take(row('R1', { EVENT_KIND: 'receipt', TRACE_CODES: `${CODE} ${OTHER}`, QUANTITY: '2' }));
    await store.take(row('O1', { EVENT_KIND: 'split-open', TRACE_CODES: CODE, IS_SPLIT: '1' }));
    await store.take(row('S1', { QUANTITY: '5', UNIT: '片', IS_SPLIT: '1' }));
    await store.take(row('D1', { TRACE_CODES: OTHER }));
    await store.sendAll();
    await store.take(row('S2', { QUANTITY: '7', UNIT: '片', IS_SPLIT: '1' }));
    await store.take(row('B1', { EVENT_KIND: 'dispense-return', REFERS: 'D1', TRACE_CODES: OTHER }));
    await store.take(row('B2', { EVENT_KIND: 'dispense-return', REFERS: 'S1', QUANTITY: '2', UNIT: '片', IS_SPLIT: '1' }));
    await store.take(row('D2', { TRACE_CODES: OTHER }));
    await store.take({ EVENT_ID: 'V1', ROW_ID: 'V1-1', EVENT_KIND: 'void', OCCURRED_AT: '2026-11-22 10:00:00', REFERS: 'D2' });
    await store.sendAll();
    for (const selection of [{ limit: 100 }, { limit: 4 }, { limit: 3, kind: 'dispense' as const }, { limit: 1 }]) {
      const run = await store.dryRun(configOf(configText()), { selection: { institution: 'H35010200001', ...selection } });
      expect(run.found, JSON.stringify(selection)).to.deep.equal([]);
      expect(run.events, JSON.stringify(selection)).to.be.greaterThan(0);
    }
  });

  it('shows that a record kept in quarantine would be taken with the mended mapping, and the other way round', async () => {
    await store.take(row('D1', { UNIT: null, PACK_UNIT: '盒', TRACE_CODES: CODE }));
    await store.take(row('D2', { TRACE_CODES: OTHER }));
    const mended = await store.dryRun(changed('overrides:\n  lines:\n    fields:\n      line.unit: { from: [UNIT, PACK_UNIT] }\n'));
    expect(mended.found.map(({ eventId }) => eventId)).to.deep.equal(['D1']);
    expect(mended.found[0]?.differences[0]).to.deep.include({ kind: 'record', after: 'taken D1' }).and.have.property('before').that.matches(/^quarantined EVENT_INVALID/);
    const broken = await store.dryRun(changed('overrides:\n  lines:\n    fields:\n      line.unit: { from: NO_SUCH }\n'));
    expect(broken.found.find(({ eventId }) => eventId === 'D2')?.differences[0]).to.deep.include({ kind: 'record', before: 'taken' }).and.have.property('after').that.matches(/^quarantined/);
  });

  it('lists which reports another destination would be sent', async () => {
    await store.take(row('D1', { TRACE_CODES: CODE }));
    const two = configOf(configText('', `destinations:
  insurance: { connector: nhsa, baseUrl: "http://127.0.0.1:9", signIn: false, operator: { type: "1", code: "001", name: 系统 } }
  second: { connector: nhsa, baseUrl: "http://127.0.0.1:9", signIn: false, operator: { type: "1", code: "001", name: 系统 } }
`));
    const { found } = await store.dryRun(two);
    expect(found).to.have.length(1);
    expect(found[0]?.differences).to.deep.equal([{ kind: 'report', what: 'second 3505', lineNo: '1', after: `goes lines=1 codes=${CODE}` }]);
  });

  it('shows what a new catalogue says of the drugs concerned, and an exclusion that comes with it', async () => {
    await store.take(row('D1', { TRACE_CODES: CODE }));
    const { found } = await store.dryRun(configOf(configText()), { drugs: [{ drug: 'YP1', name: '演示片', packUnit: '盒', smallestUnit: '片', unitsPerPack: 12, exemption: 'slices' }] });
    const differences = found[0]?.differences ?? [];
    expect(differences.filter(({ kind }) => kind === 'catalogue').map(({ what }) => what)).to.include('YP1.exemption');
    expect(differences.some(({ kind }) => kind === 'exclusion')).to.equal(true);
  });

  it('plays a given file in place of what is stored, and tells what would be new', async () => {
    await store.take(row('D1', { TRACE_CODES: CODE }));
    const bytes = Buffer.from(JSON.stringify([row('D1', { TRACE_CODES: CODE, LOCATION: '急诊药房' }), row('D9', { TRACE_CODES: OTHER })]));
    const { found } = await store.dryRun(configOf(configText()), { files: [{ name: 'rows.json', bytes }], fileSource: 'his-db' });
    expect(found.map(({ eventId }) => eventId)).to.deep.equal(['D1', 'D9']);
    expect(found[0]?.differences).to.deep.equal([{ kind: 'field', what: 'location', before: '西药房', after: '急诊药房' }]);
    expect(found[1]?.differences).to.deep.equal([{ kind: 'event', what: 'dispense', after: 'lines=1 codes=1 reports=insurance 3505' }]);
  });

  it('reads event JSON, and says in one sentence what it cannot read', async () => {
    const event = { id: 'J1', source: 'his', institution: 'H35010200001', kind: 'dispense', occurredAt: '2026-11-22T09:31:05+08:00', lines: [{ lineNo: '1', drug: 'YP1', quantity: '1', unit: '盒', split: false, codes: [CODE] }] };
    const json = await store.dryRun(configOf(configText()), { files: [{ name: 'a.ndjson', bytes: Buffer.from(`${JSON.stringify(event)}\n${JSON.stringify({ ...event, id: 'J2' })}\n`) }] });
    expect(json.found.map(({ eventId }) => eventId)).to.deep.equal(['J1', 'J2']);
    const failed = await store.dryRun(configOf(configText()), { files: [{ name: 'a.txt', bytes: Buffer.from('MSH|') }] }).catch((error: unknown) => error);
    expect(failed).to.have.property('code', 'USAGE');
  });

  it('says which records it could compare in part only', async () => {
    await store.take(row('D1', { TRACE_CODES: CODE }));
    await store.take(row('D2', { TRACE_CODES: OTHER }));
    await store.run(`UPDATE record SET body = ? WHERE control_id = 'D1'`, new Uint8Array());
    expect(await store.dryRun(changed('overrides:\n  lines:\n    fields:\n      location: ~\n'))).to.deep.include({ differing: 1, notComparable: { cleared: 1 } });
    expect(await store.dryRun(configOf(configText().replace('his-db:', 'other:')))).to.deep.include({ differences: 0, notComparable: { 'cleared': 1, 'no-source': 1 } });
  });

  it('compares people’s data without showing it', async () => {
    await store.take(row('D1', { TRACE_CODES: CODE, PATIENT_NAME: '甲', NAME2: '乙' }));
    const { found } = await store.dryRun(changed('overrides:\n  lines:\n    fields:\n      patient.name: { from: NAME2 }\n'));
    expect(found[0]?.differences).to.deep.equal([{ kind: 'field', what: 'patient.name', before: '***', after: '***' }]);
  });

  it('refuses a store that is not there, and never makes one', async () => {
    const failed = await store.dryRun(configOf(configText()), { storeUrl: `file:${store.folder}/none.db` }).catch((error: unknown) => error);
    expect(failed).to.have.property('code', 'STORE_UNAVAILABLE');
  });
});
